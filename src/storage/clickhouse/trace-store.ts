import type { StoredTelemetry } from '../../model/stored-telemetry.ts';
import type { SpanCondition, StoredOrigin, TracePosition, TraceStore } from '../trace-store.ts';
import type { Engine } from './engine.ts';
import { toStorageError } from './engine-errors.ts';
import type { OriginRow, SpanRow, SummaryRow } from './span-rows.ts';
import {
  fromOriginRow,
  fromSpanRow,
  fromSummaryRow,
  ORIGIN_COLUMNS,
  SPAN_COLUMNS,
} from './span-rows.ts';
import type { Lookups } from './span-predicates.ts';
import { idList, rangePredicate, spanPredicate, time } from './span-predicates.ts';
import type { Sql } from './sql.ts';
import { join, raw, sql, unhex } from './sql.ts';

const NO_LOOKUPS: Lookups = { resourceIds: [], scopeIds: [], payloadHashes: [] };
/** More origins or payloads than this make a condition too long to be worth writing. */
const LOOKUPS_MAX = 500;
const POSITION = 'lower(hex(trace_id)) AS traceId, toUnixTimestamp64Nano(start) AS startNs';
/** A row of a model call whose usage is its own, and not repeated by one below it. */
const MODEL_CALL_BIT = 2;

/** Traces out of ClickHouse tables. */
export function createTraceStore(engine: Engine): TraceStore {
  const query = async <Row>(statement: Sql): Promise<Row[]> => {
    try {
      return await engine.query<Row>(statement.text);
    } catch (error) {
      throw toStorageError(error);
    }
  };
  return {
    findTraces: async (project, { range, condition, from, limit }) => {
      const lookups = await lookUp(query, project, condition);
      const behind = from === undefined ? raw('1') : behindPosition(from);
      const rows = await query<PositionRow>(sql`SELECT ${raw(POSITION)} FROM spans
        WHERE ${rangePredicate(project, range)} AND ${behind} AND ${spanPredicate(condition, lookups)}
        ORDER BY start DESC, trace_id DESC LIMIT 1 BY trace_id LIMIT ${limit}`);
      return rows.map(fromPositionRow);
    },
    matchTraces: async (project, traceIds, { range, first, others }) => {
      if (traceIds.length === 0) return [];
      const conditions = await Promise.all(
        [first, ...others].map(async (condition) =>
          spanPredicate(condition, await lookUp(query, project, condition)),
        ),
      );
      const primary = conditions[0]!;
      const having = [first, ...others].map((condition, index) =>
        condition?.kind === 'no_error'
          ? raw('countIf(status_code = 2) = 0')
          : sql`countIf(${conditions[index]!}) > 0`,
      );
      const rows = await query<PositionRow>(sql`SELECT lower(hex(trace_id)) AS traceId,
          toUnixTimestamp64Nano(maxIf(start, ${primary})) AS startNs FROM spans
        WHERE ${rangePredicate(project, range)} AND trace_id IN ${idList(traceIds, 16)}
        GROUP BY trace_id HAVING ${join(having, ' AND ')}`);
      return rows.map(fromPositionRow);
    },
    summarizeTraces: async (project, traceIds) => {
      if (traceIds.length === 0) return [];
      return (await query<SummaryRow>(summaryQuery(project, traceIds))).map(fromSummaryRow);
    },
    listSpans: async (project, traceId, { after, limit }) => {
      const behind =
        after === undefined
          ? raw('1')
          : sql`(start, span_id) > (${time(after.startNs)}, toFixedString(${unhex(after.spanId)}, 8))`;
      const rows = await query<SpanRow>(sql`SELECT ${raw(SPAN_COLUMNS)} FROM spans
        WHERE project = ${project} AND trace_id = toFixedString(${unhex(traceId)}, 16) AND ${behind}
        ORDER BY start, span_id LIMIT 1 BY span_id LIMIT ${limit}`);
      return rows.map(fromSpanRow);
    },
    getResources: (project, ids) => getOrigins(query, 'resources', project, ids),
    getScopes: (project, ids) => getOrigins(query, 'scopes', project, ids),
    getPayloads: async (project, hashes) => {
      if (hashes.length === 0) return new Map();
      const rows = await query<{
        hash: string;
        content: string;
      }>(sql`SELECT lower(hex(hash)) AS hash, any(content) AS content
        FROM payloads WHERE project = ${project} AND payloads.hash IN ${idList(hashes, 16)} GROUP BY payloads.hash`);
      return new Map(rows.map(({ hash, content }) => [hash, content]));
    },
    countStored: (project) => countStored(query, project),
  };
}

type Query = <Row>(statement: Sql) => Promise<Row[]>;

interface PositionRow {
  readonly traceId: string;
  readonly startNs: string;
}

function fromPositionRow(row: PositionRow): TracePosition {
  return { traceId: row.traceId, startNs: BigInt(row.startNs) };
}

