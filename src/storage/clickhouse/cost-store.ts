import { parseDollars } from '../../model/money.ts';
import type { RunTokens } from '../../model/run.ts';
import type { ModelCall } from '../../model/run.ts';
import type { CostDimension, CostFilter, CostStore, CostSums } from '../cost-store.ts';
import type { Engine } from './engine.ts';
import type { Versioned } from '../run-store.ts';
import type { Query } from './query.ts';
import { createQuery, inChunks } from './query.ts';
import type { CallRow } from './run-rows.ts';
import { CALL_COLUMNS, fromCallRow, surviving } from './run-rows.ts';
import { time, tracesPredicate } from './span-predicates.ts';
import type { Sql } from './sql.ts';
import { bytes, join, raw, sql } from './sql.ts';

const NANOS_PER_MS = 1_000_000n;
/** Why a call with tokens has no price, where a price would mend it. */
const MENDABLE = raw(`cost IS NULL AND cost_missing IN ('unknown_model', 'unknown_tier')`);

/** Calls with tokens and no amount, whatever the reason: what no sum holds is told of, as with runs. */
export const UNPRICED = raw(
  'cost IS NULL AND (input_tokens IS NOT NULL OR output_tokens IS NOT NULL)',
);
const WITHOUT_TOKENS = raw(
  'input_tokens IS NULL AND output_tokens IS NULL AND invalid = 0 AND failed = 0',
);

/** A row that was taken back stands there again with the sign −1, so every sum is one of signs. */
const SUMS = raw(`toString(sum(cost * sign)) AS dollars,
  toString(sumIf(cost * sign, cost_source = 'reported')) AS reportedDollars,
  toString(sumIf(cost * sign, estimated = 1)) AS estimatedDollars,
  sum(sign) AS calls, sumIf(sign, isNotNull(cost)) AS pricedCalls, sumIf(sign, failed = 1) AS failedCalls,
  sumIf(sign, ${UNPRICED.text}) AS unpricedCalls,
  sumIf(sign, ${WITHOUT_TOKENS.text}) AS callsWithoutTokens,
  sumIf(sign, invalid = 1) AS invalidCalls, sumIf(sign, estimated = 1) AS estimatedCalls`);
/** Null where no call that is there reported the kind. */
const tokenSum = (column: string, name: string): string =>
  `if(sumIf(sign, isNotNull(${column})) > 0, sum(toInt64(${column}) * sign), NULL) AS ${name}`;
const TOKENS = raw(
  [
    tokenSum('input_tokens', 'inputTokens'),
    tokenSum('output_tokens', 'outputTokens'),
    tokenSum('cache_read_tokens', 'cacheReadTokens'),
    tokenSum('cache_write_tokens', 'cacheWriteTokens'),
    tokenSum('reasoning_tokens', 'reasoningTokens'),
  ].join(', '),
);

interface TokenRow {
  readonly inputTokens: string | null;
  readonly outputTokens: string | null;
  readonly cacheReadTokens: string | null;
  readonly cacheWriteTokens: string | null;
  readonly reasoningTokens: string | null;
}

interface SumsRow extends TokenRow {
  readonly [key: `key${number}`]: string;
  /** Null where no call has a price. */
  readonly dollars: string | null;
  readonly reportedDollars: string | null;
  readonly estimatedDollars: string | null;
  readonly calls: string;
  readonly pricedCalls: string;
  readonly failedCalls: string;
  readonly unpricedCalls: string;
  readonly callsWithoutTokens: string;
  readonly invalidCalls: string;
  readonly estimatedCalls: string;
}

interface UnpricedRow extends TokenRow {
  readonly provider: string;
  readonly model: string;
  readonly missing: string;
  readonly calls: string;
  readonly firstNs: string;
  readonly lastNs: string;
  readonly agents: readonly string[];
}

