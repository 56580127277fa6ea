/** Whether a value is out of the ordinary: statistics of what was seen before, and how far from it something is. */

/** Of at least one finite value. */
export interface Summary {
  readonly n: number;
  readonly mean: number;
  /** Of a sample: divided by n − 1. Null of a single value, which tells nothing about spread. */
  readonly standardDeviation: number | null;
  readonly median: number;
  /** The median distance from the median, unscaled: half of the values are no farther from it than this. */
  readonly medianDeviation: number;
  readonly min: number;
  readonly max: number;
}

/** Of what is normal, the spread that is taken for granted however alike the samples were. */
export interface MinimumSpread {
  /** In the metric's unit; 0 for none. */
  readonly absolute: number;
  /** As a share of the median (robust) or mean (classic), e.g. 0.1. */
  readonly relative: number;
}

export interface DeviationRules {
  readonly minimumSamples: number;
  readonly minimumSpread: MinimumSpread;
}

/** How far a value is from a baseline, in spreads; below it is negative. Both at most `DEVIATION_MAX` either way. */
export type Deviation =
  | {
      readonly kind: 'known';
      /** From the median, in median deviations scaled to a normal distribution's standard deviation. */
      readonly robust: number;
      /** From the mean, in standard deviations. */
      readonly classic: number;
    }
  | { readonly kind: 'unknown'; readonly reason: UnknownReason; readonly detail: string };

export const UNKNOWN_REASONS = ['no_baseline', 'too_few_samples', 'not_a_number'] as const;
export type UnknownReason = (typeof UNKNOWN_REASONS)[number];

/** So that a change from a spread of 0 is a number, which JSON can hold. */
export const DEVIATION_MAX = 1_000;

/** A normal distribution's standard deviation is this many median deviations (1 / Φ⁻¹(¾)). */
const NORMAL_SCALE = 1.482_602_218_505_602;

/** Passes over what is not finite; undefined when nothing is left. */
export function summarize(values: readonly number[]): Summary | undefined {
  // Adding 0 makes −0 the same as 0, which sorting does not tell apart.
  const sorted = values
    .filter(Number.isFinite)
    .map((value) => value + 0)
    .sort((a, b) => a - b);
  if (sorted.length === 0) return undefined;
  const min = sorted[0]!;
  const max = sorted.at(-1)!;
  const median = medianOf(sorted);
  const distances = sorted.map((value) => Math.abs(value - median)).sort((a, b) => a - b);
  return {
    n: sorted.length,
    ...moments(sorted, Math.max(Math.abs(min), Math.abs(max))),
    median,
    medianDeviation: Math.min(medianOf(distances), Number.MAX_VALUE),
    min,
    max,
  };
}

/** In units of a power of two near the largest, which changes no digit, and keeps squares and sums finite. */
function moments(
  values: readonly number[],
  largest: number,
): Pick<Summary, 'mean' | 'standardDeviation'> {
  const unit = largest === 0 ? 1 : 2 ** Math.min(Math.floor(Math.log2(largest)), 1_022);
  const n = values.length;
  const mean = values.reduce((sum, value) => sum + value / unit, 0) / n;
  if (n === 1) return { mean: values[0]!, standardDeviation: null };
  const squares = values.reduce((sum, value) => sum + (value / unit - mean) ** 2, 0);
  return {
    mean: clamp(mean * unit, values[0]!, values.at(-1)!),
    standardDeviation: Math.min(Math.sqrt(squares / (n - 1)) * unit, Number.MAX_VALUE),
  };
}

function medianOf(sorted: readonly number[]): number {
  const middle = sorted.length >> 1;
  if (sorted.length % 2 === 1) return sorted[middle]!;
  const [low, high] = [sorted[middle - 1]!, sorted[middle]!];
  return low / 2 + high / 2;
}

/** A spread below the minimum counts as the minimum, so that samples without variance do not hide a change. */
export function deviation(
  value: number,
  summary: Summary | undefined,
  { minimumSamples, minimumSpread }: DeviationRules,
): Deviation {
  if (!Number.isFinite(value)) return unknown('not_a_number', `the value is ${value}`);
  if (summary === undefined) return unknown('no_baseline', 'there is nothing to compare with');
  // A single sample has no spread, whatever the rules allow.
  const needed = Math.max(minimumSamples, 2);
  if (summary.n < needed || summary.standardDeviation === null) {
    return unknown('too_few_samples', `${summary.n} samples of the ${needed} that it takes`);
  }
  const spreadOf = (spread: number, centre: number): number =>
    Math.max(spread, minimumSpread.absolute, minimumSpread.relative * Math.abs(centre));
  const { mean, median, medianDeviation, standardDeviation } = summary;
  return {
    kind: 'known',
    robust: inSpreads(value, median, spreadOf(medianDeviation * NORMAL_SCALE, median)),
    classic: inSpreads(value, mean, spreadOf(standardDeviation, mean)),
  };
}

function unknown(reason: UnknownReason, detail: string): Deviation {
  return { kind: 'unknown', reason, detail };
}

function inSpreads(value: number, centre: number, spread: number): number {
  if (value === centre) return 0;
  const distance = value / 2 - centre / 2;
  return clamp(distance / (spread / 2), -DEVIATION_MAX, DEVIATION_MAX);
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(Math.max(value, low), high);
}

/**
 * The Jensen–Shannon divergence of two mixes given as counts: 0 for the same shares, 1 for nothing in common.
 * Undefined when either is empty. Counts that are not positive and finite are passed over.
 */
export function mixDivergence(
  a: Readonly<Record<string, number>>,
  b: Readonly<Record<string, number>>,
): number | undefined {
  const [shares, others] = [sharesOf(a), sharesOf(b)];
  if (shares.size === 0 || others.size === 0) return undefined;
  let bits = 0;
  for (const name of new Set([...shares.keys(), ...others.keys()])) {
    const p = shares.get(name) ?? 0;
    const q = others.get(name) ?? 0;
    const middle = (p + q) / 2;
    if (p > 0) bits += (p * Math.log2(p / middle)) / 2;
    if (q > 0) bits += (q * Math.log2(q / middle)) / 2;
  }
  return clamp(bits, 0, 1);
}

function sharesOf(counts: Readonly<Record<string, number>>): ReadonlyMap<string, number> {
  const counted = Object.entries(counts).filter(([, count]) => count > 0 && Number.isFinite(count));
  const largest = counted.reduce((max, [, count]) => Math.max(max, count), 0);
  const total = counted.reduce((sum, [, count]) => sum + count / largest, 0);
  return new Map(counted.map(([name, count]) => [name, count / largest / total]));
}

/** The part of a whole; null when there is no whole, of which nothing can be said. */
export function rateOf(part: number, whole: number): number | null {
  return whole > 0 ? part / whole : null;
}
