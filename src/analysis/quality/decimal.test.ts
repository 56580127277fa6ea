import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { add, formatDecimal, isNear, multiply, parseDecimal, subtract } from './decimal.ts';

describe('amounts are read as people write them', () => {
  test.each([
    [0.1, '0.1'],
    [1e21, '1000000000000000000000'],
    [1.5e-7, '0.00000015'],
    ['1234.50', '1234.5'],
    ['$1,234.50', '1234.5'],
    ['1.234,50 €', '1234.5'],
    ['€ 1.234,50', '1234.5'],
    ["1'234.50 CHF", '1234.5'],
    ['USD 12', '12'],
    ['1,234', '1234'],
    ['12,5', '12.5'],
    ['1.234.567', '1234567'],
    ['(12.00)', '-12'],
    ['-$5', '-5'],
    ['1 234,5', '1234.5'],
  ])('%s', (value, text) => {
    expect(formatDecimal(parseDecimal(value)!)).toBe(text);
  });

  test.each([
    'twelve',
    '',
    '12 apples',
    '1,2,3',
    '1.2.3',
    '(12',
    Number.NaN,
    Number.POSITIVE_INFINITY,
    null,
    true,
    '9'.repeat(60),
    '1e400',
  ])('%s is no amount', (value) => {
    expect(parseDecimal(value)).toBeUndefined();
  });
});

const cents = fc.integer({ min: -1e12, max: 1e12 });

test('sums, differences and products are those of whole cents', () => {
  const of = (value: number) => parseDecimal((value / 100).toFixed(2))!;
  fc.assert(
    fc.property(cents, cents, (a, b) => {
      expect(add(of(a), of(b)).units).toBe(BigInt(a) + BigInt(b));
      expect(subtract(of(a), of(b)).units).toBe(BigInt(a) - BigInt(b));
      expect(multiply(of(a), of(b)).units).toBe(BigInt(a) * BigInt(b));
    }),
  );
});

test('a tolerance is held to the last digit', () => {
  const of = (text: string) => parseDecimal(text)!;
  expect(isNear(of('0.3'), of('0.305'), of('0.005'))).toBe(true);
  expect(isNear(of('0.3'), of('0.3050000001'), of('0.005'))).toBe(false);
});
