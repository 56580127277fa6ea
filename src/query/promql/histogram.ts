import type { Frame } from './frame.ts';
import type { Labels } from './labels.ts';
import { BUCKET_BOUND, dropLabels, keyOf, labelOf, NAME } from './labels.ts';
import type { Bucket } from './quantile.ts';
import { bucketQuantile } from './quantile.ts';
import type { StepSeries } from './series.ts';
import { emptyStepSeries } from './series.ts';

interface Histogram {
  readonly labels: Labels;
  readonly buckets: { readonly bound: number; readonly series: StepSeries }[];
}

const NOT_IDENTITY = new Set([NAME, BUCKET_BOUND]);

/** The quantile of each set of bucket series that differ in `le` alone; series without a bound are passed over. */
export function histogramQuantile(
  frame: Frame,
  quantile: Float64Array,
  series: readonly StepSeries[],
): StepSeries[] {
  return [...histogramsOf(series)].map(({ labels, buckets }) => {
    const answer = emptyStepSeries(labels, frame.steps);
    for (let step = 0; step < frame.steps; step++) {
      const present: Bucket[] = [];
      for (const { bound, series: counts } of buckets) {
        if (counts.present[step] === 1) present.push({ bound, count: counts.values[step]! });
      }
      if (present.length === 0) continue;
      answer.present[step] = 1;
      answer.values[step] = bucketQuantile(quantile[step]!, present);
    }
    return answer;
  });
}

function histogramsOf(series: readonly StepSeries[]): Iterable<Histogram> {
  const histograms = new Map<string, Histogram>();
  for (const one of series) {
    const text = labelOf(one.labels, BUCKET_BOUND);
    const bound = text === '+Inf' ? Infinity : text === '' ? Number.NaN : Number(text);
    if (Number.isNaN(bound)) continue;
    const labels = dropLabels(one.labels, NOT_IDENTITY);
    const key = keyOf(labels);
    const histogram = histograms.get(key) ?? { labels, buckets: [] };
    histogram.buckets.push({ bound, series: one });
    histograms.set(key, histogram);
  }
  return histograms.values();
}
