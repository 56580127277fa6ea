import { describe, expect, test } from 'vitest';

import type { DayRate } from './trend.ts';
import { daysBefore, trendOf } from './trend.ts';

const TODAY = '2026-11-30';

/** Rates of days up to today, in percent of a hundred results; null for a day without any. */
const daysOf = (...rates: (number | null)[]): DayRate[] =>
  rates.flatMap((rate, index) =>
    rate === null
      ? []
      : [{ day: daysBefore(TODAY, rates.length - 1 - index), passed: rate, failed: 100 - rate }],
  );

const many = (rate: number, count: number): number[] => Array<number>(count).fill(rate);

describe('the last seven days are held against those before', () => {
  test.each([
    ['stable within three points', daysOf(...many(90, 23), ...many(87.5, 7)), 'stable', 0],
    ['improving', daysOf(...many(80, 23), ...many(90, 7)), 'improving', 0],
    ['degrading for a week', daysOf(...many(90, 23), ...many(70, 7)), 'degrading', 7],
    ['degrading for longer', daysOf(...many(90, 20), ...many(70, 10)), 'degrading', 10],
    ['degrading for two days', daysOf(...many(90, 28), ...many(40, 2)), 'degrading_recent', 2],
    [
      'recovered after a bad day',
      daysOf(...many(90, 25), 30, ...many(90, 4)),
      'degrading_recent',
      0,
    ],
    ['one bad day of few results', daysOf(...many(90, 29), 85), 'stable', 0],
    [
      'with days without results',
      daysOf(...many(90, 10), null, null, 70, null, 70),
      'degrading_recent',
      2,
    ],
    ['nothing before', daysOf(...many(90, 5)), 'insufficient', 0],
    ['nothing lately', daysOf(...many(90, 10), ...Array<null>(8).fill(null)), 'insufficient', 0],
    ['nothing at all', [], 'insufficient', 0],
  ] as const)('%s', (_, days, trend, declineDays) => {
    expect(trendOf(days, TODAY)).toMatchObject({ trend, declineDays });
  });

  test('a slow decline is seen although it draws the past down with it', () => {
    const days = daysOf(...Array.from({ length: 30 }, (_, index) => 95 - index * 2));
    expect(trendOf(days, TODAY).trend).toBe('degrading');
  });
});

test('rates are of results, not of days', () => {
  const days = [
    { day: '2026-11-01', passed: 99, failed: 1 },
    { day: '2026-11-29', passed: 0, failed: 1 },
    { day: '2026-11-30', passed: 9, failed: 0 },
  ];
  expect(trendOf(days, TODAY)).toEqual({
    trend: 'degrading_recent',
    rate: 108 / 110,
    recentRate: 0.9,
    earlierRate: 0.99,
    declineDays: 0,
  });
});
