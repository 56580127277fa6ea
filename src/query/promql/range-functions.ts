import { quantileOf } from './quantile.ts';
import { meanOf, sumOf, varianceOf } from './statistics.ts';

/** The samples of one series in `(startMs, endMs]`: the items `low` to `high - 1`, at least one. */
export interface Window {
  readonly timesMs: Float64Array;
  readonly values: Float64Array;
  low: number;
  high: number;
  startMs: number;
  endMs: number;
  /** When the step is: `endMs` without the offset. */
  stepMs: number;
  /** The scalar arguments at the step. */
  params: readonly number[];
}

/** A value at one step from the samples of a range; undefined where there are too few. */
export type RangeFunction = (window: Window) => number | undefined;

export const RANGE_FUNCTIONS: Readonly<Record<string, RangeFunction>> = {
  rate: (window) => extrapolate(window, { counter: true, perSecond: true }),
  increase: (window) => extrapolate(window, { counter: true, perSecond: false }),
  delta: (window) => extrapolate(window, { counter: false, perSecond: false }),
  irate: (window) => lastTwo(window, true),
  idelta: (window) => lastTwo(window, false),
  deriv: (window) => {
    if (window.high - window.low < 2) return undefined;
    return leastSquares(window, window.timesMs[window.low]!).slope;
  },
  predict_linear: (window) => {
    if (window.high - window.low < 2) return undefined;
    const { slope, intercept } = leastSquares(window, window.stepMs);
    return intercept + slope * window.params[0]!;
  },
  avg_over_time: ({ values, low, high }) => meanOf(values, low, high),
  sum_over_time: ({ values, low, high }) => sumOf(values, low, high),
  count_over_time: ({ low, high }) => high - low,
  present_over_time: () => 1,
  last_over_time: ({ values, high }) => values[high - 1],
  first_over_time: ({ values, low }) => values[low],
  min_over_time: ({ values, low, high }) => values[extreme(values, low, high, (a, b) => a < b)],
  max_over_time: ({ values, low, high }) => values[extreme(values, low, high, (a, b) => a > b)],
  ts_of_last_over_time: ({ timesMs, high }) => timesMs[high - 1]! / 1000,
  ts_of_first_over_time: ({ timesMs, low }) => timesMs[low]! / 1000,
  ts_of_min_over_time: ({ timesMs, values, low, high }) =>
    timesMs[extreme(values, low, high, (a, b) => a <= b)]! / 1000,
  ts_of_max_over_time: ({ timesMs, values, low, high }) =>
    timesMs[extreme(values, low, high, (a, b) => a >= b)]! / 1000,
  stdvar_over_time: ({ values, low, high }) => varianceOf(values, low, high),
  stddev_over_time: ({ values, low, high }) => Math.sqrt(varianceOf(values, low, high)),
  quantile_over_time: ({ values, low, high, params }) =>
    quantileOf(params[0]!, values.slice(low, high)),
  mad_over_time: ({ values, low, high }) => {
    const all = values.slice(low, high);
    const median = quantileOf(0.5, all.slice());
    return quantileOf(
      0.5,
      all.map((value) => Math.abs(value - median)),
    );
  },
  changes: (window) =>
    countSteps(window, (a, b) => a !== b && !(Number.isNaN(a) && Number.isNaN(b))),
  resets: (window) => countSteps(window, (before, after) => after < before),
  double_exponential_smoothing: smooth,
};

/** Functions whose answer is one of the samples keep the metric's name. */
export const KEEPS_NAME: ReadonlySet<string> = new Set(['last_over_time', 'first_over_time']);

/** Functions that answer the same when all samples are greater by one amount. */
export const ONLY_DIFFERENCES: ReadonlySet<string> = new Set([
  'absent_over_time',
  'changes',
  'count_over_time',
  'delta',
  'deriv',
  'idelta',
  'increase',
  'irate',
  'present_over_time',
  'rate',
  'resets',
  'ts_of_first_over_time',
  'ts_of_last_over_time',
]);

