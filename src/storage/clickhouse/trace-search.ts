import { BoundedMap } from '../../base/bounded-map.ts';
import type { SpanCondition, TimeRange, TracePosition, TraceStore } from '../trace-store.ts';
import type { Query } from './query.ts';
import { inChunks } from './query.ts';
import type { Lookups } from './span-predicates.ts';
import {
  itemPredicate,
  rangePredicate,
  receivedPredicate,
  spanPredicate,
  time,
  tracesPredicate,
} from './span-predicates.ts';
import type { Sql } from './sql.ts';
import { bytes, idList, join, raw, sql } from './sql.ts';

const NO_LOOKUPS: Lookups = {
  resourceIds: undefined,
  scopeIds: undefined,
  payloadHashes: undefined,
};
/** Spans looked at in one step: up to here the engine keeps the newest only, beyond it sorts all of them. */
const SPANS_MAX = 1_000;
/** More ids than this are not written out, but found again by the statement itself. */
const LISTED_MAX = 2_000;
/** The steps of one search ask for the same; for so long an answer is used again. */
const LOOKUP_KEPT_MS = 1_000;
const LOOKUPS_KEPT_MAX = 64;

interface PositionRow {
  readonly traceId: string;
  readonly startNs: string;
}

const toPosition = (row: PositionRow): TracePosition => ({
  traceId: row.traceId,
  startNs: BigInt(row.startNs),
});

/** The part of a `TraceStore` that finds traces by what their spans are like. */
export function createTraceSearch(query: Query): Pick<TraceStore, 'findTraces' | 'matchTraces'> {
  const lookUp = createLookUp(query);
  return {
    async findTraces(project, { range, condition, from, except }) {
      const lookups = await lookUp(project, condition, range);
      const rows = await query<PositionRow>(sql`SELECT lower(hex(trace_id)) AS traceId,
          toUnixTimestamp64Nano(start) AS startNs FROM spans
        WHERE project = ${project} AND ${rangePredicate(range)} AND ${behind(from)}
          AND ${except.length === 0 ? raw('1') : sql`trace_id NOT IN ${idList(except)}`}
          AND ${spanPredicate(condition, lookups)}
        ORDER BY start DESC, trace_id DESC LIMIT ${SPANS_MAX}`);
      const newest = new Map<string, PositionRow>();
      for (const row of rows) if (!newest.has(row.traceId)) newest.set(row.traceId, row);
      const last = rows.length < SPANS_MAX ? undefined : rows.at(-1);
      return {
        traces: [...newest.values()].map(toPosition),
        next: last === undefined ? undefined : toPosition(last),
      };
    },

    async matchTraces(project, traceIds, { range, first, others }) {
      const all = [first, ...others];
      const predicates = await Promise.all(
        all.map(async (condition) =>
          spanPredicate(condition, await lookUp(project, condition, range)),
        ),
      );
      const within = rangePredicate(range);
      const having = all.map((condition, index) =>
        condition?.kind === 'no_error'
          ? raw('countIf(status_code = 2) = 0')
          : sql`countIf(${within} AND ${predicates[index]!}) > 0`,
      );
      // Spans out of the range matter to `no_error` alone.
      const scope = all.some((condition) => condition?.kind === 'no_error') ? raw('1') : within;
      const fits = sql`${within} AND ${predicates[0]!}`;
      const rows = await inChunks(traceIds, (ids) =>
        query<PositionRow>(sql`SELECT lower(hex(trace_id)) AS traceId,
            toUnixTimestamp64Nano(maxIf(start, ${fits})) AS startNs FROM spans
          WHERE ${tracesPredicate(project, ids)} AND ${scope}
          GROUP BY trace_id HAVING countIf(${fits}) > 0 AND ${join(having, ' AND ')}`),
      );
      return rows.map(toPosition);
    },
  };
}

function behind(position: TracePosition | undefined): Sql {
  if (position === undefined) return raw('1');
  const start = time(position.startNs);
  return sql`start <= ${start} AND (start < ${start} OR trace_id < ${bytes(position.traceId)})`;
}

export type LookUp = (
  project: string,
  condition: SpanCondition | undefined,
  range: TimeRange,
) => Promise<Lookups>;

export function createLookUp(query: Query): LookUp {
  const kept = new BoundedMap<string, { readonly lookups: Lookups; readonly until: number }>(
    LOOKUPS_KEPT_MAX,
  );
  const ask = async (
    project: string,
    condition: SpanCondition | undefined,
    range: TimeRange,
  ): Promise<Lookups> => {
    if (condition?.kind === 'attribute') {
      const { key, value } = condition;
      const [resourceIds, scopeIds] = await Promise.all([
        listIds(query, originsWith('resources', project, key, value)),
        listIds(query, originsWith('scopes', project, key, value)),
      ]);
      return { ...NO_LOOKUPS, resourceIds, scopeIds };
    }
    if (condition?.kind !== 'text') return NO_LOOKUPS;
    const received = range.fromNs === undefined ? raw('1') : receivedPredicate(range.fromNs);
    const found = sql`SELECT DISTINCT lower(hex(hash)) AS id FROM payloads WHERE project = ${project}
      AND ${received} AND positionCaseInsensitiveUTF8(content, ${condition.value}) > 0`;
    return { ...NO_LOOKUPS, payloadHashes: await listTexts(query, found) };
  };
  return async (project, condition, range) => {
    if (condition?.kind !== 'attribute' && condition?.kind !== 'text') return NO_LOOKUPS;
    const key = JSON.stringify([project, condition, String(range.fromNs)]);
    const known = kept.get(key);
    if (known !== undefined && known.until > performance.now()) return known.lookups;
    const lookups = await ask(project, condition, range);
    kept.set(key, { lookups, until: performance.now() + LOOKUP_KEPT_MS });
    return lookups;
  };
}

function originsWith(table: string, project: string, key: string, value: string): Sql {
  return sql`SELECT DISTINCT id FROM ${raw(table)} WHERE project = ${project} AND ${itemPredicate(key, value)}`;
}

/** What the statement finds, for `IN`; undefined when it finds nothing. */
async function listIds(query: Query, found: Sql): Promise<Sql | undefined> {
  const rows = await query<{ id: string }>(
    sql`SELECT lower(hex(id)) AS id FROM (${found}) LIMIT ${LISTED_MAX + 1}`,
  );
  if (rows.length === 0) return undefined;
  return rows.length > LISTED_MAX ? sql`(${found})` : idList(rows.map(({ id }) => id));
}

async function listTexts(query: Query, found: Sql): Promise<Sql | undefined> {
  const rows = await query<{ id: string }>(sql`SELECT id FROM (${found}) LIMIT ${LISTED_MAX + 1}`);
  if (rows.length === 0) return undefined;
  if (rows.length > LISTED_MAX) return sql`(${found})`;
  return sql`${rows.map(({ id }) => id)}`;
}
