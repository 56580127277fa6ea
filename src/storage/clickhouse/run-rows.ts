import type { Turns } from '../../base/turns.ts';
import { atOnce } from '../../base/turns.ts';
import { parseDollars } from '../../model/money.ts';
import type {
  CallOrigin,
  CostSource,
  ModelCall,
  Run,
  RunStatus,
  RunTokens,
} from '../../model/run.ts';
import { CALL_ORIGINS, RUN_STATUSES } from '../../model/run.ts';
import type { Versioned } from '../run-store.ts';
import { RowBlock } from './row-block.ts';

/** Runs and calls as rows of their tables, there and back. A row goes by being written again with the sign −1. */

export interface Signed<T> extends Versioned<T> {
  readonly sign: 1 | -1;
}

const DATE_TIME = "DateTime('UTC')";
const DATE_TIME_64 = "DateTime64(9, 'UTC')";
const STATUS_ENUM = enumOf(RUN_STATUSES);
const ORIGIN_ENUM = enumOf(CALL_ORIGINS);
/** The last that the engine's types for days and hours can hold, in 2106. No later time is taken in. */
const NANOS_MAX = 2n ** 32n * 1_000_000_000n - 1n;

function enumOf(words: readonly string[]): string {
  return `Enum8(${words.map((word, index) => `'${word}' = ${index}`).join(', ')})`;
}

export function encodeRuns(rows: readonly Signed<Run>[], recordedS: number): Turns<Buffer[]> {
  const block = new RowBlock(rows);
  block.word('project', ({ value }) => value.project);
  block.u32('recorded', () => recordedS, DATE_TIME);
  block.u32('received', ({ value }) => Math.floor(value.receivedMs / 1000), DATE_TIME);
  block.id('trace_id', 16, ({ value }) => value.traceId);
  block.id('run_id', 8, ({ value }) => value.runId);
  block.id('parent_run_id', 8, ({ value }) => value.parentRunId);
  block.word('agent', ({ value }) => value.agent);
  block.word('agent_version', ({ value }) => value.agentVersion);
  block.word('name', ({ value }) => value.name);
  block.word('service', ({ value }) => value.service);
  block.word('framework', ({ value }) => value.framework);
  block.u8('implied', 'UInt8', ({ value }) => Number(value.implied));
  block.u8('status', STATUS_ENUM, ({ value }) => RUN_STATUSES.indexOf(value.status));
  block.word('error_type', ({ value }) => value.errorType);
  block.text('error_message', ({ value }) => value.errorMessage);
  block.i64('start', DATE_TIME_64, ({ value }) => held(value.startNs));
  block.nullableI64('duration_ns', ({ value }) => value.durationNs);
  block.u32('span_count', ({ value }) => value.spanCount);
  block.u32('error_count', ({ value }) => value.errorCount);
  block.u32('model_calls', ({ value }) => value.modelCalls);
  block.u32('tool_calls', ({ value }) => value.toolCalls);
  block.u32('retries', ({ value }) => value.retries);
  block.u32('loop_length', ({ value }) => value.loopLength);
  encodeTokens(block);
  block.u32('calls_without_tokens', ({ value }) => value.callsWithoutTokens);
  block.u32('calls_estimated', ({ value }) => value.callsEstimated);
  block.u32('calls_invalid', ({ value }) => value.callsInvalid);
  block.u32('calls_unpriced', ({ value }) => value.callsUnpriced);
  block.money('cost', ({ value }) => value.cost);
  block.text('conversation', ({ value }) => value.conversation);
  block.text('user', ({ value }) => value.user);
  block.texts('models', ({ value }) => value.models);
  block.counts('tools', ({ value }) => value.tools);
  block.u8('truncated', 'UInt8', ({ value }) => Number(value.truncated));
  block.u64('version', ({ version }) => version);
  block.u8('sign', 'Int8', ({ sign }) => sign);
  return block.finishInTurns();
}

