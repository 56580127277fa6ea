import type { MetricIdentity, MetricTypeName } from '../../model/metric-name.ts';
import type {
  MetricStore,
  PointRange,
  StoredMetric,
  StoredPoints,
  StoredStream,
  StreamChoice,
} from '../metric-store.ts';
import type { ReadingEngine } from './engine.ts';
import { orderOf, pick, RowBinaryReader } from './point-rows.ts';
import { createBinaryQuery, createQuery, inChunks } from './query.ts';
import type { Query } from './query.ts';
import { receivedPredicate } from './span-predicates.ts';
import type { Sql } from './sql.ts';
import { idList, join, raw, sql } from './sql.ts';
import { getOrigins, getPayloads } from './trace-store.ts';

type Metric = Pick<MetricIdentity, 'name' | 'type'>;
type BinaryQuery = (statement: Sql) => Promise<RowBinaryReader>;

const STREAM_ID_BYTES = 16;
const SERVICES_MAX = 20;
const DELTA = 1;
/** So many ids in a statement; where more are wanted, all streams are read and the others passed over. */
const IDS_MAX = 2_000;
const TIMES = raw('groupArray(toFloat64(toUnixTimestamp64Milli(time)))');
const STARTS = raw('groupArray(toFloat64(toUnixTimestamp64Milli(start)))');
const STALE = raw('groupArray(toUInt8(bitAnd(flags, 1)))');
/** Points that count as none: `sum` is optional for histograms. */
const FIELDS = {
  value: raw('ifNull(value, nan)'),
  sum: raw('ifNull(sum, nan)'),
  count: raw('toFloat64(count)'),
} as const;
const HAS_FIELD = {
  value: raw('(isNotNull(value) OR bitAnd(flags, 1) = 1)'),
  sum: raw('(isNotNull(sum) OR bitAnd(flags, 1) = 1)'),
  count: raw('1'),
} as const;

/** Data points out of ClickHouse tables. */
export function createMetricStore(engine: ReadingEngine): MetricStore {
  const query = createQuery(engine);
  const binary = createBinaryQuery(engine);
  const read = async (statement: Sql): Promise<RowBinaryReader> =>
    new RowBinaryReader(await binary(statement));
  return {
    listMetrics: (project, range) => listMetrics(query, project, range),
    async listIdentities(project, from) {
      const rows = await query<{
        name: string;
        unit: string;
        type: MetricTypeName;
        monotonic: number;
      }>(sql`SELECT name, unit, type, monotonic FROM metric_points
        WHERE project = ${project} AND ${receivedPredicate(BigInt(Math.floor(from)) * 1_000_000n)}
        GROUP BY name, unit, type, monotonic ORDER BY name, unit, type, monotonic`);
      return rows.map(({ monotonic, ...row }) => ({ ...row, monotonic: monotonic === 1 }));
    },
    async countPoints(project, names, range) {
      if (names.length === 0) return [];
      const rows = await query<{ id: string; metric: string; points: string }>(sql`
        SELECT lower(hex(stream_id)) AS id, any(name) AS metric, count() AS points FROM metric_points
        WHERE ${namesPredicate(project, names)} AND ${rangePredicate(range)}
        GROUP BY stream_id LIMIT ${range.limit}`);
      return rows.map(({ id, metric, points }) => ({ id, name: metric, points: Number(points) }));
    },
    describeStreams: (project, names, ids) => describeStreams(query, project, names, ids),
    getResources: (project, ids) => getOrigins(query, 'resources', project, ids),
    getScopes: (project, ids) => getOrigins(query, 'scopes', project, ids),
    getPayloadStarts: (project, hashes, characters) =>
      getPayloads(query, project, hashes, sql`any(substringUTF8(content, 1, ${characters}))`),
    ...createPointReaders(read),
    sumDeltas: async (project, choice, field) => {
      const rows = await query<{ id: string; total: number | null }>(sql`
        SELECT lower(hex(stream_id)) AS id, sum(${FIELDS[field]}) AS total FROM metric_points
        WHERE ${choicePredicate(project, choice)} AND temporality = ${DELTA} AND ${HAS_FIELD[field]} AND bitAnd(flags, 1) = 0
        GROUP BY stream_id`);
      return new Map(rows.map(({ id, total }) => [id, total ?? 0]));
    },
    sumDeltaBuckets: async (project, choice) => {
      const rows = await query<{ id: string; bounds: number[]; counts: string[] }>(sql`
        SELECT lower(hex(stream_id)) AS id, explicit_bounds AS bounds, sumForEach(bucket_counts) AS counts
        FROM metric_points WHERE ${choicePredicate(project, choice)} AND temporality = ${DELTA} GROUP BY stream_id, explicit_bounds`);
      return rows.map(({ id, bounds, counts }) => ({
        streamId: id,
        bounds,
        counts: counts.map(Number),
      }));
    },
    async listResourceTimes(project, range) {
      const rows = await query<{ id: string; times: string[] }>(sql`
        SELECT lower(hex(resource_id)) AS id,
          groupUniqArray(intDiv(toUnixTimestamp64Milli(time), 15000) * 15000) AS times
        FROM metric_points WHERE project = ${project} AND ${rangePredicate(range)} GROUP BY resource_id`);
      return rows.map(({ id, times }) => ({
        resourceId: id,
        timesMs: times.map(Number).sort((a, b) => a - b),
      }));
    },
  };
}

