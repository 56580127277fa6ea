import type { LogQuestion, LogStore, StoredLog } from '../log-store.ts';
import type { TimeRange } from '../trace-store.ts';
import type { Engine } from './engine.ts';
import { createLogOutline } from './log-outline.ts';
import { behindPredicate, createLogConditions } from './log-predicates.ts';
import type { LogRow } from './log-rows.ts';
import { fromLogRow, LOG_COLUMNS } from './log-rows.ts';
import type { Query } from './query.ts';
import { createQuery } from './query.ts';
import { rangePredicate, time } from './span-predicates.ts';
import type { Sql } from './sql.ts';
import { join, raw, sql } from './sql.ts';
import { getPayloads } from './trace-store.ts';

type Find = Parameters<LogStore['findLogs']>[1];

const MINUTE_NS = 60_000_000_000n;
/** How far the stretches reach that are looked at one after the other; behind the last comes all the rest at once. */
const STRETCHES_NS: readonly bigint[] = [10n * MINUTE_NS, 180n * MINUTE_NS, 2_880n * MINUTE_NS];

/** Log records out of ClickHouse tables. */
export function createLogStore(engine: Engine): LogStore {
  const query = createQuery(engine);
  const prepare = createLogConditions(query);
  const prepareAll = (project: string, { conditions, range }: LogQuestion) =>
    Promise.all(conditions.map((condition) => prepare(project, condition, range)));
  return {
    ...createLogOutline(query, prepareAll),
    async findLogs(project, asked) {
      const conditions = await prepareAll(project, asked);
      const stretches = conditions.some(({ narrow }) => narrow)
        ? [asked.range]
        : stretchesOf(asked, await anchorOf(query, asked));
      const found: StoredLog[] = [];
      for (const [index, stretch] of stretches.entries()) {
        const last = index === stretches.length - 1;
        const rows = await query<LogRow>(
          statement(project, asked, {
            within: stretch,
            conditions: conditions.map(last ? (each) => each.indexed : (each) => each.predicate),
            limit: asked.limit - found.length,
          }),
        );
        for (const row of rows) found.push(fromLogRow(row));
        if (found.length === asked.limit) break;
      }
      return found;
    },
    getPayloadStarts: (project, hashes, bytes) =>
      getPayloads(query, project, hashes, sql`any(substring(content, 1, ${bytes}))`),
    async getLog(project, position) {
      const rows = await query<LogRow>(sql`SELECT ${LOG_COLUMNS} FROM log_records
        WHERE project = ${project} AND time = ${time(position.timeNs)}
          AND _block_number = ${position.block} AND _block_offset = ${position.row} LIMIT 1`);
      return rows[0] === undefined ? undefined : fromLogRow(rows[0]);
    },
  };
}

function statement(
  project: string,
  { range, after, order }: Find,
  part: {
    readonly within: TimeRange;
    readonly conditions: readonly Sql[];
    readonly limit: number;
  },
): Sql {
  const direction = raw(order === 'newest' ? 'DESC' : 'ASC');
  const wanted = [
    sql`project = ${project}`,
    rangePredicate(range, 'time'),
    withinPredicate(part.within),
    behindPredicate(after, order),
    ...part.conditions,
  ];
  return sql`SELECT ${LOG_COLUMNS} FROM log_records WHERE ${join(wanted, ' AND ')}
    ORDER BY time ${direction}, _block_number ${direction}, _block_offset ${direction} LIMIT ${part.limit}`;
}

/** By the records' own time alone: what was received when is for the range to say. */
function withinPredicate({ fromNs, toNs }: TimeRange): Sql {
  const parts = [raw('1')];
  if (fromNs !== undefined) parts.push(sql`time >= ${time(fromNs)}`);
  if (toNs !== undefined) parts.push(sql`time < ${time(toNs)}`);
  return join(parts, ' AND ');
}

/** From where the stretches are measured: the end of the range at which the order begins. */
async function anchorOf(query: Query, { after, order, range }: Find): Promise<bigint | undefined> {
  if (after !== undefined) return after.timeNs;
  if (order === 'oldest') return range.fromNs;
  // Of the newest part, not of the newest record: no row is read for it. Records are received about when they happen.
  const rows = await query<{ seconds: number }>(sql`SELECT toUnixTimestamp(max(max_time)) AS seconds
    FROM system.parts WHERE database = currentDatabase() AND table = 'log_records' AND active`);
  const newestNs = BigInt(rows[0]?.seconds ?? 0) * 1_000_000_000n;
  return range.toNs === undefined || range.toNs > newestNs ? newestNs : range.toNs;
}

/** Stretches of time that cover all, those first that the order begins with. */
function stretchesOf({ order }: Find, anchorNs: bigint | undefined): readonly TimeRange[] {
  const all: TimeRange = { fromNs: undefined, toNs: undefined };
  if (anchorNs === undefined) return [all];
  const stretches: TimeRange[] = [];
  let edge: bigint | undefined;
  for (const length of STRETCHES_NS) {
    const next = order === 'newest' ? anchorNs - length : anchorNs + length;
    stretches.push(
      order === 'newest' ? { fromNs: next, toNs: edge } : { fromNs: edge, toNs: next },
    );
    edge = next;
  }
  stretches.push(
    order === 'newest' ? { fromNs: undefined, toNs: edge } : { fromNs: edge, toNs: undefined },
  );
  return stretches;
}