export function encodeCalls(
  rows: readonly Signed<ModelCall>[],
  recordedS: number,
): Turns<Buffer[]> {
  const block = new RowBlock(rows);
  block.word('project', ({ value }) => value.project);
  block.u32('recorded', () => recordedS, DATE_TIME);
  block.id('trace_id', 16, ({ value }) => value.traceId);
  block.id('span_id', 8, ({ value }) => value.spanId);
  block.id('run_id', 8, ({ value }) => value.runId);
  block.word('agent', ({ value }) => value.agent);
  block.u8('origin', ORIGIN_ENUM, ({ value }) => CALL_ORIGINS.indexOf(value.origin));
  block.word('operation', ({ value }) => value.operation);
  block.word('provider', ({ value }) => value.provider);
  block.word('model', ({ value }) => value.model);
  block.word('request_model', ({ value }) => value.requestModel);
  block.i64('start', DATE_TIME_64, ({ value }) => held(value.startNs));
  block.i64('duration_ns', 'Int64', ({ value }) => value.durationNs);
  block.u8('failed', 'UInt8', ({ value }) => Number(value.failed));
  encodeTokens(block);
  block.u8('estimated', 'UInt8', ({ value }) => Number(value.estimated));
  block.u8('invalid', 'UInt8', ({ value }) => Number(value.invalid));
  block.money('cost', ({ value }) => value.cost.amount);
  block.word('cost_source', ({ value }) => value.cost.source);
  block.word('price_version', ({ value }) => value.cost.priceVersion);
  block.word('cost_missing', ({ value }) => value.cost.missing);
  block.text('conversation', ({ value }) => value.conversation);
  block.text('user', ({ value }) => value.user);
  block.u64('version', ({ version }) => version);
  block.u8('sign', 'Int8', ({ sign }) => sign);
  return block.finishInTurns();
}

function encodeTokens<T extends { readonly tokens: RunTokens }>(block: RowBlock<Signed<T>>): void {
  block.nullableCount('input_tokens', ({ value }) => value.tokens.input);
  block.nullableCount('output_tokens', ({ value }) => value.tokens.output);
  block.nullableCount('cache_read_tokens', ({ value }) => value.tokens.cacheRead);
  block.nullableCount('cache_write_tokens', ({ value }) => value.tokens.cacheWrite);
  block.nullableCount('reasoning_tokens', ({ value }) => value.tokens.reasoning);
}

/** What can be summed up by days. */
function held(ns: bigint): bigint {
  return ns < 0n ? 0n : ns > NANOS_MAX ? NANOS_MAX : ns;
}

const ID = (column: string): string =>
  `if(${column} = toFixedString('', 8), '', lower(hex(${column})))`;
const TOKENS = `input_tokens AS inputTokens, output_tokens AS outputTokens, cache_read_tokens AS cacheReadTokens,
  cache_write_tokens AS cacheWriteTokens, reasoning_tokens AS reasoningTokens`;

export const RUN_COLUMNS = `project, lower(hex(trace_id)) AS traceId, ${ID('run_id')} AS runId,
  ${ID('parent_run_id')} AS parentRunId, agent, agent_version AS agentVersion, name, service, framework, implied,
  toString(status) AS runStatus, error_type AS errorType, error_message AS errorMessage,
  toUnixTimestamp(received) AS receivedS, toUnixTimestamp64Nano(start) AS startNs, duration_ns AS durationNs, span_count AS spanCount,
  error_count AS errorCount, model_calls AS modelCalls, tool_calls AS toolCalls, retries,
  loop_length AS loopLength, ${TOKENS}, calls_without_tokens AS callsWithoutTokens,
  calls_estimated AS callsEstimated, calls_invalid AS callsInvalid, calls_unpriced AS callsUnpriced,
  toString(cost) AS dollars, conversation, user, models, mapKeys(tools) AS toolNames, mapValues(tools) AS toolCounts,
  truncated, version, sign`;

export const CALL_COLUMNS = `project, lower(hex(trace_id)) AS traceId, ${ID('span_id')} AS spanId,
  ${ID('run_id')} AS runId, agent, toString(origin) AS callOrigin, operation, provider, model,
  request_model AS requestModel, toUnixTimestamp64Nano(start) AS startNs, duration_ns AS durationNs, failed,
  ${TOKENS}, estimated, invalid, toString(cost) AS dollars, cost_source AS costSource,
  price_version AS priceVersion, cost_missing AS costMissing, conversation, user, version, sign`;

export interface TokenRow {
  readonly inputTokens: string | null;
  readonly outputTokens: string | null;
  readonly cacheReadTokens: string | null;
  readonly cacheWriteTokens: string | null;
  readonly reasoningTokens: string | null;
}

interface SignRow {
  readonly version: string;
  readonly sign: number;
}

export interface RunRow extends TokenRow, SignRow {
  readonly project: string;
  readonly traceId: string;
  readonly runId: string;
  readonly parentRunId: string;
  readonly agent: string;
  readonly agentVersion: string;
  readonly name: string;
  readonly service: string;
  readonly framework: string;
  readonly implied: number;
  readonly runStatus: RunStatus;
  readonly errorType: string;
  readonly errorMessage: string;
  readonly receivedS: number;
  readonly startNs: string;
  readonly durationNs: string | null;
  readonly spanCount: number;
  readonly errorCount: number;
  readonly modelCalls: number;
  readonly toolCalls: number;
  readonly retries: number;
  readonly loopLength: number;
  readonly callsWithoutTokens: number;
  readonly callsEstimated: number;
  readonly callsInvalid: number;
  readonly callsUnpriced: number;
  readonly dollars: string | null;
  readonly conversation: string;
  readonly user: string;
  readonly models: readonly string[];
  readonly toolNames: readonly string[];
  readonly toolCounts: readonly number[];
  readonly truncated: number;
}