/**
 * The rise over the window from its samples, drawn out to the window's ends where the samples reach near them, as
 * Prometheus does: by half the mean distance of samples where they do not, and a counter never below zero.
 */
function extrapolate(
  { timesMs, values, low, high, startMs, endMs }: Window,
  { counter, perSecond }: { readonly counter: boolean; readonly perSecond: boolean },
): number | undefined {
  if (high - low < 2) return undefined;
  const first = values[low]!;
  let rise = values[high - 1]! - first;
  if (counter) {
    for (let at = low + 1; at < high; at++) {
      if (values[at]! < values[at - 1]!) rise += values[at - 1]!;
    }
  }
  const sampled = (timesMs[high - 1]! - timesMs[low]!) / 1000;
  const between = sampled / (high - low - 1);
  const threshold = between * 1.1;
  let toStart = (timesMs[low]! - startMs) / 1000;
  let toEnd = (endMs - timesMs[high - 1]!) / 1000;
  if (toStart >= threshold) toStart = between / 2;
  if (counter && rise > 0 && first >= 0) toStart = Math.min(toStart, sampled * (first / rise));
  if (toEnd >= threshold) toEnd = between / 2;
  const drawnOut = (rise * (sampled + toStart + toEnd)) / sampled;
  return perSecond ? drawnOut / ((endMs - startMs) / 1000) : drawnOut;
}

function lastTwo({ timesMs, values, low, high }: Window, rate: boolean): number | undefined {
  if (high - low < 2) return undefined;
  const last = values[high - 1]!;
  const before = values[high - 2]!;
  const difference = rate && last < before ? last : last - before;
  return rate ? difference / ((timesMs[high - 1]! - timesMs[high - 2]!) / 1000) : difference;
}

/** Values over seconds since `originMs`. */
function leastSquares(
  { timesMs, values, low, high }: Window,
  originMs: number,
): { slope: number; intercept: number } {
  const count = high - low;
  let constant = true;
  let [sumX, sumY, sumXY, sumX2] = [0, 0, 0, 0];
  for (let at = low; at < high; at++) {
    const x = (timesMs[at]! - originMs) / 1000;
    const y = values[at]!;
    if (y !== values[low]) constant = false;
    sumX += x;
    sumY += y;
    sumXY += x * y;
    sumX2 += x * x;
  }
  if (constant) {
    const value = values[low]!;
    return Number.isFinite(value)
      ? { slope: 0, intercept: value }
      : { slope: Number.NaN, intercept: Number.NaN };
  }
  const covariance = sumXY - (sumX * sumY) / count;
  const spread = sumX2 - (sumX * sumX) / count;
  const slope = covariance / spread;
  return { slope, intercept: sumY / count - (slope * sumX) / count };
}

/** Where the extreme is; NaN only when there is nothing else. */
function extreme(
  values: Float64Array,
  low: number,
  high: number,
  better: (a: number, b: number) => boolean,
): number {
  let best = low;
  for (let at = low + 1; at < high; at++) {
    if (better(values[at]!, values[best]!) || Number.isNaN(values[best]!)) best = at;
  }
  return best;
}

function countSteps(
  { values, low, high }: Window,
  counts: (before: number, after: number) => boolean,
): number {
  let count = 0;
  for (let at = low + 1; at < high; at++) if (counts(values[at - 1]!, values[at]!)) count += 1;
  return count;
}

/** Holt's linear method: `params` are the smoothing factor and the trend factor. */
function smooth({ values, low, high, params }: Window): number | undefined {
  if (high - low < 2) return undefined;
  const [level, trend] = params as [number, number];
  let before = 0;
  let smoothed = values[low]!;
  let slope = values[low + 1]! - values[low]!;
  for (let at = low + 1; at < high; at++) {
    if (at > low + 1) slope = trend * (smoothed - before) + (1 - trend) * slope;
    const next = level * values[at]! + (1 - level) * (smoothed + slope);
    before = smoothed;
    smoothed = next;
  }
  return smoothed;
}
