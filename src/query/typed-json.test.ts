import * as fc from 'fast-check';
import { expect, test } from 'vitest';

import { parseTypedJson } from './typed-json.ts';

test.each([
  ['[]', { arrayValue: { values: [] } }],
  ['{}', { kvlistValue: { values: [] } }],
  [
    '[null,true,false,-9223372036854775808,1.0,1e+21,-0.0]',
    {
      arrayValue: {
        values: [
          {},
          { boolValue: true },
          { boolValue: false },
          { intValue: '-9223372036854775808' },
          { doubleValue: 1 },
          { doubleValue: 1e21 },
          { doubleValue: '-0' },
        ],
      },
    },
  ],
  ['[{"$bytes":"AAE="}]', { arrayValue: { values: [{ bytesValue: 'AAE=' }] } }],
  ['[{"$double":"NaN"}]', { arrayValue: { values: [{ doubleValue: 'NaN' }] } }],
  [
    '{"$$bytes":"a"}',
    { kvlistValue: { values: [{ key: '$bytes', value: { stringValue: 'a' } }] } },
  ],
  [
    '{"2":"b","1":"a","__proto__":"p","1":"again"}',
    {
      kvlistValue: {
        values: [
          { key: '2', value: { stringValue: 'b' } },
          { key: '1', value: { stringValue: 'a' } },
          { key: '__proto__', value: { stringValue: 'p' } },
          { key: '1', value: { stringValue: 'again' } },
        ],
      },
    },
  ],
  ['["1, \\"2\\": 3.5"]', { arrayValue: { values: [{ stringValue: '1, "2": 3.5' }] } }],
])('reads %s', (text, value) => {
  expect(parseTypedJson(text)).toEqual(value);
});

test.each([
  '',
  '[',
  '[1',
  '[1,]',
  '{"a"}',
  '{"a":1',
  '["a',
  '["\\',
  '[1] ',
  '[payload 00 has expired]',
  `${'['.repeat(200)}${']'.repeat(200)}`,
])('gives up on %j without an error', (text) => {
  expect(parseTypedJson(text)).toBeUndefined();
});

test('never throws, whatever the text, and takes no more time than its length', () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[[\]{}",:\\$0-9.eE+a-z-]{0,60}$/), (text) => {
      parseTypedJson(text);
    }),
    { numRuns: 2_000 },
  );
  expect(parseTypedJson(JSON.stringify(['x\\"'.repeat(500_000)]))).toBeDefined();
});