export interface CallRow extends TokenRow, SignRow {
  readonly project: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly runId: string;
  readonly agent: string;
  readonly callOrigin: CallOrigin;
  readonly operation: string;
  readonly provider: string;
  readonly model: string;
  readonly requestModel: string;
  readonly startNs: string;
  readonly durationNs: string;
  readonly failed: number;
  readonly estimated: number;
  readonly invalid: number;
  readonly dollars: string | null;
  readonly costSource: CostSource;
  readonly priceVersion: string;
  readonly costMissing: string;
  readonly conversation: string;
  readonly user: string;
}

export function fromRunRow(row: RunRow): Run {
  return {
    project: row.project,
    traceId: row.traceId,
    runId: row.runId,
    parentRunId: row.parentRunId,
    agent: row.agent,
    agentVersion: row.agentVersion,
    name: row.name,
    service: row.service,
    framework: row.framework,
    implied: row.implied === 1,
    status: row.runStatus,
    errorType: row.errorType,
    errorMessage: row.errorMessage,
    receivedMs: row.receivedS * 1000,
    startNs: BigInt(row.startNs),
    durationNs: row.durationNs === null ? null : BigInt(row.durationNs),
    spanCount: row.spanCount,
    errorCount: row.errorCount,
    modelCalls: row.modelCalls,
    toolCalls: row.toolCalls,
    retries: row.retries,
    loopLength: row.loopLength,
    tokens: tokensOf(row),
    callsWithoutTokens: row.callsWithoutTokens,
    callsEstimated: row.callsEstimated,
    callsInvalid: row.callsInvalid,
    callsUnpriced: row.callsUnpriced,
    cost: toAmount(row.dollars),
    conversation: row.conversation,
    user: row.user,
    models: row.models,
    tools: Object.fromEntries(row.toolNames.map((name, index) => [name, row.toolCounts[index]!])),
    truncated: row.truncated === 1,
  };
}

export function fromCallRow(row: CallRow): ModelCall {
  return {
    project: row.project,
    traceId: row.traceId,
    spanId: row.spanId,
    runId: row.runId,
    agent: row.agent,
    origin: row.callOrigin,
    operation: row.operation,
    provider: row.provider,
    model: row.model,
    requestModel: row.requestModel,
    startNs: BigInt(row.startNs),
    durationNs: BigInt(row.durationNs),
    failed: row.failed === 1,
    tokens: tokensOf(row),
    estimated: row.estimated === 1,
    invalid: row.invalid === 1,
    cost: {
      amount: toAmount(row.dollars),
      source: row.costSource,
      priceVersion: row.priceVersion,
      missing: row.costMissing,
    },
    conversation: row.conversation,
    user: row.user,
  };
}

/** Rows gone through before others may have their turn. */
const ROWS_IN_A_TURN = 1_000;

/**
 * The rows that are there: those whose writing was not taken back. `keyOf` tells rows of different things apart.
 * Keeps the order of first sight.
 */
export function surviving<Row extends SignRow>(
  rows: readonly Row[],
  keyOf: (row: Row) => string,
): Row[] {
  return atOnce(survivingInTurns(rows, keyOf, (row) => row));
}

/** The same in steps, for the calls of a large trace, and what they say. */
export function* survivingInTurns<Row extends SignRow, T>(
  rows: readonly Row[],
  keyOf: (row: Row) => string,
  from: (row: Row) => T,
): Turns<T[]> {
  const sums = new Map<string, { row: Row; sum: number }>();
  for (const [index, row] of rows.entries()) {
    if (index % ROWS_IN_A_TURN === ROWS_IN_A_TURN - 1) yield;
    const key = `${keyOf(row)} ${row.version}`;
    const known = sums.get(key);
    if (known === undefined) sums.set(key, { row, sum: row.sign });
    else known.sum += row.sign;
  }
  const values: T[] = [];
  for (const { row, sum } of sums.values()) {
    if (sum <= 0) continue;
    values.push(from(row));
    if (values.length % ROWS_IN_A_TURN === 0) yield;
  }
  return values;
}

export function tokensOf(row: TokenRow): RunTokens {
  return {
    input: toCount(row.inputTokens),
    output: toCount(row.outputTokens),
    cacheRead: toCount(row.cacheReadTokens),
    cacheWrite: toCount(row.cacheWriteTokens),
    reasoning: toCount(row.reasoningTokens),
  };
}

function toCount(value: string | null): number | null {
  return value === null ? null : Number(value);
}

function toAmount(dollars: string | null): bigint | null {
  return dollars === null ? null : parseDollars(dollars)!;
}
