import { readFile } from 'node:fs/promises';

import type { Clock } from '../../base/clock.ts';
import { inTurns } from '../../base/turns.ts';
import type { ModelCall, Run } from '../../model/run.ts';
import type { AgentRuns, RowChanges, RunStore, StartWindow, Versioned } from '../run-store.ts';
import type { BlockInserterOptions } from './block-inserter.ts';
import { createBlockInserter } from './block-inserter.ts';
import type { NativeColumns } from './native-reader.ts';
import type { Query } from './query.ts';
import { createBlockQuery, createQuery, inChunks } from './query.ts';
import type { CallRow, RunRow, Signed } from './run-rows.ts';
import {
  CALL_COLUMNS,
  encodeCalls,
  encodeRuns,
  fromCallRow,
  fromRunRow,
  RUN_COLUMNS,
  surviving,
  survivingInTurns,
} from './run-rows.ts';
import { findRuns } from './run-search.ts';
import { GENAI_SPAN, RUN_SPAN_COLUMNS, TOLD_SPAN } from './run-span-rows.ts';
import { holdSpans, RunSpans } from './run-spans.ts';
import { receivedPredicate, time, tracesPredicate } from './span-predicates.ts';
import type { Sql } from './sql.ts';
import { bytes, idList, join, raw, sql } from './sql.ts';

const NANOS_PER_MS = 1_000_000n;
const DAY_MS = 86_400_000;
/** Calls of one trace that are listed. */
const CALLS_MAX = 100_000;
const CONVERSATION_CALLS_MAX = 10_000;
const TOLD_TRACES_MAX = 1_000;
/** A trace, and where its spans are. */
const TRACE_EXTENT = `lower(hex(trace_id)) AS traceId, toUnixTimestamp64Nano(min(start)) / 1e6 AS startMinMs,
  max(toUnixTimestamp64Nano(start) + greatest(duration_ns, 0)) / 1e6 AS endMaxMs, count() AS spans`;

export type RunStoreOptions = BlockInserterOptions;

/** Runs in ClickHouse tables: every change is a row more, and a row that is gone is written again with the sign −1. */
export function createRunStore(options: RunStoreOptions): RunStore {
  const query = createQuery(options.engine);
  return {
    ...spanReading(query, createBlockQuery(options.engine), options.clock),
    ...runReading(query),
    ...conversationReading(query, options.clock),
    writeChanges: createWriter(options),
    findRuns: (project, question) => findRuns(query, project, question),
    countRunsByAgent: (project, sinceMs) => countRunsByAgent(query, project, sinceMs),
    sliceByStart: (project, range, spansMax) =>
      sliceByStart(query, options.clock, project, { range, spansMax }),
  };
}

/** Writes through files that the engine reads, one after the other. */
function createWriter(options: RunStoreOptions): RunStore['writeChanges'] {
  const { clock } = options;
  const insert = createBlockInserter(options);
  let tail: Promise<void> = Promise.resolve();
  const write = async (runs: RowChanges<Run>, calls: RowChanges<ModelCall>): Promise<void> => {
    const recordedS = Math.floor(clock.now() / 1000);
    // Calls first: who reads in between must find the calls that a run counts.
    const callRows = signed(calls);
    if (callRows.length > 0)
      await insert('model_calls', await inTurns(encodeCalls(callRows, recordedS)));
    const runRows = signed(runs);
    if (runRows.length > 0) await insert('runs', await inTurns(encodeRuns(runRows, recordedS)));
  };
  return (runs, calls) => {
    const done = tail.then(() => write(runs, calls));
    tail = done.catch(() => undefined);
    return done;
  };
}

