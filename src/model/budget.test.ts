import { expect, test } from 'vitest';

import { forecastSpend, monthBounds, monthOf } from './budget.ts';

const DOLLAR = 10n ** 12n;

test('knows calendar months in UTC', () => {
  expect(monthOf(Date.UTC(2026, 11, 31, 23, 59))).toBe('2026-12');
  expect(monthBounds('2026-12')).toEqual({ fromMs: Date.UTC(2026, 11), toMs: Date.UTC(2027, 0) });
});

test('forecasts by the last seven whole days, fewer at the beginning of a month', () => {
  const daily = new Map([
    ['2026-10-31', 50n * DOLLAR],
    ['2026-11-01', 2n * DOLLAR],
    ['2026-11-02', 4n * DOLLAR],
    ['2026-11-03', 1n * DOLLAR],
  ]);
  // Spent 7, and 27 and a half days at 3 dollars to come.
  expect(forecastSpend(daily, Date.UTC(2026, 10, 3, 12))).toBe(
    (7n * DOLLAR * 2n + 165n * DOLLAR) / 2n,
  );
});

test('does not promise the sky in the first minutes of a month', () => {
  const daily = new Map([['2026-11-01', 1n * DOLLAR]]);
  const early = forecastSpend(daily, Date.UTC(2026, 10, 1, 0, 1));
  expect(early < 122n * DOLLAR).toBe(true);
  expect(forecastSpend(new Map(), Date.UTC(2026, 10, 1))).toBe(0n);
});
