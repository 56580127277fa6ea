import * as fc from 'fast-check';
import { expect, test } from 'vitest';

import { deviation, DEVIATION_MAX, mixDivergence, rateOf, summarize } from './baseline.ts';

const RULES = { minimumSamples: 3, minimumSpread: { absolute: 0, relative: 0 } };
const finite = fc.double({ noNaN: true, noDefaultInfinity: true });
const moderate = fc.double({ min: -1e9, max: 1e9, noNaN: true });
const counts = fc.dictionary(
  fc.constantFrom('read', 'write', 'search', '__proto__', 'constructor'),
  fc.double({ min: 0, max: 1e308, noNaN: true }),
);

test('summarizes values as by hand', () => {
  expect(summarize([2, 4, 4, 4, 5, 5, 7, 9])).toEqual({
    n: 8,
    mean: 5,
    standardDeviation: Math.sqrt(32 / 7),
    median: 4.5,
    medianDeviation: 0.5,
    min: 2,
    max: 9,
  });
  expect(summarize([0.3])).toEqual({
    n: 1,
    mean: 0.3,
    standardDeviation: null,
    median: 0.3,
    medianDeviation: 0,
    min: 0.3,
    max: 0.3,
  });
});

test('passes over what is no number, and says nothing of nothing', () => {
  expect(summarize([Number.NaN, 1, Number.POSITIVE_INFINITY, 3])).toEqual(summarize([1, 3]));
  expect(summarize([Number.NaN])).toBeUndefined();
  expect(summarize([])).toBeUndefined();
  expect(summarize([0, -0])).toEqual(summarize([-0, 0]));
});

test('a summary is finite, in order, and the same whatever the order of the values', () => {
  fc.assert(
    fc.property(fc.array(finite, { minLength: 1, maxLength: 40 }), (values) => {
      const summary = summarize(values)!;
      expect(summarize(values.toReversed())).toEqual(summary);
      expect(summary.n).toBe(values.length);
      expect(summary.min).toBe(values.reduce((a, b) => (b < a ? b : a)) + 0);
      for (const centre of [summary.mean, summary.median]) {
        expect(centre >= summary.min && centre <= summary.max).toBe(true);
      }
      for (const spread of [summary.medianDeviation, summary.standardDeviation ?? 0]) {
        expect(spread >= 0 && Number.isFinite(spread)).toBe(true);
      }
    }),
  );
});

test('a summary follows its values when they are moved and stretched', () => {
  const whole = fc.integer({ min: -1_000, max: 1_000 });
  fc.assert(
    fc.property(
      fc.array(whole, { minLength: 2, maxLength: 30 }),
      whole,
      fc.constantFrom(2, 0.5, 1_024),
      (values, shift, factor) => {
        const before = summarize(values)!;
        const after = summarize(values.map((value) => (value + shift) * factor))!;
        expect(after.mean).toBeCloseTo((before.mean + shift) * factor, 6);
        expect(after.median).toBe((before.median + shift) * factor);
        expect(after.medianDeviation).toBe(before.medianDeviation * factor);
        expect(after.standardDeviation).toBeCloseTo(before.standardDeviation! * factor, 6);
      },
    ),
  );
});

test('tells how many spreads a value is away', () => {
  const summary = summarize([8, 9, 10, 11, 12]);
  expect(deviation(13, summary, RULES)).toEqual({
    kind: 'known',
    robust: 3 / 1.482_602_218_505_602,
    classic: 3 / Math.sqrt(2.5),
  });
  expect(deviation(7, summary, RULES)).toMatchObject({ classic: -3 / Math.sqrt(2.5) });
});

test('one value far out does not hide the next from the robust measure', () => {
  const values = [...Array.from({ length: 29 }, (_, index) => 10 + (index % 3)), 10_000];
  const far = deviation(100, summarize(values), RULES);
  expect(far.kind === 'known' && far.robust > 50 && Math.abs(far.classic) < 1).toBe(true);
});

