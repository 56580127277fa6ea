import type { Conversation } from '../../model/conversation.ts';
import { NAMES_MAX } from '../../model/conversation.ts';
import { parseDollars } from '../../model/money.ts';
import type { Run } from '../../model/run.ts';
import type {
  ConversationFilter,
  ConversationPosition,
  ConversationSortKey,
  ConversationStore,
  ThreadPosition,
} from '../conversation-store.ts';
import type { TimeRange } from '../trace-store.ts';
import type { Engine } from './engine.ts';
import type { Query } from './query.ts';
import { createQuery, inChunks } from './query.ts';
import type { RunRow, TokenRow } from './run-rows.ts';
import { fromRunRow, RUN_COLUMNS, surviving, tokensOf } from './run-rows.ts';
import { rangePredicate, spanPredicate, time, tracesPredicate } from './span-predicates.ts';
import type { Sql } from './sql.ts';
import { bytes, join, raw, sql } from './sql.ts';
import type { LookUp } from './trace-search.ts';
import { createLookUp } from './trace-search.ts';

const NANOS_PER_MS = 1_000_000n;

interface SumsRow extends TokenRow {
  readonly id: string;
  readonly agents: readonly string[];
  readonly users: readonly string[];
  readonly runs: string;
  readonly failedRuns: string;
  readonly traces: string;
  readonly errors: string;
  readonly calls: string;
  readonly toolCalls: string;
  readonly firstNs: string;
  readonly lastNs: string;
  readonly dollars: string;
  readonly pricedRuns: string;
  readonly callsUnpriced: string;
}

interface KeyRow {
  readonly traceId: string;
  readonly runId: string;
  readonly startNs: string;
}

export function createConversationStore(engine: Engine): ConversationStore {
  const query = createQuery(engine);
  const lookUp = createLookUp(query);
  return {
    async findConversations(project, { filter, sort, after, limit }) {
      const range = rangeOf(filter);
      const having = await conditions(lookUp, project, filter, range);
      const rows = await query<ConversationPosition>(sql`SELECT conversation AS id,
          toString(${KEYS[sort]}) AS value FROM runs
        WHERE ${scope(project, filter)}
        GROUP BY conversation
        HAVING sum(sign) > 0 AND ${join([...having, behind(sort, after)], ' AND ')}
        ORDER BY ${KEYS[sort]} DESC, conversation DESC LIMIT ${limit + 1}`);
      const page = rows.slice(0, limit);
      const conversations = await sumUp(query, project, filter, page);
      return { conversations, next: rows.length > limit ? page.at(-1) : undefined };
    },

    listRuns: (project, conversation, page) => listRuns(query, project, conversation, page),
    lastRuns: (project, conversations) => lastRuns(query, project, conversations),
  };
}

/** A row that takes another back subtracts what it added. The latest start is that of any row: it moves by little. */
const KEYS: Readonly<Record<ConversationSortKey, Sql>> = {
  last: raw('toUnixTimestamp64Nano(maxIf(start, sign > 0))'),
  cost: raw(`if(sum(sign * toInt64(model_calls)) > 0 AND sumIf(sign, isNotNull(cost) AND model_calls > 0) = 0,
    toDecimal128(-1, 12), sum(sign * ifNull(cost, toDecimal128(0, 12))))`),
  tokens: raw(`if(sumIf(sign, isNotNull(input_tokens) OR isNotNull(output_tokens)) = 0, toInt64(-1),
    sum(sign * toInt64(ifNull(input_tokens, 0) + ifNull(output_tokens, 0))))`),
  runs: raw('sum(sign)'),
  errors: raw('sum(sign * toInt64(error_count))'),
};

function behind(sort: ConversationSortKey, after: ConversationPosition | undefined): Sql {
  if (after === undefined) return raw('1');
  const key = KEYS[sort];
  const is = sort === 'cost' ? sql`toDecimal128(${after.value}, 12)` : sql`toInt64(${after.value})`;
  return sql`(${key} < ${is} OR (${key} = ${is} AND conversation < ${after.id}))`;
}

function rangeOf({ fromMs, toMs }: ConversationFilter): TimeRange {
  const toNs = (ms: number | undefined): bigint | undefined =>
    ms === undefined ? undefined : BigInt(Math.floor(ms)) * NANOS_PER_MS;
  return { fromNs: toNs(fromMs), toNs: toNs(toMs) };
}

