import { mixDivergence, summarize } from '../../model/baseline.ts';
import type { RunSample } from '../../model/run-sample.ts';
import type { DayActivity } from '../../storage/agent-activity-store.ts';
import {
  baselineFor,
  baselinesOf,
  logOf,
  type AgentBaseline,
} from '../baselines/agent-baseline.ts';
import { windowOf } from './detect-anomalies.ts';
import { driftBound, mixOf } from './detect-behavior.ts';
import { dayCostBounds, frequencyBounds, type DayBounds } from './detect-days.ts';
import { ERROR_EXCESS_MIN, QUALITY_LOSS_MIN, rateBound } from './detect-rates.ts';
import { outlierBound, shiftBounds } from './detect-shift.ts';
import type { CheckCounts } from './detection-input.ts';

/**
 * What the watch saw over time: at each moment the figure that it looked at, and between what that might lie by what was
 * usual at that moment. Pure: the same detectors' bounds, and no memory of what was found.
 */

/** Of the newest runs, at any moment. */
export const RUN_METRICS = ['cost', 'dearest_run', 'duration', 'error_rate', 'tool_mix'] as const;
export type RunMetric = (typeof RUN_METRICS)[number];
/** Of 24 hours. */
export const DAY_METRICS = ['runs_per_day', 'cost_per_day'] as const;
export type DayMetric = (typeof DAY_METRICS)[number];

export const SERIES_UNITS = {
  cost: 'USD',
  dearest_run: 'USD',
  duration: 's',
  error_rate: 'share',
  tool_mix: 'divergence',
  runs_per_day: 'runs',
  cost_per_day: 'USD',
  check: 'share',
} as const;
export type SeriesMetric = keyof typeof SERIES_UNITS;

export interface BandedPoint {
  /** Milliseconds since 1970 UTC: the end of what it is of. */
  readonly atMs: number;
  /** Runs, or results, that it is of. */
  readonly n: number;
  /** Null where there was nothing to look at. */
  readonly value: number | null;
  /** Null where too little was known to say what is usual. */
  readonly usual: number | null;
  readonly low: number | null;
  readonly high: number | null;
}

type Band = Pick<BandedPoint, 'usual' | 'low' | 'high'>;

const NO_BAND: Band = { usual: null, low: null, high: null };
const BASELINE_RUNS_MAX = 1_000;
const DAY_MS = 86_400_000;

export interface RunMoment {
  readonly atMs: number;
  /** So many of the newest runs are looked at. */
  readonly windowRuns: number;
  /** How far back a baseline looks. */
  readonly baselineDays: number;
}

/** Samples newest first, also those after the moment. */
export function runPointAt(
  samples: readonly RunSample[],
  metric: RunMetric,
  { atMs, windowRuns, baselineDays }: RunMoment,
): BandedPoint {
  const first = samples.findIndex(({ startMs }) => startMs < atMs);
  const before = first < 0 ? [] : samples.slice(first, first + BASELINE_RUNS_MAX);
  const kept = before.filter(({ startMs }) => startMs >= atMs - baselineDays * DAY_MS);
  const window = windowOf(kept, atMs);
  const seen = metric === 'dearest_run' ? window : window.slice(0, windowRuns);
  const baseline = baselineFor(baselinesOf(kept, atMs), window[0]?.version ?? '');
  return { atMs, n: seen.length, ...figureOf(seen, metric, baseline) };
}