function behindPosition(position: TracePosition): Sql {
  const start = time(position.startNs);
  return sql`start <= ${start} AND (start, trace_id) < (${start}, toFixedString(${unhex(position.traceId)}, 16))`;
}

/** Each trace once over, with spans that were stored twice counted once. */
function summaryQuery(project: string, traceIds: readonly string[]): Sql {
  const rows = sql`SELECT trace_id, span_id, parent_span_id, name, service, agent, start, duration_ns, status_code,
      request_model, response_model, input_tokens, output_tokens, genai_flags FROM spans
    WHERE project = ${project} AND trace_id IN ${idList(traceIds, 16)} LIMIT 1 BY trace_id, span_id`;
  const usage = 'input_tokens IS NOT NULL OR output_tokens IS NOT NULL';
  return sql`SELECT lower(hex(trace_id)) AS traceId,
      argMin(name, (parent_span_id != toFixedString('', 8), start)) AS rootName,
      argMin(service, (parent_span_id != toFixedString('', 8), start)) AS rootService,
      argMin(agent, (parent_span_id != toFixedString('', 8), start)) AS rootAgent,
      toUnixTimestamp64Nano(min(start)) AS startNs,
      max(toUnixTimestamp64Nano(start) + duration_ns) AS endNs,
      count() AS spanCount, countIf(status_code = 2) AS errorCount,
      arraySort(arrayFilter(model -> model != '', groupUniqArray(100)(if(response_model = '', request_model, response_model)))) AS models,
      groupArrayIf(parent_span_id, (${raw(usage)}) AND ${raw(calls())}) AS callParents,
      groupArrayIf(parent_span_id, ${raw(usage)}) AS parents,
      countIf((${raw(usage)}) AND ${raw(calls())}) AS callCount,
      groupArrayIf((span_id, input_tokens, output_tokens, ${raw(calls())}), ${raw(usage)}) AS used,
      arrayFilter(span -> if(callCount > 0, span.4 AND NOT has(callParents, span.1), NOT has(parents, span.1)), used) AS counted,
      if(empty(arrayFilter(span -> span.2 IS NOT NULL, counted)), NULL, arraySum(span -> ifNull(span.2, 0), counted)) AS inputTokens,
      if(empty(arrayFilter(span -> span.3 IS NOT NULL, counted)), NULL, arraySum(span -> ifNull(span.3, 0), counted)) AS outputTokens
    FROM (${rows}) GROUP BY trace_id`;
}

function calls(): string {
  return `bitAnd(genai_flags, ${MODEL_CALL_BIT}) != 0`;
}

async function lookUp(
  query: Query,
  project: string,
  condition: SpanCondition | undefined,
): Promise<Lookups> {
  if (condition?.kind === 'attribute') {
    const item = `${condition.key}=${condition.value}`;
    const ids = async (table: string): Promise<string[]> =>
      (
        await query<{ id: string }>(sql`SELECT DISTINCT lower(hex(id)) AS id FROM ${raw(table)}
          WHERE project = ${project} AND has(items, ${item}) LIMIT ${LOOKUPS_MAX}`)
      ).map(({ id }) => id);
    const [resourceIds, scopeIds] = await Promise.all([ids('resources'), ids('scopes')]);
    return { ...NO_LOOKUPS, resourceIds, scopeIds };
  }
  if (condition?.kind !== 'text') return NO_LOOKUPS;
  const rows = await query<{
    hash: string;
  }>(sql`SELECT DISTINCT lower(hex(payloads.hash)) AS hash FROM payloads
    WHERE project = ${project} AND positionCaseInsensitiveUTF8(content, ${condition.value}) > 0 LIMIT ${LOOKUPS_MAX}`);
  return { ...NO_LOOKUPS, payloadHashes: rows.map(({ hash }) => hash) };
}

async function getOrigins(
  query: Query,
  table: 'resources' | 'scopes',
  project: string,
  ids: readonly string[],
): Promise<StoredOrigin[]> {
  if (ids.length === 0) return [];
  const rows = await query<OriginRow>(sql`SELECT ${raw(ORIGIN_COLUMNS)} FROM ${raw(table)}
    WHERE project = ${project} AND id IN ${idList(ids, 16)} GROUP BY id`);
  return rows.map(fromOriginRow);
}

async function countStored(query: Query, project: string): Promise<StoredTelemetry> {
  const count = async (table: string): Promise<number> => {
    const rows = await query<{ rows: string }>(
      sql`SELECT count() AS rows FROM ${raw(table)} WHERE project = ${project}`,
    );
    return Number(rows[0]?.rows ?? 0);
  };
  const [spans, logRecords, metricPoints] = await Promise.all([
    count('spans'),
    count('log_records'),
    count('metric_points'),
  ]);
  return { spans, logRecords, metricPoints };
}
