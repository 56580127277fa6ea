import type { Picodollars } from './money.ts';

/** A budget: what an agent, a team or a whole project may spend in a calendar month (UTC). */

export const BUDGET_SCOPES = ['agent', 'team', 'project'] as const;
export type BudgetScope = (typeof BUDGET_SCOPES)[number];

export const DEFAULT_THRESHOLDS: readonly number[] = [50, 80, 100];

export interface Budget {
  readonly id: string;
  readonly project: string;
  readonly scope: BudgetScope;
  /** The agent's or team's name; '' for the project. */
  readonly subject: string;
  /** `2026-11`, or '' for every month that has no budget of its own. */
  readonly month: string;
  readonly amount: Picodollars;
  /** Percents of the amount at which an alert is raised, rising. */
  readonly thresholds: readonly number[];
  /** Whether calls are to be refused once the amount is spent. */
  readonly enforced: boolean;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
}

/** The calendar month in UTC, as `2026-11`. */
export function monthOf(atMs: number): string {
  return new Date(atMs).toISOString().slice(0, 7);
}

/** From the first millisecond of the month to the first of the next. */
export function monthBounds(month: string): { readonly fromMs: number; readonly toMs: number } {
  const [year, number] = month.split('-').map(Number);
  return { fromMs: Date.UTC(year!, number! - 1), toMs: Date.UTC(year!, number) };
}

/** Spend of one day, `2026-11-20`. */
export type DailySpend = ReadonlyMap<string, Picodollars>;

/**
 * What will have been spent by the month's end: what is spent, and for the rest of the month the mean of the last
 * seven whole days of it (fewer at its beginning, today alone on its first day).
 */
export function forecastSpend(daily: DailySpend, nowMs: number): Picodollars {
  const { fromMs, toMs } = monthBounds(monthOf(nowMs));
  const today = nowMs - (nowMs % DAY_MS);
  let spent = 0n;
  for (const [day, amount] of daily) {
    if (Date.parse(day) >= fromMs && Date.parse(day) < toMs) spent += amount;
  }
  const days = Math.min(7, Math.round((today - fromMs) / DAY_MS));
  const perMs = rateOf(daily, { today, days, nowMs });
  return spent + BigInt(Math.round(perMs * (toMs - nowMs)));
}

const DAY_MS = 86_400_000;

function rateOf(
  daily: DailySpend,
  { today, days, nowMs }: { today: number; days: number; nowMs: number },
): number {
  if (days === 0) {
    // The first minutes of a month would promise the sky.
    const passedMs = Math.max(nowMs - today, DAY_MS / 4);
    return Number(daily.get(dayOf(today)) ?? 0n) / passedMs;
  }
  let sum = 0n;
  for (let back = 1; back <= days; back += 1) sum += daily.get(dayOf(today - back * DAY_MS)) ?? 0n;
  return Number(sum) / (days * DAY_MS);
}

/** The day in UTC, as `2026-11-20`. */
export function dayOf(atMs: number): string {
  return new Date(atMs).toISOString().slice(0, 10);
}
