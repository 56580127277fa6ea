import type { MetricIdentity } from '../model/metric-name.ts';
import type { StoredAttributes, StoredOrigin } from './trace-store.ts';

/** Milliseconds since 1970 UTC; points after `fromMs`, up to and with `toMs`. */
export interface PointRange {
  readonly fromMs: number;
  readonly toMs: number;
}

export interface StoredMetric extends MetricIdentity {
  readonly description: string;
  /** Up to 20, in the order of the alphabet. */
  readonly services: readonly string[];
  readonly streams: number;
  readonly points: number;
  readonly lastMs: number;
}

export interface StreamPoints {
  readonly id: string;
  readonly name: string;
  readonly points: number;
}

/** What the points of one stream have in common. */
export interface StoredStream {
  /** 32 hexadecimal digits. */
  readonly id: string;
  readonly metric: MetricIdentity;
  readonly attributes: StoredAttributes;
  readonly resourceId: string;
  readonly scopeId: string;
}

/** A number per point, oldest first; of points at the same millisecond the last that came, of deltas all. */
export interface StoredPoints {
  readonly streamId: string;
  /** Whether each point tells of the time since `starts` alone, or of all since the stream began. */
  readonly delta: boolean;
  readonly timesMs: Float64Array;
  /** 0 where the sender did not say. */
  readonly startsMs: Float64Array;
  readonly values: Float64Array;
  /** 1 where the sender said that there is no value any more. */
  readonly stale: Uint8Array;
}

/** Buckets of histograms: as `StoredPoints`, with all points of one set of bounds. */
export interface StoredBuckets extends Omit<StoredPoints, 'values'> {
  readonly bounds: readonly number[];
  /** Point by point, `bounds.length + 1` counts each, which are not added up. */
  readonly counts: Float64Array;
}

/** Buckets of exponential histograms: points of a stream may differ in their scale. */
export interface StoredExponential extends Omit<StoredPoints, 'values'> {
  readonly points: readonly ExponentialPoint[];
}

export interface ExponentialPoint {
  readonly scale: number;
  readonly zeroCount: number;
  readonly positive: ExponentialBuckets;
  readonly negative: ExponentialBuckets;
}

export interface ExponentialBuckets {
  readonly offset: number;
  readonly counts: readonly number[];
}

/** The quantiles of summaries, a series each. */
export interface StoredQuantiles extends StoredPoints {
  readonly quantile: number;
}

/** Streams of one metric; `ids` undefined for all of them. */
export interface StreamChoice extends PointRange {
  readonly metric: Pick<MetricIdentity, 'name' | 'type'>;
  readonly ids: readonly string[] | undefined;
}

/**
 * Reads stored data points. Every answer MUST be of the one project asked for. Implementations MUST bound a query's
 * memory and time by configuration and throw `STORAGE_UNAVAILABLE` when a bound is hit.
 */
export interface MetricStore {
  listMetrics(project: string, range: PointRange): Promise<readonly StoredMetric[]>;

  /** Which metrics there may be with points after the time; a glance, where `listMetrics` looks at every point. */
  listIdentities(project: string, fromMs: number): Promise<readonly MetricIdentity[]>;

  /** Streams of the metrics of these names with points in the range, and how many; at most `limit`. */
  countPoints(
    project: string,
    names: readonly string[],
    range: PointRange & { readonly limit: number },
  ): Promise<readonly StreamPoints[]>;

  describeStreams(
    project: string,
    names: readonly string[],
    ids: readonly string[],
  ): Promise<readonly StoredStream[]>;

  getResources(project: string, ids: readonly string[]): Promise<readonly StoredOrigin[]>;
  getScopes(project: string, ids: readonly string[]): Promise<readonly StoredOrigin[]>;
  /** By hash, the first so many characters of what attributes refer to. */
  getPayloadStarts(
    project: string,
    hashes: readonly string[],
    characters: number,
  ): Promise<ReadonlyMap<string, string>>;

  /** Values of gauges and sums; `sum` and `count` of the other types. Points without one are left out. */
  readNumbers(
    project: string,
    choice: StreamChoice,
    field: 'value' | 'sum' | 'count',
  ): Promise<readonly StoredPoints[]>;
  readBuckets(project: string, choice: StreamChoice): Promise<readonly StoredBuckets[]>;
  readExponential(project: string, choice: StreamChoice): Promise<readonly StoredExponential[]>;
  readQuantiles(project: string, choice: StreamChoice): Promise<readonly StoredQuantiles[]>;

  /** What the points in the range of delta streams add up to, by the stream's id. */
  sumDeltas(
    project: string,
    choice: StreamChoice,
    field: 'value' | 'sum' | 'count',
  ): Promise<ReadonlyMap<string, number>>;
  /** The same for buckets, bound by bound. */
  sumDeltaBuckets(
    project: string,
    choice: StreamChoice,
  ): Promise<
    readonly {
      readonly streamId: string;
      readonly bounds: readonly number[];
      readonly counts: readonly number[];
    }[]
  >;

  /** When resources sent points, to a quarter of a minute; for `target_info`. */
  listResourceTimes(
    project: string,
    range: PointRange,
  ): Promise<readonly { readonly resourceId: string; readonly timesMs: readonly number[] }[]>;
}