function spanReading(
  query: Query,
  queryBlocks: (statement: Sql) => Promise<NativeColumns[]>,
  clock: Clock,
): Pick<RunStore, 'readSpans' | 'holdSpans' | 'findGenAiTraces' | 'listTraces' | 'getPayloads'> {
  return {
    holdSpans: async (path, keys) => holdSpans(await readFile(path), keys),

    async readSpans(project, traceIds, { windows, keys, after, limit }) {
      const behind =
        after === undefined
          ? raw('1')
          : sql`(start, span_id) > (${time(after.startNs)}, toFixedString(${bytes(after.spanId)}, 8))`;
      const order = traceIds.length === 1 ? raw('ORDER BY start, span_id') : raw('');
      const blocks = await queryBlocks(sql`SELECT ${RUN_SPAN_COLUMNS} FROM spans
        WHERE ${tracesPredicate(project, traceIds)} AND ${withinAny(windows, clock.now())} AND ${behind}
        ${order} LIMIT ${limit}`);
      return blocks.flatMap((block) => new RunSpans(block, keys).all());
    },

    async findGenAiTraces(project, traceIds, window) {
      const rows = await inChunks(traceIds, (ids) =>
        query<{ id: string }>(sql`SELECT DISTINCT lower(hex(trace_id)) AS id FROM spans
          WHERE ${tracesPredicate(project, ids)} AND ${within(window, clock.now())} AND ${GENAI_SPAN}`),
      );
      return new Set(rows.map(({ id }) => id));
    },

    async listTraces(project, window) {
      const rows = await query<{
        traceId: string;
        startMinMs: number;
        endMaxMs: number;
        spans: string;
      }>(sql`SELECT ${raw(TRACE_EXTENT)} FROM spans WHERE project = ${project} AND ${within(window, clock.now())}
        GROUP BY trace_id HAVING countIf(${GENAI_SPAN}) > 0`);
      return rows.map((row) => ({ ...row, spans: Number(row.spans) }));
    },

    async getPayloads(project, hashes, charactersMax) {
      const rows = await inChunks(hashes, (chunk) =>
        query<{ digits: string; text: string }>(sql`SELECT lower(hex(hash)) AS digits,
            leftUTF8(any(content), ${charactersMax}) AS text FROM payloads
          WHERE project = ${project} AND hash IN ${idList(chunk)} GROUP BY hash`),
      );
      return new Map(rows.map(({ digits, text }) => [digits, text]));
    },
  };
}

function runReading(query: Query): Pick<RunStore, 'getTraceRuns' | 'findRunning' | 'listCalls'> {
  return {
    async getTraceRuns(project, traceIds, windows) {
      const where = (ids: readonly string[]): Sql =>
        sql`${tracesPredicate(project, ids)} AND ${startedWithinAny(windows)}`;
      const [runs, calls] = await Promise.all([
        inChunks(traceIds, (ids) =>
          query<RunRow>(sql`SELECT ${raw(RUN_COLUMNS)} FROM runs WHERE ${where(ids)}`),
        ),
        inChunks(traceIds, (ids) =>
          query<CallRow>(sql`SELECT ${raw(CALL_COLUMNS)} FROM model_calls WHERE ${where(ids)}`),
        ),
      ]);
      return {
        runs: await inTurns(survivingInTurns(runs, runKey, versioned(fromRunRow))),
        calls: await inTurns(survivingInTurns(calls, callKey, versioned(fromCallRow))),
      };
    },

    async findRunning(beforeMs, limit) {
      const seconds = Math.max(0, Math.floor(beforeMs / 1000));
      const rows = await query<{ project: string; traceId: string; startNs: string }>(
        sql`SELECT project, lower(hex(trace_id)) AS traceId, toUnixTimestamp64Nano(min(start)) AS startNs FROM (
            SELECT project, trace_id, start, run_id, version FROM runs
            WHERE status = 'running' GROUP BY project, trace_id, start, run_id, version
            HAVING sum(sign) > 0 AND max(recorded) < toDateTime(${seconds}, 'UTC'))
          GROUP BY project, trace_id ORDER BY startNs LIMIT ${limit}`,
      );
      return rows.map((row) => ({ ...row, startNs: BigInt(row.startNs) }));
    },

    async listCalls(project, traceId) {
      const rows = await query<CallRow>(sql`SELECT ${raw(CALL_COLUMNS)} FROM model_calls
        WHERE project = ${project} AND trace_id = ${bytes(traceId)}
        ORDER BY start, span_id LIMIT ${CALLS_MAX}`);
      return surviving(rows, callKey).map(fromCallRow);
    },
  };
}

function conversationReading(
  query: Query,
  clock: Clock,
): Pick<RunStore, 'findConversationCalls' | 'findToldTraces'> {
  return {
    async findConversationCalls(project, conversations, window) {
      const rows = await inChunks(conversations, (chunk) =>
        query<CallRow>(sql`SELECT ${raw(CALL_COLUMNS)} FROM model_calls
          WHERE project = ${project} AND ${startedWithin(window)} AND origin = 'span' AND conversation IN ${chunk}
          ORDER BY start LIMIT ${CONVERSATION_CALLS_MAX}`),
      );
      return surviving(rows, callKey).map(fromCallRow);
    },

    async findToldTraces(project, conversations, window) {
      const rows = await inChunks(conversations, (chunk) =>
        query<{ traceId: string; startMinMs: number; endMaxMs: number; spans: string }>(
          sql`SELECT ${raw(TRACE_EXTENT)} FROM spans
            WHERE project = ${project} AND ${within(window, clock.now())} AND ${TOLD_SPAN} AND conversation IN ${chunk}
            GROUP BY trace_id LIMIT ${TOLD_TRACES_MAX}`,
        ),
      );
      return rows.map((row) => ({ ...row, spans: Number(row.spans) }));
    },
  };
}

