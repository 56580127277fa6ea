import type { MetricIdentity, MetricPart } from '../../model/metric-name.ts';
import type {
  MetricStore,
  PointRange,
  StoredPoints,
  StreamChoice,
} from '../../storage/metric-store.ts';
import type { Matcher } from '../promql/ast.ts';
import type { SampleUse, SeriesSource } from '../promql/frame.ts';
import type { Labels } from '../promql/labels.ts';
import { BUCKET_BOUND, keyOf, NAME, withLabel } from '../promql/labels.ts';
import { formatValue } from '../promql/literals.ts';
import { compileMatchers } from '../promql/match-series.ts';
import { queryFailed } from '../promql/query-error.ts';
import type { Series } from '../promql/series.ts';
import { mergeSeries, toCounter, toGauge } from './cumulative.ts';
import { toClassicBuckets } from './exponential-buckets.ts';
import type { Family } from './metric-families.ts';
import { hintFor, matchFamilies, TARGET_INFO } from './metric-families.ts';
import type { KnownStream, StreamDirectory } from './stream-directory.ts';

/** Series of one selector. */
export const SERIES_MAX = 50_000;
/** Samples that a query may read; 17 bytes each. */
const SAMPLES_MAX = 5_000_000;

interface CountedStream extends KnownStream {
  readonly points: number;
}

interface Chosen {
  readonly family: Family;
  readonly range: PointRange;
  /** By the stream's id: its labels with the name. */
  readonly labels: ReadonlyMap<string, Labels>;
  readonly choice: StreamChoice;
}

interface Read extends Chosen {
  /** Of what was before the range, as much as is needed. */
  readonly before: PointRange;
}

const HOUR_MS = 3_600_000;

/**
 * How far back deltas are added up to what a counter stood at when the range begins. Where only differences count, the
 * figure matters for nothing but whether there was anything: a counter is not drawn out below zero. So as much is looked
 * at as lies in the range, an hour at least, and not the whole history.
 */
function beforeOf({ fromMs, toMs }: PointRange, use: SampleUse): PointRange {
  const reachMs = use === 'values' ? Infinity : Math.max(HOUR_MS, toMs - fromMs);
  return { fromMs: Math.max(0, fromMs - reachMs), toMs: fromMs };
}

/** The stored points of one project as Prometheus' series, for one query: it counts what the query reads. */
export class MetricSource implements SeriesSource {
  readonly #store: MetricStore;
  readonly #directory: StreamDirectory;
  readonly #project: string;
  readonly #hints = new Set<string>();
  #samples = 0;

  constructor(parts: { store: MetricStore; directory: StreamDirectory; project: string }) {
    this.#store = parts.store;
    this.#directory = parts.directory;
    this.#project = parts.project;
  }

