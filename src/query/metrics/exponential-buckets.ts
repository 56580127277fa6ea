import type { ExponentialBuckets, StoredExponential } from '../../storage/metric-store.ts';

/** Bounds of classic buckets, and for each stream its points' counts up to each bound. */
export interface ClassicBuckets {
  /** Rising, without +Inf, which every histogram has. */
  readonly bounds: readonly number[];
  /** Per stream, per bound and at last for +Inf: a count per point, not added up over time. */
  readonly counts: readonly (readonly Float64Array[])[];
}

const BOUNDS_MAX = 160;
const SCALE_MIN = -10;

/**
 * Exponential histograms as classic ones, all at the coarsest scale that occurs: buckets of a scale are the union of
 * whole buckets of every finer one, so counts stay exact and series of different streams have the same bounds.
 */
export function toClassicBuckets(streams: readonly StoredExponential[]): ClassicBuckets {
  let scale = Math.min(...streams.flatMap(({ points }) => points.map((point) => point.scale)));
  if (!Number.isFinite(scale)) return { bounds: [], counts: streams.map(() => []) };
  let places = placesAt(streams, scale);
  while (places.length > BOUNDS_MAX && scale > SCALE_MIN) places = placesAt(streams, --scale);
  const placeOf = new Map(places.map((place, index) => [place, index]));
  return {
    bounds: places.map((place) => boundOf(place, scale)),
    counts: streams.map((stream) => countsOf(stream, scale, placeOf)),
  };
}

/**
 * A bucket's place on a line: 0 is the zero bucket, positive buckets lie above it in the order of their index,
 * negative ones below it. The line is cut by sign, so an index becomes a text of both.
 */
type Place = `${'-' | '0' | '+'}${number}`;

function placesAt(streams: readonly StoredExponential[], scale: number): Place[] {
  const negative = new Set<number>();
  const positive = new Set<number>();
  for (const { points } of streams) {
    for (const point of points) {
      eachBucket(point.negative, point.scale - scale, (index) => negative.add(index));
      eachBucket(point.positive, point.scale - scale, (index) => positive.add(index));
    }
  }
  return [
    ...[...negative].sort((a, b) => b - a).map((index): Place => `-${index}`),
    '00',
    ...[...positive].sort((a, b) => a - b).map((index): Place => `+${index}`),
  ];
}

/** The greatest value that falls in the bucket: (base^index, base^(index+1)], mirrored for negative values. */
function boundOf(place: Place, scale: number): number {
  const index = Number(place.slice(1));
  if (place.startsWith('0')) return 0;
  const base = 2 ** (2 ** -scale);
  return place.startsWith('+') ? base ** (index + 1) : -(base ** index);
}

/** Tells of buckets with anything in them, by their index at a scale that is coarser by `coarser`. */
function eachBucket(
  { offset, counts }: ExponentialBuckets,
  coarser: number,
  tell: (index: number, count: number) => void,
): void {
  counts.forEach((count, at) => {
    if (count > 0) tell(Math.floor((offset + at) / 2 ** coarser), count);
  });
}

function countsOf(
  { points }: StoredExponential,
  scale: number,
  placeOf: ReadonlyMap<string, number>,
): Float64Array[] {
  const counts = Array.from({ length: placeOf.size + 1 }, () => new Float64Array(points.length));
  points.forEach((point, at) => {
    const coarser = point.scale - scale;
    const add = (place: Place, count: number): void => {
      counts[placeOf.get(place)!]![at]! += count;
    };
    eachBucket(point.negative, coarser, (index, count) => add(`-${index}`, count));
    add('00', point.zeroCount);
    eachBucket(point.positive, coarser, (index, count) => add(`+${index}`, count));
    for (let bound = 1; bound < counts.length; bound++) {
      counts[bound]![at]! += counts[bound - 1]![at]!;
    }
  });
  return counts;
}