/** The rows that are looked at. */
function scope(project: string, filter: ConversationFilter): Sql {
  const { fromNs, toNs } = rangeOf(filter);
  const parts = [sql`project = ${project}`, raw("conversation != ''")];
  if (filter.id !== undefined) parts.push(sql`conversation = ${filter.id}`);
  if (fromNs !== undefined) parts.push(sql`start >= ${time(fromNs)}`);
  if (toNs !== undefined) parts.push(sql`start < ${time(toNs)}`);
  return join(parts, ' AND ');
}

/** What must hold for a conversation, of its rows together. */
async function conditions(
  lookUp: LookUp,
  project: string,
  { agent, user, traceId, text }: ConversationFilter,
  range: TimeRange,
): Promise<Sql[]> {
  const parts: Sql[] = [];
  if (agent !== undefined) parts.push(sql`sumIf(sign, agent = ${agent}) > 0`);
  if (user !== undefined) parts.push(sql`sumIf(sign, user = ${user}) > 0`);
  if (traceId !== undefined) parts.push(sql`sumIf(sign, trace_id = ${bytes(traceId)}) > 0`);
  if (text === undefined) return parts;
  const condition = { kind: 'text', value: text } as const;
  const said = spanPredicate(condition, await lookUp(project, condition, range));
  const traces = sql`(SELECT trace_id FROM spans WHERE project = ${project} AND ${rangePredicate(range)} AND ${said})`;
  const holds = (column: string): Sql =>
    sql`positionCaseInsensitiveUTF8(${raw(column)}, ${text}) > 0`;
  parts.push(sql`(${holds('conversation')} OR
    sumIf(sign, ${holds('agent')} OR ${holds('user')} OR trace_id IN ${traces}) > 0)`);
  return parts;
}

/** The runs that are there, each once. */
function alive(columns: string, where: Sql): Sql {
  const picked = columns
    .split(' ')
    .map((column) => `any(r.${column}) AS ${column}`)
    .join(', ');
  return sql`(SELECT r.conversation AS conversation, r.trace_id AS trace_id, r.run_id AS run_id, r.start AS start,
      ${raw(picked)} FROM runs AS r WHERE ${where}
    GROUP BY r.conversation, r.trace_id, r.run_id, r.start, r.version HAVING sum(r.sign) > 0)`;
}

const SUMMED = [
  'agent user status parent_run_id error_count model_calls tool_calls calls_unpriced cost',
  'input_tokens output_tokens cache_read_tokens cache_write_tokens reasoning_tokens',
].join(' ');

const names = (column: string): string =>
  `arraySlice(arraySort(groupUniqArrayIf(toString(${column}), ${column} != '')), 1, ${NAMES_MAX})`;

/** The sums of a page's conversations, in its order. */
async function sumUp(
  query: Query,
  project: string,
  filter: ConversationFilter,
  page: readonly ConversationPosition[],
): Promise<Conversation[]> {
  if (page.length === 0) return [];
  const ids = page.map(({ id }) => id);
  const where = sql`${scope(project, filter)} AND conversation IN ${ids}`;
  const rows = await query<SumsRow>(sql`SELECT conversation AS id,
      ${raw(names('agent'))} AS agents, ${raw(names('user'))} AS users, count() AS runs,
      countIf(status = 'error') AS failedRuns, uniqExact(trace_id) AS traces, sum(error_count) AS errors,
      sum(model_calls) AS calls, sum(tool_calls) AS toolCalls,
      toUnixTimestamp64Nano(min(start)) AS firstNs, toUnixTimestamp64Nano(max(start)) AS lastNs,
      sum(input_tokens) AS inputTokens, sum(output_tokens) AS outputTokens,
      sum(cache_read_tokens) AS cacheReadTokens, sum(cache_write_tokens) AS cacheWriteTokens,
      sum(reasoning_tokens) AS reasoningTokens, toString(sum(ifNull(cost, toDecimal128(0, 12)))) AS dollars,
      countIf(isNotNull(cost) AND model_calls > 0) AS pricedRuns, sum(calls_unpriced) AS callsUnpriced
    FROM ${alive(SUMMED, where)} GROUP BY conversation`);
  const byId = new Map(rows.map((row) => [row.id, toConversation(row)]));
  return ids.flatMap((id) => byId.get(id) ?? []);
}