/** A run is received after it has begun, but for clocks that differ. */
const SKEW_S = 3_600;

async function countRunsByAgent(
  query: Query,
  project: string,
  sinceMs: number,
): Promise<readonly AgentRuns[]> {
  const since = Math.max(0, Math.floor(sinceMs / 1000));
  const rows = await query<{ agent: string; roots: string; everything: string }>(
    sql`SELECT agent, sumIf(sign, parent_run_id = toFixedString('', 8)) AS roots, sum(sign) AS everything
      FROM runs WHERE project = ${project} AND received >= toDateTime(${Math.max(0, since - SKEW_S)}, 'UTC')
        AND start >= toDateTime64(${since}, 9, 'UTC')
      GROUP BY agent HAVING everything > 0 ORDER BY agent`,
  );
  return rows.map(({ agent, roots, everything }) => ({
    agent,
    roots: Number(roots),
    all: Number(everything),
  }));
}

async function sliceByStart(
  query: Query,
  clock: Clock,
  project: string,
  { range, spansMax }: { readonly range: StartWindow; readonly spansMax: number },
): Promise<readonly StartWindow[]> {
  // A range of days is counted by the minute, so that the counts themselves stay few.
  const stepS = range.toMs - range.fromMs <= DAY_MS ? 1 : 60;
  const rows = await query<{ second: number; spans: string }>(
    sql`SELECT toUnixTimestamp(toStartOfInterval(start, INTERVAL ${stepS} SECOND)) AS second, count() AS spans
      FROM spans WHERE project = ${project} AND ${within(range, clock.now())} GROUP BY second ORDER BY second`,
  );
  const slices: StartWindow[] = [];
  let spans = 0;
  for (const row of rows) {
    const fromMs = Math.max(range.fromMs, row.second * 1000);
    const toMs = Math.min(range.toMs, (row.second + stepS) * 1000 - 1);
    const last = slices.at(-1);
    if (last === undefined || spans + Number(row.spans) > spansMax) {
      slices.push({ fromMs, toMs });
      spans = 0;
    } else slices[slices.length - 1] = { fromMs: last.fromMs, toMs };
    spans += Number(row.spans);
  }
  return slices;
}

function signed<T>({ gone, come }: RowChanges<T>): Signed<T>[] {
  return [
    ...gone.map(({ value, version }) => ({ value, version, sign: -1 as const })),
    ...come.map(({ value, version }) => ({ value, version, sign: 1 as const })),
  ];
}

/**
 * Spans that started in the window. They cannot have been received much before, unless the sender's clock is ahead:
 * one that says a time to come may have been received at any.
 */
function within(window: StartWindow | undefined, nowMs: number): Sql {
  return withinAny(window && [window], nowMs);
}

function withinAny(windows: readonly StartWindow[] | undefined, nowMs: number): Sql {
  if (windows === undefined) return raw('1');
  const fromMs = Math.min(...windows.map((window) => window.fromMs));
  const received = fromMs > nowMs ? raw('1') : receivedPredicate(toNs(fromMs));
  return sql`${startedWithinAny(windows)} AND ${received}`;
}

function startedWithinAny(windows: readonly StartWindow[] | undefined): Sql {
  if (windows === undefined) return raw('1');
  if (windows.length === 0) return raw('0');
  return sql`(${join(windows.map(startedWithin), ' OR ')})`;
}

function startedWithin(window: StartWindow): Sql {
  const to = toNs(window.toMs) + NANOS_PER_MS - 1n;
  return sql`start >= ${time(toNs(window.fromMs))} AND start <= ${time(to)}`;
}

function toNs(ms: number): bigint {
  return BigInt(Math.floor(Math.max(0, ms))) * NANOS_PER_MS;
}

const runKey = (row: RunRow): string => `${row.traceId}${row.runId}${row.startNs}`;
const callKey = (row: CallRow): string => `${row.traceId}${row.spanId}${row.startNs}`;

function versioned<Row extends { readonly version: string }, T>(
  from: (row: Row) => T,
): (row: Row) => Versioned<T> {
  return (row) => ({ value: from(row), version: Number(row.version) });
}