test('samples without variance do not hide a change, and do not make one of nothing', () => {
  const summary = summarize([5, 5, 5, 5]);
  expect(deviation(6, summary, RULES)).toEqual({
    kind: 'known',
    robust: DEVIATION_MAX,
    classic: DEVIATION_MAX,
  });
  expect(deviation(5, summary, RULES)).toEqual({ kind: 'known', robust: 0, classic: 0 });
  const spread = { ...RULES, minimumSpread: { absolute: 0.25, relative: 0.1 } };
  expect(deviation(6, summary, spread)).toEqual({ kind: 'known', robust: 2, classic: 2 });
});

test('says when it cannot tell, and why', () => {
  expect(deviation(1, undefined, RULES)).toEqual({
    kind: 'unknown',
    reason: 'no_baseline',
    detail: 'there is nothing to compare with',
  });
  expect(deviation(1, summarize([1, 2]), RULES)).toEqual({
    kind: 'unknown',
    reason: 'too_few_samples',
    detail: '2 samples of the 3 that it takes',
  });
  expect(deviation(1, summarize([1]), { ...RULES, minimumSamples: 0 })).toMatchObject({
    reason: 'too_few_samples',
  });
  expect(deviation(Number.NaN, summarize([1, 2, 3]), RULES)).toMatchObject({
    reason: 'not_a_number',
  });
});

test('a deviation has the sign of the difference and is bounded', () => {
  fc.assert(
    fc.property(fc.array(finite, { minLength: 3, maxLength: 20 }), finite, (values, value) => {
      const summary = summarize(values)!;
      const far = deviation(value, summary, RULES);
      if (far.kind !== 'known') throw new Error(far.reason);
      expect(Math.abs(far.robust) <= DEVIATION_MAX && Math.abs(far.classic) <= DEVIATION_MAX).toBe(
        true,
      );
      if (value > summary.max) expect(far.robust > 0 && far.classic > 0).toBe(true);
      if (value < summary.min) expect(far.robust < 0 && far.classic < 0).toBe(true);
    }),
  );
});

test('a larger minimum spread never makes a deviation larger', () => {
  fc.assert(
    fc.property(
      fc.array(moderate, { minLength: 3, maxLength: 20 }),
      moderate,
      fc.double({ min: 0, max: 1e6, noNaN: true }),
      (values, value, absolute) => {
        const summary = summarize(values);
        const tight = deviation(value, summary, RULES);
        const wide = deviation(value, summary, {
          minimumSamples: 3,
          minimumSpread: { absolute, relative: 0 },
        });
        if (tight.kind !== 'known' || wide.kind !== 'known') throw new Error('not known');
        expect(Math.abs(wide.robust)).toBeLessThanOrEqual(Math.abs(tight.robust));
        expect(Math.abs(wide.classic)).toBeLessThanOrEqual(Math.abs(tight.classic));
      },
    ),
  );
});

test('mixes of the same shares do not diverge, mixes with nothing in common wholly', () => {
  expect(mixDivergence({ read: 1, write: 3 }, { read: 10, write: 30 })).toBeCloseTo(0, 12);
  expect(mixDivergence({ read: 5 }, { write: 1 })).toBe(1);
  // ½·(1·log2(1/¾)) + ½·(½·log2(½/¾) + ½·log2(½/¼))
  expect(mixDivergence({ a: 1 }, { a: 1, b: 1 })).toBeCloseTo(0.311_278_124_459_133, 12);
  expect(mixDivergence({}, { a: 1 })).toBeUndefined();
  expect(mixDivergence({ a: 0 }, { a: 1 })).toBeUndefined();
});

test('a divergence is symmetric and between 0 and 1', () => {
  fc.assert(
    fc.property(counts, counts, (a, b) => {
      const there = mixDivergence(a, b);
      const back = mixDivergence(b, a);
      if (there === undefined) expect(back).toBeUndefined();
      else {
        expect(there).toBeCloseTo(back!, 12);
        expect(there >= 0 && there <= 1).toBe(true);
      }
    }),
  );
});

test('a rate of nothing is not 0', () => {
  expect(rateOf(1, 4)).toBe(0.25);
  expect(rateOf(0, 0)).toBeNull();
});