  /** What the person who asked may have meant otherwise. */
  get hints(): readonly string[] {
    return [...this.#hints];
  }

  async select(
    matchers: readonly Matcher[],
    fromMs: number,
    toMs: number,
    use: SampleUse = 'values',
  ): Promise<readonly Series[]> {
    const range = { fromMs, toMs };
    const fits = compileMatchers(matchers.filter(({ name }) => name !== NAME));
    const series: Series[] = [];
    for (const chosen of await this.#choose(matchers, range)) {
      for (const one of await this.#read({ ...chosen, before: beforeOf(range, use) }))
        if (fits(one.labels)) series.push(one);
    }
    if (namesTargetInfo(matchers)) {
      for (const one of await this.#targetInfo(range)) if (fits(one.labels)) series.push(one);
    }
    return joined(series);
  }

  /** The labels of series with samples in the range. Buckets have no bound here but for those that are asked for. */
  async labels(matchers: readonly Matcher[], range: PointRange): Promise<readonly Labels[]> {
    const found = await this.#choose(matchers, range, { labelsOnly: true });
    const labels = found.flatMap((chosen) => [...chosen.labels.values()]);
    if (!namesTargetInfo(matchers)) return labels;
    const fits = compileMatchers(matchers);
    const targets = await this.#targetInfo(range);
    return [...labels, ...targets.map((target) => target.labels).filter(fits)];
  }

  async #choose(
    matchers: readonly Matcher[],
    range: PointRange,
    { labelsOnly = false }: { readonly labelsOnly?: boolean } = {},
  ): Promise<Chosen[]> {
    const metrics = await this.#store.listIdentities(this.#project, range.fromMs);
    const families = matchFamilies(metrics, matchers);
    const hint = families.length === 0 ? hintFor(metrics, matchers) : undefined;
    if (hint !== undefined) this.#hints.add(hint);
    const counted = await this.#streamsOf(families, range);
    // What stands in a point and not in its stream's attributes is looked at when the points are read.
    const fits = compileMatchers(matchers.filter(({ name }) => !NOT_OF_STREAM.has(name)));
    const chosen: Chosen[] = [];
    for (const family of families) {
      const labels = new Map<string, Labels>();
      let ofFamily = 0;
      let samples = 0;
      for (const { stream, labels: bare, points } of counted.get(family.metric.name) ?? []) {
        if (!isSame(stream.metric, family.metric)) continue;
        ofFamily += 1;
        if (!fits(bare)) continue;
        labels.set(stream.id, withLabel(bare, NAME, family.name));
        samples += points;
      }
      if (labels.size === 0) continue;
      if (!labelsOnly) this.#spend(samples);
      const ids = labels.size === ofFamily ? undefined : [...labels.keys()];
      chosen.push({ family, range, labels, choice: { ...range, metric: family.metric, ids } });
    }
    return chosen;
  }

  /** The streams of metrics, by the metric's name. */
  async #streamsOf(
    families: readonly Family[],
    range: PointRange,
  ): Promise<ReadonlyMap<string, readonly CountedStream[]>> {
    const names = [...new Set(families.map(({ metric }) => metric.name))];
    const counted = await this.#store.countPoints(this.#project, names, {
      ...range,
      limit: SERIES_MAX + 1,
    });
    if (counted.length > SERIES_MAX) {
      throw queryFailed(
        `the selector fits more than ${SERIES_MAX} series in this time; narrow it, or ask for a shorter time`,
      );
    }
    const points = new Map(counted.map(({ id, points: count }) => [id, count]));
    const known = await this.#directory.describe(this.#project, names, [...points.keys()]);
    const streams = new Map<string, CountedStream[]>(names.map((name) => [name, []]));
    for (const each of known) {
      const { id, metric } = each.stream;
      streams.get(metric.name)?.push({ ...each, points: points.get(id) ?? 0 });
    }
    return streams;
  }

  #spend(samples: number): void {
    this.#samples += samples;
    if (this.#samples <= SAMPLES_MAX) return;
    throw queryFailed(
      `the query reads ${this.#samples} samples and may read ${SAMPLES_MAX}; narrow its selectors or the time`,
    );
  }

  async #read(chosen: Read): Promise<Series[]> {
    const { metric, part } = chosen.family;
    if (part === 'bucket') {
      return metric.type === 'histogram'
        ? await this.#readBuckets(chosen)
        : await this.#readExponential(chosen);
    }
    if (part === 'value' && metric.type === 'summary') return await this.#readQuantiles(chosen);
    return await this.#readNumbers(chosen, part);
  }

  async #readNumbers(
    { family, range, labels, choice, before }: Read,
    part: Exclude<MetricPart, 'bucket'>,
  ) {
    const points = await this.#store.readNumbers(this.#project, choice, part);
    const bases = points.some(({ delta }) => delta)
      ? await this.#store.sumDeltas(this.#project, { ...choice, ...before }, part)
      : new Map<string, number>();
    const isCounter = part !== 'value' || (family.metric.type === 'sum' && family.metric.monotonic);
    return points.flatMap((each) => {
      const own = labels.get(each.streamId);
      if (own === undefined) return [];
      const base = each.delta ? (bases.get(each.streamId) ?? 0) : 0;
      if (!isCounter) return [toGauge(own, each, base)];
      return [toCounter(own, each, { fromMs: range.fromMs, base })];
    });
  }

  async #readBuckets({ range, labels, choice, before }: Read): Promise<Series[]> {
    const all = await this.#store.readBuckets(this.#project, choice);
    this.#spend(all.reduce((sum, { counts }) => sum + counts.length, 0));
    const sums = all.some(({ delta }) => delta)
      ? await this.#store.sumDeltaBuckets(this.#project, { ...choice, ...before })
      : [];
    const bases = new Map(
      sums.map(({ streamId, bounds, counts }) => [`${streamId} ${bounds.join()}`, counts]),
    );
    return all.flatMap(({ bounds, counts, ...points }) => {
      const own = labels.get(points.streamId);
      if (own === undefined) return [];
      const base = bases.get(`${points.streamId} ${bounds.join()}`);
      const size = bounds.length + 1;
      const running = new Float64Array(points.timesMs.length);
      let baseUpTo = 0;
      return [...bounds, Infinity].map((bound, bucket) => {
        for (let at = 0; at < running.length; at++) running[at]! += counts[at * size + bucket]!;
        baseUpTo += points.delta ? (base?.[bucket] ?? 0) : 0;
        const upTo: StoredPoints = { ...points, values: running.slice() };
        const bucketLabels = withLabel(own, BUCKET_BOUND, formatValue(bound));
        return toCounter(bucketLabels, upTo, { fromMs: range.fromMs, base: baseUpTo });
      });
    });
  }

  async #readExponential({ range, labels, choice }: Chosen): Promise<Series[]> {
    const streams = await this.#store.readExponential(this.#project, choice);
    const { bounds, counts } = toClassicBuckets(streams);
    const points = streams.reduce((sum, { timesMs }) => sum + timesMs.length, 0);
    this.#spend(points * bounds.length);
    return streams.flatMap((stream, index) => {
      const own = labels.get(stream.streamId);
      if (own === undefined) return [];
      return [...bounds, Infinity].map((bound, bucket) => {
        const upTo: StoredPoints = { ...stream, values: counts[index]![bucket]! };
        const bucketLabels = withLabel(own, BUCKET_BOUND, formatValue(bound));
        return toCounter(bucketLabels, upTo, { fromMs: range.fromMs, base: 0 });
      });
    });
  }

  async #readQuantiles({ labels, choice }: Chosen): Promise<Series[]> {
    const all = await this.#store.readQuantiles(this.#project, choice);
    return all.flatMap((points) => {
      const own = labels.get(points.streamId);
      if (own === undefined) return [];
      return [toGauge(withLabel(own, 'quantile', formatValue(points.quantile)), points, 0)];
    });
  }

  async #targetInfo(range: PointRange): Promise<Series[]> {
    const times = await this.#store.listResourceTimes(this.#project, range);
    const ids = times.map(({ resourceId }) => resourceId);
    const labels = await this.#directory.describeResources(this.#project, ids);
    return times.map(({ resourceId, timesMs }) => ({
      labels: withLabel(labels.get(resourceId)!, NAME, TARGET_INFO),
      timesMs: Float64Array.from(timesMs),
      values: new Float64Array(timesMs.length).fill(1),
    }));
  }
}

const NOT_OF_STREAM = new Set([NAME, BUCKET_BOUND, 'quantile']);

const isSame = (one: MetricIdentity, other: MetricIdentity): boolean =>
  one.type === other.type && one.unit === other.unit && one.monotonic === other.monotonic;

const namesTargetInfo = (matchers: readonly Matcher[]): boolean =>
  compileMatchers(matchers.filter(({ name }) => name === NAME))([[NAME, TARGET_INFO]]);

/** Streams that only differ in what no label tells, such as the type of an attribute's value, become one series. */
function joined(series: readonly Series[]): Series[] {
  const byKey = new Map<string, Series[]>();
  for (const one of series) {
    if (one.timesMs.length === 0) continue;
    const key = keyOf(one.labels);
    const known = byKey.get(key);
    if (known === undefined) byKey.set(key, [one]);
    else known.push(one);
  }
  return [...byKey.values()].map(mergeSeries);
}