function figureOf(
  window: readonly RunSample[],
  metric: RunMetric,
  baseline: AgentBaseline | undefined,
): Omit<BandedPoint, 'atMs' | 'n'> {
  const n = Math.max(window.length, 1);
  switch (metric) {
    case 'cost':
    case 'duration': {
      // As the detector does, in logarithms: of an even number of runs that is another median.
      const logs = window
        .map(({ cost, durationS }) => (metric === 'cost' ? cost : durationS))
        .filter((value) => value !== null)
        .map((value) => logOf(metric, value));
      const median = summarize(logs)?.median;
      const usual = baseline?.logs[metric];
      const value = median === undefined ? null : Math.exp(median);
      if (usual === undefined) return { value, ...NO_BAND };
      const bounds = shiftBounds(usual, Math.max(logs.length, 1));
      return { value, usual: Math.exp(usual.summary.median), ...bounds };
    }
    case 'dearest_run': {
      const usual = baseline?.metrics.cost;
      const costs = window.map(({ cost }) => cost).filter((cost) => cost !== null);
      return {
        value: costs.length === 0 ? null : Math.max(...costs),
        ...(usual === undefined
          ? NO_BAND
          : { usual: usual.median, low: 0, high: outlierBound(usual, 0) }),
      };
    }
    case 'error_rate': {
      const failed = window.filter((run) => run.failed).length;
      return { value: window.length === 0 ? null : failed / n, ...errorBand(baseline, n) };
    }
    case 'tool_mix':
      return driftOf(window, baseline);
  }
}

function errorBand(baseline: AgentBaseline | undefined, n: number): Band {
  if (baseline === undefined || baseline.errorRate === null) return NO_BAND;
  const usual = { failed: baseline.failed, n: baseline.runs };
  return { usual: baseline.errorRate, low: 0, high: rateBound(usual, n, ERROR_EXCESS_MIN) };
}

function driftOf(
  window: readonly RunSample[],
  baseline: AgentBaseline | undefined,
): Omit<BandedPoint, 'atMs' | 'n'> {
  const mix = mixOf(window);
  const n = window.filter((run) => Object.keys(run.tools).length > 0).length;
  const divergence = baseline === undefined ? undefined : mixDivergence(mix, baseline.tools);
  if (baseline === undefined || divergence === undefined) return { value: null, ...NO_BAND };
  const kinds = new Set([...Object.keys(mix), ...Object.keys(baseline.tools)]).size;
  const high = driftBound({ kinds, n, baselineN: baseline.runsWithTools });
  return { value: divergence, usual: 0, low: 0, high };
}

/** Days newest first, each with all that came before it. */
export function dayPoints(
  days: readonly DayActivity[],
  metric: DayMetric,
  options: { readonly toMs: number; readonly points: number; readonly historyDays: number },
): readonly BandedPoint[] {
  const { toMs, points, historyDays } = options;
  const boundsOf = metric === 'runs_per_day' ? frequencyBounds : dayCostBounds;
  return days
    .slice(0, points)
    .map((day, at) => ({
      atMs: toMs - at * DAY_MS,
      n: day.runs,
      value: metric === 'runs_per_day' ? day.runs : day.cost,
      ...bandOf(boundsOf(days.slice(at, at + historyDays))),
    }))
    .toReversed();
}

const bandOf = (bounds: DayBounds | undefined): Band => bounds ?? NO_BAND;

export interface CheckDay extends CheckCounts {
  /** When it ends. */
  readonly endMs: number;
}

/** Of a check, by days in UTC, oldest first: the share that passed on the day and the day before it. */
export function checkPoints(days: readonly CheckDay[], points: number): readonly BandedPoint[] {
  return days.slice(-points).map((day) => {
    const at = days.indexOf(day);
    const window = sum(days.slice(Math.max(at - 1, 0), at + 1));
    const before = sum(days.slice(0, Math.max(at - 1, 0)));
    return {
      atMs: day.endMs,
      n: window.judged,
      value: window.judged === 0 ? null : 1 - window.failed / window.judged,
      ...checkBand(before, window.judged),
    };
  });
}

const CHECK_RESULTS_MIN = 20;

function checkBand({ judged, failed }: CheckCounts, n: number): Band {
  if (judged < CHECK_RESULTS_MIN) return NO_BAND;
  const bound = rateBound({ failed, n: judged }, Math.max(n, 1), QUALITY_LOSS_MIN);
  return { usual: 1 - failed / judged, low: 1 - bound, high: 1 };
}

const sum = (days: readonly CheckCounts[]): CheckCounts => ({
  judged: days.reduce((total, { judged }) => total + judged, 0),
  failed: days.reduce((total, { failed }) => total + failed, 0),
});
