import { expect, test } from 'vitest';

import type { AccountedCall } from './told-calls.ts';
import { toldTwice } from './told-calls.ts';

const SECOND_NS = 1_000_000_000n;
const call = (endS: number, rest: Partial<AccountedCall> = {}): AccountedCall => ({
  requestModel: 'm',
  responseModel: '',
  inputTokens: 100,
  outputTokens: 10,
  invalid: false,
  responseId: '',
  startNs: BigInt(endS) * SECOND_NS - SECOND_NS,
  durationNs: SECOND_NS,
  ...rest,
});

test('a record and a span with the same counts and the same end tell of one call', () => {
  const told = call(10);
  expect(toldTwice([told], [call(11, { durationNs: 5n, startNs: 11n * SECOND_NS })])).toEqual(
    new Set([told]),
  );
});

test('one span answers for one record, the nearest in time', () => {
  const [first, second] = [call(10), call(15)];
  expect(toldTwice([first, second], [call(16)])).toEqual(new Set([first]));
  expect(toldTwice([first, second], [call(16), call(9)])).toEqual(new Set([first, second]));
});

test('other counts, another model or another time are another call', () => {
  const spans = [
    call(10, { outputTokens: 11 }),
    call(10, { requestModel: 'other' }),
    call(21),
    call(10, { invalid: true }),
  ];
  expect(toldTwice([call(10)], spans)).toEqual(new Set());
});

test('a span that names no model is of any, and an answered model is as good as a requested one', () => {
  expect(toldTwice([call(10)], [call(10, { requestModel: '' })]).size).toBe(1);
  const dated = call(10, { requestModel: 'alias', responseModel: 'm' });
  expect(toldTwice([call(10)], [dated]).size).toBe(1);
});

test('what the provider named is one call by its name, and two of two names', () => {
  const [one, two] = ['resp_1', 'resp_2'].map((responseId) => call(10, { responseId }));
  expect(toldTwice([one!], [two!])).toEqual(new Set());
  expect(toldTwice([one!, two!], [call(500, { ...two, outputTokens: 0 })])).toEqual(new Set([two]));
  // A span answers for one record, by its name or by its counts.
  const unnamed = call(11);
  expect(toldTwice([one!, unnamed], [one!])).toEqual(new Set([one]));
  expect(toldTwice([one!], [unnamed])).toEqual(new Set([one]));
});

test('two equal calls without names, each told of by one side alone, are taken for one', () => {
  const [bySpan, byRecord] = [call(10), call(14)];
  expect(toldTwice([byRecord], [bySpan])).toEqual(new Set([byRecord]));
});