function toConversation(row: SumsRow): Conversation {
  const modelCalls = Number(row.calls);
  const isUnknown = modelCalls > 0 && Number(row.pricedRuns) === 0;
  return {
    id: row.id,
    agents: row.agents,
    users: row.users,
    runs: Number(row.runs),
    failedRuns: Number(row.failedRuns),
    traces: Number(row.traces),
    errors: Number(row.errors),
    modelCalls,
    toolCalls: Number(row.toolCalls),
    firstNs: BigInt(row.firstNs),
    lastNs: BigInt(row.lastNs),
    tokens: tokensOf(row),
    cost: isUnknown ? null : (parseDollars(row.dollars) ?? 0n),
    callsUnpriced: Number(row.callsUnpriced),
  };
}

async function listRuns(
  query: Query,
  project: string,
  conversation: string,
  { after, before, limit }: Parameters<ConversationStore['listRuns']>[2],
): Promise<readonly Run[]> {
  const place = ({ startNs, traceId, runId }: ThreadPosition): Sql =>
    sql`(${time(startNs)}, ${fixed(traceId, 16)}, ${fixed(runId, 8)})`;
  const bounds = [
    sql`project = ${project} AND conversation = ${conversation}`,
    ...(after === undefined ? [] : [sql`(start, trace_id, run_id) > ${place(after)}`]),
    ...(before === undefined ? [] : [sql`(start, trace_id, run_id) < ${place(before)}`]),
  ];
  const order = raw(
    before === undefined ? 'start, trace_id, run_id' : 'start DESC, trace_id DESC, run_id DESC',
  );
  const keys = await query<KeyRow>(sql`SELECT lower(hex(trace_id)) AS traceId,
      ${idOf('run_id')} AS runId, toUnixTimestamp64Nano(start) AS startNs FROM runs
    WHERE ${join(bounds, ' AND ')} GROUP BY start, trace_id, run_id HAVING sum(sign) > 0
    ORDER BY ${order} LIMIT ${limit}`);
  const runs = await readRuns(query, project, keys);
  return before === undefined ? runs : runs.toReversed();
}

async function lastRuns(
  query: Query,
  project: string,
  conversations: readonly string[],
): Promise<readonly Run[]> {
  if (conversations.length === 0) return [];
  const where = sql`project = ${project} AND conversation IN ${conversations}`;
  // A run that another started speaks with that one, not with the user.
  const rank = "(parent_run_id = toFixedString('', 8), start, trace_id, run_id)";
  const keys =
    await query<KeyRow>(sql`SELECT lower(hex(${raw(`argMax(trace_id, ${rank})`)})) AS traceId,
      ${idOf(`argMax(run_id, ${rank})`)} AS runId,
      toUnixTimestamp64Nano(${raw(`argMax(start, ${rank})`)}) AS startNs
    FROM ${alive('parent_run_id', where)} GROUP BY conversation`);
  return await readRuns(query, project, keys);
}

/** The runs of the keys, in their order. */
async function readRuns(
  query: Query,
  project: string,
  keys: readonly KeyRow[],
): Promise<readonly Run[]> {
  const rows = await inChunks(
    keys.map(({ traceId }) => traceId),
    (ids) =>
      query<RunRow>(
        sql`SELECT ${raw(RUN_COLUMNS)} FROM runs WHERE ${tracesPredicate(project, ids)}`,
      ),
  );
  const placeOf = (row: KeyRow): string => `${row.traceId}${row.runId}${row.startNs}`;
  const byPlace = new Map(surviving(rows, placeOf).map((row) => [placeOf(row), fromRunRow(row)]));
  return keys.flatMap((key) => byPlace.get(placeOf(key)) ?? []);
}

/** As runs are read: zeros are no id. */
function idOf(column: string): Sql {
  return raw(`if(${column} = toFixedString('', 8), '', lower(hex(${column})))`);
}

function fixed(digits: string, length: number): Sql {
  return sql`toFixedString(${bytes(digits)}, ${length})`;
}
