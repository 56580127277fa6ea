import type { Finding } from '../../model/anomaly.ts';
import { summarize, type Summary } from '../../model/baseline.ts';
import type { DayActivity } from '../../storage/agent-activity-store.ts';
import type { DetectionInput } from './detection-input.ts';
import { NORMAL_SCALE } from '../baselines/agent-baseline.ts';
import { severityOfRatio } from './detect-shift.ts';
import { evidenceOf, times } from './evidence.ts';

/** The measure of an anomaly that is about a whole day. */
export const COST_OF_DAY = 'cost of 24 hours';
const DAY_MS = 86_400_000;
/** Days with runs that it takes to know an agent's rhythm. */
const DAYS_MIN = 7;
/** The same weekday in so many weeks, to say that a day is too quiet. */
const WEEKS_MIN = 3;
const SCORE_MIN = 4;
const RUNS_MIN = 20;
const SURGE_RATIO_MIN = 1.5;
const DROP_RATIO_MAX = 0.5;
const COST_BEYOND_MAX = 1.3;
const COST_EXCESS_MIN = 1;
const LOG_SPREAD_MIN = Math.log(1.15);

/** Days since the agent's first runs: those before it existed are not quiet ones. */
function history(days: readonly DayActivity[]): readonly DayActivity[] {
  const first = days.findLastIndex(({ runs }) => runs > 0);
  return days.slice(1, first + 1);
}

/** What is usual of a day, and between what it may lie and not be told of; undefined where too little is known. */
export interface DayBounds {
  readonly usual: number;
  readonly low: number;
  readonly high: number;
}

/** Of the first of the days, by those after it. */
export function frequencyBounds(days: readonly DayActivity[]): DayBounds | undefined {
  const before = history(days);
  if (before.filter(({ runs }) => runs > 0).length < DAYS_MIN) return undefined;
  const usual = summarize(before.map(({ runs }) => runs))!;
  const high = Math.max(
    RUNS_MIN,
    usual.max * SURGE_RATIO_MIN,
    usual.median + SCORE_MIN * spreadOfDays(usual),
  );
  const sameWeekday = ofWeekday(before);
  const quietest = sameWeekday?.min ?? 0;
  const mayBeQuiet = sameWeekday === undefined || sameWeekday.n < WEEKS_MIN || quietest < RUNS_MIN;
  const least = Math.min(quietest * DROP_RATIO_MAX, quietest - SCORE_MIN * Math.sqrt(quietest));
  return { usual: usual.median, low: mayBeQuiet ? 0 : Math.max(least, 0), high };
}

const spreadOfDays = ({ medianDeviation, median }: Summary): number =>
  Math.max(medianDeviation * NORMAL_SCALE, Math.sqrt(Math.max(median, 1)));

const ofWeekday = (before: readonly DayActivity[]): Summary | undefined =>
  summarize(before.filter((_, index) => (index + 1) % 7 === 0).map(({ runs }) => runs));

/** Of the first of the days, by what those after it cost. */
export function dayCostBounds(days: readonly DayActivity[]): DayBounds | undefined {
  const known = usualCost(days);
  if (known === undefined) return undefined;
  const { logs, spread } = known;
  const [usual, dearest] = [Math.exp(logs.median), Math.exp(logs.max)];
  const high = Math.max(
    dearest * COST_BEYOND_MAX,
    usual + COST_EXCESS_MIN,
    usual * SURGE_RATIO_MIN,
    Math.exp(logs.median + SCORE_MIN * spread),
  );
  return { usual, low: 0, high };
}

function usualCost(
  days: readonly DayActivity[],
): { readonly logs: Summary; readonly spread: number } | undefined {
  const costs = history(days)
    .map(({ cost }) => cost)
    .filter((cost) => cost > 0);
  if (costs.length < DAYS_MIN) return undefined;
  const logs = summarize(costs.map(Math.log))!;
  return { logs, spread: Math.max(logs.medianDeviation * NORMAL_SCALE, LOG_SPREAD_MIN) };
}

