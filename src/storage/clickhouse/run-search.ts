import { formatDollars } from '../../model/money.ts';
import type { Run } from '../../model/run.ts';
import type { RunFilter, RunPosition, RunQuery, RunSortKey } from '../run-store.ts';
import type { Query } from './query.ts';
import type { RunRow } from './run-rows.ts';
import { fromRunRow, RUN_COLUMNS, surviving } from './run-rows.ts';
import { time } from './span-predicates.ts';
import type { Sql } from './sql.ts';
import { bytes, join, raw, sql } from './sql.ts';

/** Rows read at once: a run that was changed twice has five. */
const ROWS_PER_RUN = 3;
const ROWS_MIN = 40;
const ROWS_MAX = 20_000;
const ROUNDS_MAX = 50;

interface SortedRow extends RunRow {
  readonly sortValue: string;
}

/**
 * Runs in order, without those that are gone. A row and the row that takes it back are equal in all that is filtered
 * and sorted by, so that both are found, side by side, and cancel each other here.
 */
export async function findRuns(
  query: Query,
  project: string,
  { filter, sort, after, limit }: RunQuery,
): Promise<{ runs: readonly Run[]; more: boolean }> {
  const found: Run[] = [];
  let position = after;
  let batch = Math.min(ROWS_MAX, limit * ROWS_PER_RUN + ROWS_MIN);
  for (let round = 0; round < ROUNDS_MAX; round++) {
    const rows =
      await query<SortedRow>(sql`SELECT ${raw(RUN_COLUMNS)}, toString(${SORTED_BY[sort]}) AS sortValue
      FROM runs WHERE project = ${project} AND ${predicateOf(filter)} AND ${behind(sort, position)}
      ORDER BY ${orderBy(sort)} LIMIT ${batch}`);
    const all = rows.length < batch;
    const whole = all ? rows : withoutLast(rows);
    if (whole.length === 0 && !all) {
      batch = Math.min(ROWS_MAX * ROWS_PER_RUN, batch * 2);
      continue;
    }
    found.push(...surviving(whole, placeOf).map(fromRunRow));
    if (found.length > limit || all)
      return { runs: found.slice(0, limit), more: found.length > limit };
    const last = whole.at(-1)!;
    position = {
      value: last.sortValue,
      startNs: BigInt(last.startNs),
      traceId: last.traceId,
      runId: last.runId,
    };
  }
  return { runs: found.slice(0, limit), more: true };
}

const placeOf = (row: SortedRow): string =>
  `${row.sortValue} ${row.startNs} ${row.traceId} ${row.runId}`;

/** The last row's fellows may not have been read. */
function withoutLast(rows: readonly SortedRow[]): readonly SortedRow[] {
  const last = placeOf(rows.at(-1)!);
  return rows.slice(
    0,
    rows.findIndex((row) => placeOf(row) === last),
  );
}

/** What is not known comes after everything that is. */
const SORTED_BY: Readonly<Record<RunSortKey, Sql>> = {
  start: raw('0'),
  cost: raw('ifNull(cost, toDecimal128(-1, 12))'),
  duration: raw('ifNull(duration_ns, -1)'),
  tokens: raw(`if(input_tokens IS NULL AND output_tokens IS NULL, -1,
    toInt64(ifNull(input_tokens, 0) + ifNull(output_tokens, 0)))`),
  input_tokens: raw('ifNull(toInt64(input_tokens), -1)'),
  output_tokens: raw('ifNull(toInt64(output_tokens), -1)'),
  model_calls: raw('toInt64(model_calls)'),
  tool_calls: raw('toInt64(tool_calls)'),
  errors: raw('toInt64(error_count)'),
  retries: raw('toInt64(retries)'),
  spans: raw('toInt64(span_count)'),
};

function orderBy(sort: RunSortKey): Sql {
  const key = raw('start DESC, trace_id DESC, run_id DESC');
  return sort === 'start' ? key : sql`${SORTED_BY[sort]} DESC, ${key}`;
}

function behind(sort: RunSortKey, position: RunPosition | undefined): Sql {
  if (position === undefined) return raw('1');
  const { startNs, traceId, runId, value } = position;
  const start = time(startNs);
  const key = sql`(start, trace_id, run_id) < (${start}, ${fixed(traceId, 16)}, ${fixed(runId, 8)})`;
  if (sort === 'start') return sql`start <= ${start} AND ${key}`;
  const is = sort === 'cost' ? sql`toDecimal128(${value}, 12)` : sql`toInt64(${value})`;
  return sql`(${SORTED_BY[sort]} < ${is} OR (${SORTED_BY[sort]} = ${is} AND ${key}))`;
}

const isOneOf =
  (column: string) =>
  (values: readonly string[]): Sql =>
    sql`${raw(column)} IN ${values}`;

/** What holds of a run that has one of the values. */
const FIELDS = {
  agent: isOneOf('agent'),
  agentVersion: isOneOf('agent_version'),
  service: isOneOf('service'),
  framework: isOneOf('framework'),
  name: isOneOf('name'),
  status: isOneOf('status'),
  errorType: isOneOf('error_type'),
  model: (values: readonly string[]): Sql => sql`hasAny(models, ${list(values)})`,
  tool: (values: readonly string[]): Sql => sql`hasAny(mapKeys(tools), ${list(values)})`,
  user: isOneOf('user'),
  conversation: isOneOf('conversation'),
} as const;

function list(values: readonly string[]): Sql {
  return sql`[${join(
    values.map((value) => sql`${value}`),
    ', ',
  )}]`;
}

/** The condition on a row of `runs`. */
export function predicateOf(filter: RunFilter): Sql {
  const parts = [raw('1')];
  const add = (part: Sql): void => void parts.push(part);
  const { fromMs, toMs, costMin, costMax, durationNsMin, durationNsMax } = filter;
  if (fromMs !== undefined) add(sql`start >= ${time(BigInt(Math.floor(fromMs)) * 1_000_000n)}`);
  if (toMs !== undefined) add(sql`start < ${time(BigInt(Math.floor(toMs)) * 1_000_000n)}`);
  if (filter.traceId !== undefined) add(sql`trace_id = ${bytes(filter.traceId)}`);
  if (filter.runId !== undefined) add(sql`run_id = ${bytes(filter.runId)}`);
  if (filter.parentRunId !== undefined) add(sql`parent_run_id = ${fixed(filter.parentRunId, 8)}`);
  for (const [key, holds] of Object.entries(FIELDS)) {
    const values = [filter[key as keyof typeof FIELDS] ?? []].flat();
    if (values.length > 0) add(holds(values));
  }
  if (costMin !== undefined) add(sql`cost >= toDecimal128(${formatDollars(costMin)}, 12)`);
  if (costMax !== undefined) add(sql`cost <= toDecimal128(${formatDollars(costMax)}, 12)`);
  if (durationNsMin !== undefined) add(sql`duration_ns >= ${durationNsMin}`);
  if (durationNsMax !== undefined) add(sql`duration_ns <= ${durationNsMax}`);
  return join(parts, ' AND ');
}

/** An id, or zeros for none. */
function fixed(digits: string, length: number): Sql {
  return sql`toFixedString(${bytes(digits)}, ${length})`;
}
