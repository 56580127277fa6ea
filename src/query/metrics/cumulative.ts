import type { StoredPoints } from '../../storage/metric-store.ts';
import type { Labels } from '../promql/labels.ts';
import type { Series } from '../promql/series.ts';

interface CounterOptions {
  /** Where reading began: nothing is known of before. */
  readonly fromMs: number;
  /** What a delta stream came to until then. */
  readonly base: number;
}

/**
 * A counter as Prometheus knows them, which rises from the beginning of its stream. Points that tell of the time
 * since the one before are added up. Where a stream says that it began after the sample before, it stood at its
 * beginning's value then: a sample is put there, so that the first rise counts too.
 */
export function toCounter(
  labels: Labels,
  points: StoredPoints,
  { fromMs, base }: CounterOptions,
): Series {
  const { delta, timesMs, startsMs, stale } = points;
  const begins = new Uint8Array(timesMs.length);
  let beginnings = 0;
  for (let at = 0; at < timesMs.length; at++) {
    const startMs = startsMs[at]!;
    const beforeMs = at === 0 ? fromMs : timesMs[at - 1]!;
    if (startMs <= beforeMs || startMs >= timesMs[at]! || stale[at] === 1) continue;
    begins[at] = 1;
    beginnings += 1;
  }
  if (!delta && beginnings === 0) return { labels, timesMs, values: points.values, stale };
  const count = timesMs.length + beginnings;
  const times = new Float64Array(count);
  const values = new Float64Array(count);
  const marks = new Uint8Array(count);
  let total = base;
  let place = 0;
  for (let at = 0; at < timesMs.length; at++) {
    if (begins[at] === 1) {
      times[place] = startsMs[at]!;
      values[place++] = delta ? total : 0;
    }
    const value = points.values[at]!;
    if (delta && stale[at] === 0) total += value;
    times[place] = timesMs[at]!;
    values[place] = delta ? total : value;
    marks[place++] = stale[at]!;
  }
  return lastOfEach({ labels, timesMs: times, values, stale: marks });
}

/** A gauge; one that is told of by differences is added up. */
export function toGauge(labels: Labels, points: StoredPoints, base: number): Series {
  const { timesMs, stale } = points;
  if (!points.delta) return { labels, timesMs, values: points.values, stale };
  let total = base;
  const values = points.values.map((value, at) => (total += stale[at] === 1 ? 0 : value));
  return lastOfEach({ labels, timesMs, values, stale });
}

/** Of several samples at one time the last, which has them all added up. */
function lastOfEach(series: Series): Series {
  const { labels, timesMs, values, stale } = series;
  const isLast = (_: number, at: number): boolean => timesMs[at + 1] !== timesMs[at];
  if (timesMs.every((time, at) => isLast(time, at))) return series;
  return {
    labels,
    timesMs: timesMs.filter(isLast),
    values: values.filter(isLast),
    stale: stale?.filter(isLast),
  };
}

/** Series with the same labels, such as a stream's points of before and after a change of its temporality, as one. */
export function mergeSeries(series: readonly Series[]): Series {
  const [first] = series;
  if (series.length === 1) return first!;
  const count = series.reduce((sum, { timesMs }) => sum + timesMs.length, 0);
  const timesMs = new Float64Array(count);
  const values = new Float64Array(count);
  const stale = new Uint8Array(count);
  let at = 0;
  for (const one of series) {
    timesMs.set(one.timesMs, at);
    values.set(one.values, at);
    if (one.stale !== undefined) stale.set(one.stale, at);
    at += one.timesMs.length;
  }
  // Of samples at one time the last series' one.
  const order = Uint32Array.from(timesMs.keys()).sort((a, b) => timesMs[a]! - timesMs[b]! || a - b);
  const kept = order.filter((from, place) => timesMs[order[place + 1]!] !== timesMs[from]);
  return {
    labels: first!.labels,
    timesMs: Float64Array.from(kept, (from) => timesMs[from]!),
    values: Float64Array.from(kept, (from) => values[from]!),
    stale: Uint8Array.from(kept, (from) => stale[from]!),
  };
}