/** Reads of points, which differ in what a point holds. */
function createPointReaders(
  read: BinaryQuery,
): Pick<MetricStore, 'readNumbers' | 'readBuckets' | 'readExponential' | 'readQuantiles'> {
  return {
    readNumbers: (project, choice, field) => readNumbers(read, project, choice, field),
    readBuckets: async (project, choice) => {
      const rows =
        await read(sql`SELECT stream_id, temporality, explicit_bounds, ${TIMES}, ${STARTS}, ${STALE},
          groupArrayArray(arrayMap(x -> toFloat64(x), bucket_counts))
        FROM metric_points WHERE ${choicePredicate(project, choice)}
          AND length(bucket_counts) = length(explicit_bounds) + 1
        GROUP BY stream_id, temporality, explicit_bounds`);
      return readAll(rows, choice, (head) => {
        const bounds = [...rows.f64s()];
        const points = pointsOf(rows, head);
        return {
          ...points.ordered,
          bounds,
          counts: pickRuns(rows.f64s(), points.order, bounds.length + 1),
        };
      });
    },
    readExponential: async (project, choice) => {
      const rows = await read(sql`SELECT stream_id, temporality, ${TIMES}, ${STARTS}, ${STALE},
          groupArray(tuple(scale, toFloat64(zero_count), positive_offset, arrayMap(x -> toFloat64(x), positive_counts),
            negative_offset, arrayMap(x -> toFloat64(x), negative_counts)))
        FROM metric_points WHERE ${choicePredicate(project, choice)}
        GROUP BY stream_id, temporality`);
      return readAll(rows, choice, (head) => {
        const points = pointsOf(rows, head);
        const all = rows.list(() => ({
          scale: rows.i32(),
          zeroCount: rows.f64(),
          positive: { offset: rows.i32(), counts: [...rows.f64s()] },
          negative: { offset: rows.i32(), counts: [...rows.f64s()] },
        }));
        const kept = points.order === undefined ? all : [...points.order].map((at) => all[at]!);
        return { ...points.ordered, points: kept };
      });
    },
    readQuantiles: async (project, choice) => {
      const rows =
        await read(sql`SELECT stream_id, temporality, quantile, ${TIMES}, ${STARTS}, ${STALE},
          groupArray(amount)
        FROM metric_points ARRAY JOIN quantiles AS quantile, quantile_values AS amount
        WHERE ${choicePredicate(project, choice)}
        GROUP BY stream_id, temporality, quantile`);
      return readAll(rows, choice, (head) => {
        const quantile = rows.f64();
        const points = pointsOf(rows, head);
        return { ...points.ordered, quantile, values: pick(rows.f64s(), points.order) };
      });
    },
  };
}

const metricPredicate = (project: string, { name, type }: Metric): Sql =>
  sql`project = ${project} AND name = ${name} AND type = ${type}`;

const namesPredicate = (project: string, names: readonly string[]): Sql =>
  sql`project = ${project} AND name IN ${names}`;

function rangePredicate({ fromMs, toMs }: PointRange): Sql {
  const fromNs = BigInt(Math.floor(fromMs)) * 1_000_000n;
  return sql`time > fromUnixTimestamp64Milli(${bounded(fromMs)}, 'UTC')
    AND time < fromUnixTimestamp64Milli(${bounded(toMs + 1)}, 'UTC') AND ${receivedPredicate(fromNs)}`;
}

/** DateTime64(9) holds the years 1900 to 2262. */
const bounded = (ms: number): number =>
  Math.trunc(Math.max(-2_208_988_800_000, Math.min(ms, 9_223_372_036_000)));

const idsPredicate = (ids: readonly string[] | undefined): Sql =>
  ids === undefined || ids.length > IDS_MAX ? raw('1') : sql`stream_id IN ${idList(ids)}`;

