import { parseDollars } from '../../model/money.ts';
import type { RunTokens } from '../../model/run.ts';
import type { ModelCall } from '../../model/run.ts';
import type { CostDimension, CostFilter, CostGroup, CostStore, CostSums } from '../cost-store.ts';
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
const DAY_MS = 86_400_000;
/** Why a call with tokens has no price, where a price would mend it. */
const MENDABLE = raw(`cost IS NULL AND cost_missing IN ('unknown_model', 'unknown_tier')`);

/** Calls with tokens and no amount, whatever the reason: what no sum holds is told of, as with runs. */
export const UNPRICED = raw(
  'cost IS NULL AND (input_tokens IS NOT NULL OR output_tokens IS NOT NULL)',
);
const WITHOUT_TOKENS = raw(
  'input_tokens IS NULL AND output_tokens IS NULL AND invalid = 0 AND failed = 0',
);

const TOKEN_KINDS = ['input', 'output', 'cache_read', 'cache_write', 'reasoning'] as const;

/**
 * What every answer is made of, word by word as the projection `daily` has it, or that is not read. A row that was taken
 * back stands there again with the sign −1, so every sum is one of signs.
 */
const PARTS: Readonly<Record<string, string>> = {
  dollars: 'sum(cost * sign)',
  reportedDollars: "sumIf(cost * sign, cost_source = 'reported')",
  estimatedDollars: 'sumIf(cost * sign, estimated = 1)',
  calls: 'sum(sign)',
  pricedCalls: 'sumIf(sign, isNotNull(cost))',
  failedCalls: 'sumIf(sign, failed = 1)',
  unpricedCalls: `sumIf(sign, ${UNPRICED.text})`,
  callsWithoutTokens: `sumIf(sign, ${WITHOUT_TOKENS.text})`,
  invalidCalls: 'sumIf(sign, invalid = 1)',
  estimatedCalls: 'sumIf(sign, estimated = 1)',
  ...Object.fromEntries(
    TOKEN_KINDS.flatMap((kind) => [
      [`${kind}Known`, `sumIf(sign, isNotNull(${kind}_tokens))`],
      [`${kind}Sum`, `sum(toInt64(${kind}_tokens) * sign)`],
    ]),
  ),
};
const PART_COLUMNS = raw(
  Object.entries(PARTS)
    .map(([name, expression]) => `${expression} AS ${name}`)
    .join(', '),
);
/** Sums of the parts; null where no call that is there reported the kind. */
const WHOLES = raw(
  [
    ...['dollars', 'reportedDollars', 'estimatedDollars'].map(
      (name) => `toString(sum(part.${name})) AS ${name}`,
    ),
    ...Object.keys(PARTS)
      .filter((name) => name.endsWith('alls') || name === 'callsWithoutTokens')
      .map((name) => `sum(part.${name}) AS ${name}`),
    ...TOKEN_KINDS.map(
      (kind) => `if(sum(part.${kind}Known) > 0, sum(part.${kind}Sum), NULL) AS ${kind}Tokens`,
    ),
  ].join(', '),
);
/** Null where no call that is there reported the kind. */
const TOKENS = raw(
  TOKEN_KINDS.map(
    (kind) => `if(${PARTS[`${kind}Known`]!} > 0, ${PARTS[`${kind}Sum`]!}, NULL) AS ${kind}Tokens`,
  ).join(', '),
);

