import type { StoredTelemetry } from '../../model/stored-telemetry.ts';
import type { StoredOrigin, TraceStore } from '../trace-store.ts';
import type { Engine } from './engine.ts';
import type { Query } from './query.ts';
import { createBlockQuery, createQuery, inChunks } from './query.ts';
import { spanPredicate, time, tracesPredicate } from './span-predicates.ts';
import { listEvents } from './span-events.ts';
import { listOutline } from './span-outline.ts';
import type { OriginRow, SpanRow } from './span-rows.ts';
import { fromOriginRow, fromSpanRow, ORIGIN_COLUMNS, SPAN_COLUMNS } from './span-rows.ts';
import type { Sql } from './sql.ts';
import { bytes, idList, raw, sql } from './sql.ts';
import { createLookUp, createTraceSearch } from './trace-search.ts';
import { summarizeTraces } from './trace-summary.ts';

/** Traces out of ClickHouse tables. */
export function createTraceStore(engine: Engine): TraceStore {
  const query = createQuery(engine);
  const queryBlocks = createBlockQuery(engine);
  const lookUp = createLookUp(query);
  return {
    ...createTraceSearch(query),
    summarizeTraces: (project, traceIds) => summarizeTraces(query, project, traceIds),
    listSpans: async (project, traceId, { after, limit, spanIds }) => {
      if (spanIds?.length === 0) return [];
      const named = spanIds === undefined ? raw('1') : sql`span_id IN ${idList(spanIds)}`;
      const trace = sql`${tracesPredicate(project, [traceId])} AND ${named}`;
      const behind =
        after === undefined
          ? raw('1')
          : sql`(first, id) > (${time(after.startNs)}, toFixedString(${bytes(after.spanId)}, 8))`;
      // Which spans are on the page is found by their ids alone; the wide columns are read for those only.
      const rows = await query<SpanRow>(sql`SELECT ${raw(SPAN_COLUMNS)} FROM spans
        WHERE ${trace} AND (start, span_id) IN (
          SELECT first, id FROM (SELECT min(start) AS first, span_id AS id FROM spans WHERE ${trace} GROUP BY span_id)
          WHERE ${behind} ORDER BY first, id LIMIT ${limit})
        ORDER BY start, span_id LIMIT 1 BY span_id`);
      return rows.map(fromSpanRow);
    },
    getTraceStart: async (project, traceId) => {
      const rows = await query<{ startNs: string }>(sql`SELECT
          toUnixTimestamp64Nano(min(start)) AS startNs FROM spans
        WHERE ${tracesPredicate(project, [traceId])} HAVING count() > 0`);
      return rows[0] === undefined ? undefined : BigInt(rows[0].startNs);
    },
    listOutline: (project, traceId, page) => listOutline(queryBlocks, project, traceId, page),
    listEvents: (project, traceId, limit) => listEvents(query, project, traceId, limit),
    findSpans: async (project, traceId, { text, limit }) => {
      const condition = { kind: 'text', value: text } as const;
      const range = { fromNs: undefined, toNs: undefined };
      const predicate = spanPredicate(condition, await lookUp(project, condition, range));
      const rows = await query<{
        id: string;
      }>(sql`SELECT DISTINCT lower(hex(span_id)) AS id FROM spans
        WHERE ${tracesPredicate(project, [traceId])} AND ${predicate} LIMIT ${limit}`);
      return rows.map(({ id }) => id);
    },
    getResources: (project, ids) => getOrigins(query, 'resources', project, ids),
    getScopes: (project, ids) => getOrigins(query, 'scopes', project, ids),
    getPayloads: (project, hashes) => getPayloads(query, project, hashes, raw('any(content)')),
    getPayloadSizes: async (project, hashes) => {
      const sizes = await getPayloads(query, project, hashes, raw('any(length(content))'));
      return new Map([...sizes].map(([hash, size]) => [hash, Number(size)]));
    },
    countStored: (project) => countStored(query, project),
  };
}

/** By hash, what the expression makes of each content. */
export async function getPayloads(
  query: Query,
  project: string,
  hashes: readonly string[],
  content: Sql,
): Promise<ReadonlyMap<string, string>> {
  const rows = await inChunks(hashes, (chunk) =>
    query<{
      digits: string;
      text: string;
    }>(sql`SELECT lower(hex(hash)) AS digits, ${content} AS text
      FROM payloads WHERE project = ${project} AND hash IN ${idList(chunk)} GROUP BY hash`),
  );
  return new Map(rows.map(({ digits, text }) => [digits, text]));
}

/** Resources or scopes by their ids. */
export async function getOrigins(
  query: Query,
  table: 'resources' | 'scopes',
  project: string,
  ids: readonly string[],
): Promise<StoredOrigin[]> {
  const rows = await inChunks(ids, (chunk) =>
    query<OriginRow>(sql`SELECT ${raw(ORIGIN_COLUMNS)} FROM ${raw(table)}
      WHERE project = ${project} AND id IN ${idList(chunk)} GROUP BY id`),
  );
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
