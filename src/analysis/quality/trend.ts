/** How a pass rate moves over thirty days. Pure. */

export const TREND_DAYS = 30;
/** Days that are held against those before. */
const RECENT_DAYS = 7;
/** Rates within three points of each other are the same. */
const STABLE_WITHIN = 0.03;
/** Days below what was before from which a decline is no longer recent. */
const DECLINE_DAYS = 7;
/** Results on either side before a trend is told. */
const RESULTS_MIN = 5;

export const TRENDS = [
  'stable',
  'improving',
  'degrading',
  'degrading_recent',
  'insufficient',
] as const;
export type TrendKind = (typeof TRENDS)[number];

/** Of one day: results that passed and that failed. */
export interface DayRate {
  readonly day: string;
  readonly passed: number;
  readonly failed: number;
}

export interface Trend {
  readonly trend: TrendKind;
  /** Of all days; null without results. */
  readonly rate: number | null;
  /** Of the last seven days, and of those before; null without results. */
  readonly recentRate: number | null;
  readonly earlierRate: number | null;
  /** Latest days with results, one after the other, that lie below the rate before by more than three points. */
  readonly declineDays: number;
}

/**
 * Days in order, the last one today's; those without results may be left out. The last seven days are held against
 * those before: within three points it is stable. A decline of seven days with results or more, back to back up to the
 * last one, is `degrading`, a shorter one `degrading_recent`.
 */
export function trendOf(days: readonly DayRate[], today: string): Trend {
  const since = daysBefore(today, RECENT_DAYS - 1);
  const recent = days.filter(({ day }) => day >= since);
  const earlier = days.filter(({ day }) => day < since);
  const [recentRate, earlierRate] = [rateOf(recent), rateOf(earlier)];
  const known = { rate: rateOf(days), recentRate, earlierRate };
  if (
    recentRate === null ||
    earlierRate === null ||
    resultsOf(recent) < RESULTS_MIN ||
    resultsOf(earlier) < RESULTS_MIN
  ) {
    return { ...known, trend: 'insufficient', declineDays: 0 };
  }
  const declineDays = declineOf(days);
  const change = recentRate - earlierRate;
  // A slow decline of weeks has drawn the rate before it down with it.
  if (change < -STABLE_WITHIN || (declineDays >= DECLINE_DAYS && change < 0)) {
    const trend = declineDays >= DECLINE_DAYS ? 'degrading' : 'degrading_recent';
    return { ...known, trend, declineDays };
  }
  const trend = change > STABLE_WITHIN ? 'improving' : 'stable';
  return { ...known, trend, declineDays: 0 };
}

/** The longest row of days at the end that all lie below the rate of the days before the row. */
function declineOf(days: readonly DayRate[]): number {
  const withResults = days.filter((day) => resultsOf([day]) > 0);
  let longest = 0;
  for (let length = 1; length < withResults.length; length++) {
    const before = rateOf(withResults.slice(0, -length))!;
    const row = withResults.slice(-length);
    if (row.every((day) => rateOf([day])! < before - STABLE_WITHIN)) longest = length;
  }
  return longest;
}

export function rateOf(days: readonly Omit<DayRate, 'day'>[]): number | null {
  const results = resultsOf(days);
  return results === 0 ? null : days.reduce((sum, { passed }) => sum + passed, 0) / results;
}

const resultsOf = (days: readonly Omit<DayRate, 'day'>[]): number =>
  days.reduce((sum, { passed, failed }) => sum + passed + failed, 0);

/** `2026-11-20` less some days. */
export function daysBefore(day: string, days: number): string {
  return dayOf(Date.parse(day) - days * 86_400_000);
}

/** The day of a time, in UTC. */
export const dayOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10);