interface TokenRow {
  readonly inputTokens: string | null;
  readonly outputTokens: string | null;
  readonly cache_readTokens: string | null;
  readonly cache_writeTokens: string | null;
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
    sumCosts: (project, question) => sumCosts(query, project, question),

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

async function sumCosts(
  query: Query,
  project: string,
  { filter, by, timeZone, limit }: Parameters<CostStore['sumCosts']>[1],
): Promise<CostGroup[]> {
  const names = by.map((_, index) => raw(`key${index}`));
  const grouping = by.length === 0 ? raw('') : sql`GROUP BY ${join(names, ', ')}`;
  // Grouped by the columns as they are: a key that is put together first takes twice as long.
  const parts = periodsOf(filter, by, timeZone).map(({ where, day }) => {
    const columns = by.map(
      (dimension, index) =>
        sql`${dimension === 'day' ? day : raw(dimension)} AS ${names[index]!}, `,
    );
    return sql`SELECT ${join(columns, '')} ${PART_COLUMNS}
          FROM model_calls WHERE project = ${project} AND ${where} ${grouping}`;
  });
  const order = join([raw('sum(part.dollars) DESC NULLS LAST'), ...names], ', ');
  const keys = names.map((name) => sql`${name}, `);
  const rows = await query<SumsRow>(sql`SELECT ${join(keys, '')} ${WHOLES}
        FROM (${join(parts, ' UNION ALL ')}) AS part
        ${grouping} HAVING sum(part.calls) > 0 ORDER BY ${order} LIMIT ${limit}`);
  return rows.map((row) => ({
    key: names.map(({ text }) => row[text as `key${number}`]!),
    sums: toSums(row),
  }));
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

interface Period {
  readonly where: Sql;
  /** The day of a call in it. */
  readonly day: Sql;
}

/** The last day that the engine's type for days can hold, of the year 2149; a greater number is a time to it. */
const DATE_MAX = 65_535;

/** What the sums of days are kept by. */
const KEPT: ReadonlySet<CostDimension> = new Set(['agent', 'model', 'provider', 'day']);

/**
 * The calls of the range, each once: whole days (UTC) as they are summed up in the projection, where it has what is
 * asked for, and the hours before and behind call by call.
 */
function periodsOf(filter: CostFilter, by: readonly CostDimension[], timeZone: string): Period[] {
  const { fromMs, toMs } = filter;
  const rest = filterPredicate(filter);
  const whole = {
    where: sql`${startedIn(fromMs, toMs)} AND ${rest}`,
    day: sql`toDate(start, ${timeZone})`,
  };
  const isKept =
    filter.user === undefined &&
    filter.conversation === undefined &&
    by.every((dimension) => KEPT.has(dimension)) &&
    (timeZone === 'UTC' || !by.includes('day'));
  const first = Math.ceil(fromMs / DAY_MS);
  const behind = Math.min(Math.floor(toMs / DAY_MS), DATE_MAX);
  if (!isKept || first >= behind) return [whole];
  const day = raw('toDate(start)');
  const days = sql`toDate(start) >= toDate(${first}) AND toDate(start) < toDate(${behind})`;
  const edges = [
    [fromMs, first * DAY_MS],
    [behind * DAY_MS, toMs],
  ] as const;
  return [
    { where: sql`${days} AND ${rest}`, day },
    ...edges
      .filter(([from, to]) => from < to)
      .map(([from, to]) => ({ where: sql`${startedIn(from, to)} AND ${rest}`, day })),
  ];
}

function startedIn(fromMs: number, toMs: number): Sql {
  return sql`start >= ${time(BigInt(fromMs) * NANOS_PER_MS)} AND start < ${time(BigInt(toMs) * NANOS_PER_MS)}`;
}

function filterPredicate(filter: CostFilter): Sql {
  const parts = [raw('1')];
  for (const dimension of ['agent', 'model', 'provider', 'user', 'conversation'] as const) {
    const value = filter[dimension];
    if (value !== undefined) parts.push(sql`${raw(dimension)} = ${value}`);
  }
  if (filter.traceId !== undefined) parts.push(sql`trace_id = ${bytes(filter.traceId)}`);
  return join(parts, ' AND ');
}

function predicate(project: string, filter: CostFilter): Sql {
  return sql`project = ${project} AND ${startedIn(filter.fromMs, filter.toMs)} AND ${filterPredicate(filter)}`;
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
    cacheRead: count(row.cache_readTokens),
    cacheWrite: count(row.cache_writeTokens),
    reasoning: count(row.reasoningTokens),
  };
}

function toAmount(dollars: string | null): bigint {
  return dollars === null ? 0n : (parseDollars(dollars) ?? 0n);
}
