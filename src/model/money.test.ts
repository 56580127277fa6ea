import { assert, bigInt, property } from 'fast-check';
import { describe, expect, test } from 'vitest';

import { formatDollars, fromDollars, parseDollars, toDollars } from './money.ts';

describe('money', () => {
  test('decimal text becomes whole picodollars, rounded half up beyond the twelfth digit', () => {
    expect(
      ['0.0375', '3', '-0.5', '0.0000000000005', '0.00000000000049'].map(parseDollars),
    ).toEqual([37_500_000_000n, 3_000_000_000_000n, -500_000_000_000n, 1n, 0n]);
  });

  test('what is no plain decimal is undefined', () => {
    expect(['', '1e-6', '.5', '1,5', 'NaN', '--1'].map(parseDollars)).toEqual(
      Array.from({ length: 6 }, () => undefined),
    );
  });

  test('a reported double is taken to the picodollar, and nonsense is not taken', () => {
    expect([0.0123, 1e-7, Number.NaN, Number.POSITIVE_INFINITY, 1e9].map(fromDollars)).toEqual([
      12_300_000_000n,
      100_000n,
      undefined,
      undefined,
      undefined,
    ]);
  });

  test('what was formatted parses to the same', () => {
    assert(
      property(bigInt({ min: -(10n ** 18n), max: 10n ** 18n }), (amount) => {
        expect(parseDollars(formatDollars(amount))).toBe(amount);
        expect(Math.abs(toDollars(amount) - Number(amount) / 1e12)).toBeLessThan(1e-9);
      }),
    );
  });
});