const choicePredicate = (project: string, choice: StreamChoice): Sql =>
  join(
    [metricPredicate(project, choice.metric), rangePredicate(choice), idsPredicate(choice.ids)],
    ' AND ',
  );

async function listMetrics(
  query: Query,
  project: string,
  range: PointRange,
): Promise<StoredMetric[]> {
  const rows = await query<{
    name: string;
    unit: string;
    type: MetricTypeName;
    monotonic: number;
    description: string;
    services: string[];
    streams: string;
    points: string;
    last: string;
  }>(sql`SELECT name, unit, type, monotonic, argMax(description, time) AS description,
      arraySort(groupUniqArray(${SERVICES_MAX})(service)) AS services, uniq(stream_id) AS streams,
      count() AS points, toUnixTimestamp64Milli(max(time)) AS last
    FROM metric_points WHERE project = ${project} AND ${rangePredicate(range)}
    GROUP BY name, unit, type, monotonic ORDER BY name`);
  return rows.map(({ monotonic, streams, points, last, ...row }) => ({
    ...row,
    monotonic: monotonic === 1,
    streams: Number(streams),
    points: Number(points),
    lastMs: Number(last),
  }));
}

async function describeStreams(
  query: Query,
  project: string,
  names: readonly string[],
  ids: readonly string[],
): Promise<StoredStream[]> {
  const rows = await inChunks(ids, (chunk) =>
    query<StreamRow>(sql`SELECT lower(hex(stream_id)) AS id, name, unit, type, monotonic,
        mapKeys(attributes) AS keys, mapValues(attributes) AS amounts, attribute_types AS types,
        lower(hex(resource_id)) AS resourceId, lower(hex(scope_id)) AS scopeId
      FROM metric_points WHERE ${namesPredicate(project, names)} AND stream_id IN ${idList(chunk)}
      LIMIT 1 BY stream_id`),
  );
  return rows.map(({ id, name, unit, type, monotonic, keys, amounts, types, ...origin }) => ({
    id,
    metric: { name, unit, type, monotonic: monotonic === 1 },
    attributes: { keys, values: amounts, types },
    ...origin,
  }));
}

interface StreamRow {
  readonly id: string;
  readonly name: string;
  readonly unit: string;
  readonly type: MetricTypeName;
  readonly monotonic: number;
  readonly keys: readonly string[];
  readonly amounts: readonly string[];
  readonly types: string;
  readonly resourceId: string;
  readonly scopeId: string;
}

interface Head {
  readonly streamId: string;
  readonly delta: boolean;
}

/** Reads rows to the end; those of streams that are not wanted are read and left out. */
function readAll<T extends Head>(
  rows: RowBinaryReader,
  { ids }: StreamChoice,
  readRow: (head: Head) => T,
): T[] {
  const wanted = ids === undefined ? undefined : new Set(ids);
  const read: T[] = [];
  while (rows.more) {
    const streamId = rows.hex(STREAM_ID_BYTES);
    const row = readRow({ streamId, delta: rows.u8() === 1 });
    if (wanted?.has(streamId) ?? true) read.push(row);
  }
  return read;
}

async function readNumbers(
  read: BinaryQuery,
  project: string,
  choice: StreamChoice,
  field: 'value' | 'sum' | 'count',
): Promise<StoredPoints[]> {
  const rows = await read(sql`SELECT stream_id, temporality, ${TIMES}, ${STARTS}, ${STALE},
      groupArray(${FIELDS[field]})
    FROM metric_points WHERE ${choicePredicate(project, choice)} AND ${HAS_FIELD[field]}
    GROUP BY stream_id, temporality`);
  return readAll(rows, choice, (head) => {
    const points = pointsOf(rows, head);
    return { ...points.ordered, values: pick(rows.f64s(), points.order) };
  });
}

/** What all points have, in the order of their times. */
function pointsOf(
  rows: RowBinaryReader,
  head: Head,
): { order: Uint32Array | undefined; ordered: Omit<StoredPoints, 'values'> } {
  const timesMs = rows.f64s();
  // Of differences at one time each counts.
  const order = orderOf(timesMs, !head.delta);
  return {
    order,
    ordered: {
      ...head,
      timesMs: pick(timesMs, order),
      startsMs: pick(rows.f64s(), order),
      stale: pick(rows.u8s(), order),
    },
  };
}

/** As `pick`, for items of `size` numbers each. */
function pickRuns(
  numbers: Float64Array,
  order: Uint32Array | undefined,
  size: number,
): Float64Array {
  if (order === undefined) return numbers;
  const picked = new Float64Array(order.length * size);
  order.forEach((at, place) => {
    picked.set(numbers.subarray(at * size, (at + 1) * size), place * size);
  });
  return picked;
}
