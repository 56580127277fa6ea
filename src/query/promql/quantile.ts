/** The quantile of the values, between the two nearest ranks; sorts them. NaN for none, ∓Infinity outside 0 to 1. */
export function quantileOf(quantile: number, values: Float64Array): number {
  if (values.length === 0 || Number.isNaN(quantile)) return Number.NaN;
  if (quantile < 0) return -Infinity;
  if (quantile > 1) return Infinity;
  sortNanFirst(values);
  const rank = quantile * (values.length - 1);
  const lower = Math.floor(rank);
  const upper = Math.min(values.length - 1, lower + 1);
  const weight = rank - lower;
  return values[lower]! * (1 - weight) + values[upper]! * weight;
}

/** NaN counts as less than any number; the sort of its own puts it last. */
function sortNanFirst(values: Float64Array): void {
  values.sort();
  const numbers = values.findIndex((value) => Number.isNaN(value));
  if (numbers === -1) return;
  values.copyWithin(values.length - numbers, 0, numbers);
  values.fill(Number.NaN, 0, values.length - numbers);
}

export interface Bucket {
  readonly bound: number;
  /** Observations up to and with the bound. */
  count: number;
}

/** Counts that fall from bucket to bucket by less than this share are rounding, and no fault of the histogram. */
const ROUNDING = 1e-12;

/**
 * The quantile of a classic histogram, in a straight line within the bucket it falls in. NaN for a histogram without
 * the bucket +Inf or without observations. Sorts the buckets.
 */
export function bucketQuantile(quantile: number, buckets: Bucket[]): number {
  if (Number.isNaN(quantile)) return Number.NaN;
  if (quantile < 0) return -Infinity;
  if (quantile > 1) return Infinity;
  buckets.sort((a, b) => a.bound - b.bound);
  if (buckets.at(-1)?.bound !== Infinity) return Number.NaN;
  const merged = mergeBounds(buckets);
  makeMonotonic(merged);
  if (merged.length < 2) return Number.NaN;
  const observations = merged.at(-1)!.count;
  if (observations === 0) return Number.NaN;
  const rank = quantile * observations;
  const at = merged.findIndex(({ count }) => count >= rank);
  const index = at === -1 ? merged.length - 1 : Math.min(at, merged.length - 1);
  if (index === merged.length - 1) return merged.at(-2)!.bound;
  const { bound, count } = merged[index]!;
  if (index === 0 && bound <= 0) return bound;
  const start = index === 0 ? 0 : merged[index - 1]!.bound;
  const below = index === 0 ? 0 : merged[index - 1]!.count;
  return start + (bound - start) * ((rank - below) / (count - below));
}

/** `le` may be written in two ways, `1` and `1.0`. */
function mergeBounds(buckets: readonly Bucket[]): Bucket[] {
  const merged: Bucket[] = [];
  for (const bucket of buckets) {
    const last = merged.at(-1);
    if (last?.bound === bucket.bound) last.count += bucket.count;
    else merged.push({ ...bucket });
  }
  return merged;
}

function makeMonotonic(buckets: Bucket[]): void {
  let highest = buckets[0]!.count;
  for (const bucket of buckets) {
    const near = Math.abs(bucket.count - highest) <= ROUNDING * Math.abs(bucket.count + highest);
    if (bucket.count > highest && !near) highest = bucket.count;
    else bucket.count = highest;
  }
}