export function createCostStore(engine: Engine): CostStore {
  const query = createQuery(engine);
  return {
    async sumCosts(project, { filter, by, timeZone, limit }) {
      // Grouped by the columns as they are: a key that is put together first takes twice as long.
      const names = by.map((_, index) => raw(`key${index}`));
      const columns = by.map(
        (dimension, index) => sql`${columnOf(dimension, timeZone)} AS ${names[index]!}, `,
      );
      const grouping = by.length === 0 ? raw('') : sql`GROUP BY ${join(names, ', ')}`;
      const order = join([raw('sum(cost * sign) DESC NULLS LAST'), ...names], ', ');
      const rows = await query<SumsRow>(sql`SELECT ${join(columns, '')} ${SUMS}, ${TOKENS}
        FROM model_calls WHERE ${predicate(project, filter)}
        ${grouping} HAVING calls > 0 ORDER BY ${order} LIMIT ${limit}`);
      return rows.map((row) => ({
        key: names.map(({ text }) => row[text as `key${number}`]!),
        sums: toSums(row),
      }));
    },

    listEvents: (project, question) => listEvents(query, project, question),

    async listUnpriced(project, range, limit) {
      const rows = await query<UnpricedRow>(sql`SELECT provider, model, cost_missing AS missing,
          sum(sign) AS calls, ${TOKENS}, toUnixTimestamp64Nano(min(start)) AS firstNs,
          toUnixTimestamp64Nano(max(start)) AS lastNs,
          arraySort(groupUniqArray(10)(agent)) AS agents
        FROM model_calls WHERE ${predicate(project, range)} AND ${MENDABLE}
        GROUP BY provider, model, missing HAVING calls > 0
        ORDER BY calls DESC, model, provider LIMIT ${limit}`);
      return rows.map((row) => ({
        provider: row.provider,
        model: row.model,
        missing: row.missing,
        calls: Number(row.calls),
        tokens: toTokens(row),
        firstMs: Number(BigInt(row.firstNs) / NANOS_PER_MS),
        lastMs: Number(BigInt(row.lastNs) / NANOS_PER_MS),
        agents: row.agents,
      }));
    },
  };
}

/** First which of them there are, so that a page is of calls and not of the rows that their changes left. */
async function listEvents(
  query: Query,
  project: string,
  { range, after, limit }: Parameters<CostStore['listEvents']>[1],
): Promise<Versioned<ModelCall>[]> {
  const behind =
    after === undefined
      ? raw('1')
      : sql`(start, trace_id) > (${time(after.startNs)}, ${bytes(after.traceId)})`;
  const found = await query<{ traceId: string }>(sql`SELECT lower(hex(trace_id)) AS traceId
    FROM model_calls WHERE ${predicate(project, range)} AND origin = 'event' AND ${behind}
    GROUP BY start, trace_id HAVING sum(sign) > 0 ORDER BY start, trace_id LIMIT ${limit}`);
  const rows = await inChunks(
    found.map(({ traceId }) => traceId),
    (ids) =>
      query<CallRow>(sql`SELECT ${raw(CALL_COLUMNS)} FROM model_calls
        WHERE ${tracesPredicate(project, ids)} AND origin = 'event' ORDER BY start, trace_id`),
  );
  const byTrace = new Map(
    surviving(rows, (row) => `${row.traceId} ${row.spanId}`).map((row) => [
      row.traceId,
      { value: fromCallRow(row), version: Number(row.version) },
    ]),
  );
  return found.map(({ traceId }) => byTrace.get(traceId)).filter((call) => call !== undefined);
}

function columnOf(dimension: CostDimension, timeZone: string): Sql {
  if (dimension === 'day') return sql`toDate(start, ${timeZone})`;
  return raw(dimension);
}

function predicate(project: string, filter: CostFilter): Sql {
  const parts = [
    sql`project = ${project}`,
    sql`start >= ${time(BigInt(filter.fromMs) * NANOS_PER_MS)}`,
    sql`start < ${time(BigInt(filter.toMs) * NANOS_PER_MS)}`,
  ];
  for (const dimension of ['agent', 'model', 'provider', 'user', 'conversation'] as const) {
    const value = filter[dimension];
    if (value !== undefined) parts.push(sql`${raw(dimension)} = ${value}`);
  }
  if (filter.traceId !== undefined) parts.push(sql`trace_id = ${bytes(filter.traceId)}`);
  return join(parts, ' AND ');
}

function toSums(row: SumsRow): CostSums {
  return {
    cost: toAmount(row.dollars),
    reportedCost: toAmount(row.reportedDollars),
    estimatedCost: toAmount(row.estimatedDollars),
    calls: Number(row.calls),
    pricedCalls: Number(row.pricedCalls),
    failedCalls: Number(row.failedCalls),
    unpricedCalls: Number(row.unpricedCalls),
    callsWithoutTokens: Number(row.callsWithoutTokens),
    invalidCalls: Number(row.invalidCalls),
    estimatedCalls: Number(row.estimatedCalls),
    tokens: toTokens(row),
  };
}

function toTokens(row: TokenRow): RunTokens {
  const count = (value: string | null): number | null => (value === null ? null : Number(value));
  return {
    input: count(row.inputTokens),
    output: count(row.outputTokens),
    cacheRead: count(row.cacheReadTokens),
    cacheWrite: count(row.cacheWriteTokens),
    reasoning: count(row.reasoningTokens),
  };
}

function toAmount(dollars: string | null): bigint {
  return dollars === null ? 0n : (parseDollars(dollars) ?? 0n);
}
