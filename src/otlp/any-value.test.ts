import * as fc from 'fast-check';
import { expect, test } from 'vitest';

import { createEncoder } from '../../test/fixtures/otlp/protobuf-root.ts';
import { VALUE_KIND } from '../model/value-kind.ts';
import type { ValuePosition } from './any-value.ts';
import { formatDouble, formatInt64, scanAnyValue } from './any-value.ts';
import { formatValue } from './value-text.ts';

const encode = createEncoder();

function scan(value: object): { position: ValuePosition; text: string } {
  const buffer = encode('AnyValue', value);
  const position = { kind: 9, start: 9, end: 9, low: 9, high: 9, number: 9 };
  scanAnyValue(buffer, 0, buffer.length, position);
  return { position, text: formatValue(buffer, position) };
}

test('whole numbers of 64 bits are written in all their digits', () => {
  const any = fc.bigInt({ min: -(1n << 63n), max: (1n << 63n) - 1n });
  fc.assert(
    fc.property(any, (value) => {
      const bits = BigInt.asUintN(64, value);
      expect(formatInt64(Number(bits & 0xffffffffn), Number(bits >> 32n))).toBe(String(value));
      const { position, text } = scan({ intValue: String(value) });
      expect(position.kind).toBe(VALUE_KIND.int);
      expect(position.number).toBe(Number(value));
      expect(text).toBe(String(value));
    }),
  );
});

test('doubles are written so that they can be read again', () => {
  fc.assert(
    fc.property(fc.double(), (value) => {
      expect(Number(formatDouble(value))).toBe(value);
      expect(Number(scan({ doubleValue: value }).text)).toBe(value);
    }),
  );
});

test('values of every other kind are written as text', () => {
  expect(scan({ stringValue: 'Grüße' }).text).toBe('Grüße');
  expect(scan({ boolValue: true }).text).toBe('true');
  expect(scan({ boolValue: false }).text).toBe('false');
  expect(scan({ bytesValue: Buffer.from([0, 255]) }).text).toBe('AP8=');
  expect(scan({}).text).toBe('');
  expect(scan({}).position.kind).toBe(VALUE_KIND.empty);
});

test('lists keep the kinds of what is in them, and keys that begin with a dollar sign', () => {
  const values = [
    { intValue: 1 },
    { doubleValue: 1 },
    { doubleValue: -Infinity },
    { doubleValue: 1e300 },
    { stringValue: '"\u2028' },
    { bytesValue: Buffer.from('a') },
    { boolValue: false },
    {},
    { arrayValue: {} },
    { kvlistValue: {} },
    {
      kvlistValue: {
        values: [
          { key: '$bytes', value: { stringValue: 'x' } },
          { key: 'a', value: { arrayValue: { values: [{ intValue: -1 }] } } },
          { key: 'none' },
        ],
      },
    },
  ];
  expect(scan({ arrayValue: { values } }).text).toBe(
    '[1,1.0,{"$double":"-Infinity"},1e+300,"\\"\u2028",{"$bytes":"YQ=="},false,null,[],{},{"$$bytes":"x","a":[-1],"none":null}]',
  );
});