/** Whether the last 24 hours have more runs than any day, or far fewer than the quietest of their weekday. */
export function detectCallFrequency(input: DetectionInput): Finding | undefined {
  const days = input.days;
  if (days === undefined || days.length === 0) return undefined;
  const before = history(days);
  if (before.filter(({ runs }) => runs > 0).length < DAYS_MIN) return undefined;
  const usual = summarize(before.map(({ runs }) => runs))!;
  const now = days[0]!.runs;
  const surge = (now - usual.median) / spreadOfDays(usual);
  if (now >= RUNS_MIN && now >= usual.max * SURGE_RATIO_MIN && surge >= SCORE_MIN) {
    const ratio = now / Math.max(usual.median, 1);
    return frequency(input, {
      severity: severityOfRatio(ratio),
      summary: `The last 24 hours have ${now} runs, ${times(now / Math.max(usual.max, 1))} the busiest of ${usual.n} days before.`,
      baseline: usual.median,
      score: surge,
      days: usual.n,
    });
  }
  return detectDrop(input, before);
}

function detectDrop(input: DetectionInput, before: readonly DayActivity[]): Finding | undefined {
  const now = input.days![0]!.runs;
  const sameWeekday = ofWeekday(before);
  if (sameWeekday === undefined || sameWeekday.n < WEEKS_MIN) return undefined;
  const quietest = sameWeekday.min;
  if (quietest < RUNS_MIN || now > quietest * DROP_RATIO_MAX) return undefined;
  const score = (now - quietest) / Math.sqrt(quietest);
  if (score > -SCORE_MIN) return undefined;
  return frequency(input, {
    severity: now === 0 ? 'high' : 'medium',
    summary: `The last 24 hours have ${now} runs; the quietest of the ${sameWeekday.n} weeks before had ${quietest} on this day.`,
    baseline: sameWeekday.median,
    score,
    days: sameWeekday.n,
  });
}

function frequency(
  input: DetectionInput,
  told: {
    severity: Finding['severity'];
    summary: string;
    baseline: number;
    score: number;
    days: number;
  },
): Finding {
  const { severity, summary, baseline, score, days } = told;
  return {
    kind: 'call_frequency',
    severity,
    evidence: evidenceOf(input, {
      summary,
      measure: 'runs in 24 hours',
      unit: 'runs',
      observed: input.days![0]!.runs,
      baseline,
      score,
      scoreName: 'deviations of a day',
      n: 1,
      baselineN: days,
      window: { fromMs: input.nowMs - DAY_MS, toMs: input.nowMs },
    }),
  };
}

/** Whether the last 24 hours cost more than any day before by a good part. */
export function detectCostOfDay(input: DetectionInput): Finding | undefined {
  const days = input.days;
  if (days === undefined || days.length === 0) return undefined;
  const known = usualCost(days);
  const now = days[0]!.cost;
  if (known === undefined || now <= 0) return undefined;
  const { logs, spread } = known;
  const [usual, dearest] = [Math.exp(logs.median), Math.exp(logs.max)];
  const score = (Math.log(now) - logs.median) / spread;
  const ratio = now / usual;
  const isBeyond = now >= dearest * COST_BEYOND_MAX && now - usual >= COST_EXCESS_MIN;
  if (!isBeyond || ratio < SURGE_RATIO_MIN || score < SCORE_MIN) return undefined;
  return {
    kind: 'cost_spike',
    severity: severityOfRatio(ratio),
    evidence: evidenceOf(input, {
      summary: `The last 24 hours cost ${times(ratio)} what a day costs, and more than any of the ${logs.n} days before.`,
      measure: COST_OF_DAY,
      unit: 'USD',
      observed: now,
      baseline: usual,
      score,
      scoreName: 'median deviations of a day, in logarithms',
      n: 1,
      baselineN: logs.n,
      window: { fromMs: input.nowMs - DAY_MS, toMs: input.nowMs },
      more: { dearest_day_usd: dearest },
    }),
  };
}
