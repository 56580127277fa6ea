import type { ModelCall, Run } from '../model/run.ts';
import type { TouchedTrace } from '../model/touched-traces.ts';

/** Start times to look among, milliseconds since 1970 UTC, both inclusive. */
export interface StartWindow {
  readonly fromMs: number;
  readonly toMs: number;
}

/** A span as far as runs are found from it. Ids are lower-case hex; '' is what is not said. */
export interface RunSpan {
  readonly traceId: string;
  readonly spanId: string;
  /** '' for a root. */
  readonly parentSpanId: string;
  /** When it was received, seconds since 1970 UTC. */
  readonly receivedS: number;
  readonly name: string;
  /** `SpanKind` of OTLP: 2 server, 5 consumer. */
  readonly kind: number;
  /** The sender said that the parent is in another process. */
  readonly remoteParent: boolean;
  readonly startNs: bigint;
  /** Negative when the span has no end. */
  readonly durationNs: bigint;
  /** 0 unset, 1 ok, 2 error. */
  readonly statusCode: number;
  readonly statusMessage: string;
  readonly service: string;
  readonly resourceId: string;
  readonly scopeName: string;
  readonly agent: string;
  readonly operation: string;
  readonly requestModel: string;
  readonly responseModel: string;
  readonly provider: string;
  readonly framework: string;
  readonly toolName: string;
  readonly toolCallId: string;
  readonly conversation: string;
  readonly user: string;
  readonly errorType: string;
  readonly inputTokens: number | null;
  readonly outputTokens: number | null;
  readonly cacheReadTokens: number | null;
  readonly cacheWriteTokens: number | null;
  /** Of `cacheWriteTokens`, those that are kept for an hour. */
  readonly cacheWrite1hTokens: number | null;
  readonly reasoningTokens: number | null;
  /** US dollars. */
  readonly reportedCost: number | null;
  /** Bits of `GENAI_FLAG`. */
  readonly flags: number;
  /** As the sender spells it. */
  readonly serviceTier: string;
  /** The attributes that were asked for (`ContentKeys`), as stored: large parts are payload references. */
  readonly keys: readonly string[];
  readonly values: readonly string[];
  /** OTLP/JSON array, or ''. */
  readonly events: string;
}

/** Which attributes of spans that belong to agents, models or tools are read with them. */
export interface ContentKeys {
  readonly exact: readonly string[];
  readonly prefixes: readonly string[];
}

/** The spans of one stored segment in memory, as `readSpans` would give them. */
export interface HeldSpans {
  /** Memory that they take. */
  readonly bytes: number;

  /** The trace's spans in the segment, in any order. */
  spansOf(project: string, traceId: string): readonly RunSpan[];
}

/** A row with the version under which it is stored. */
export interface Versioned<T> {
  readonly value: T;
  /** Grows with every change of the row. */
  readonly version: number;
}

/** What is to be changed: rows that go as they were stored, and rows that come with a version of their own. */
export interface RowChanges<T> {
  readonly gone: readonly Versioned<T>[];
  readonly come: readonly Versioned<T>[];
}

/** Where a page of runs goes on: the last row's value by which it is sorted, and its key. */
export interface RunPosition {
  /** Of the sort key, decimal text: dollars, nanoseconds, tokens; -1 for a run without one. Unused when sorted by start. */
  readonly value: string;
  readonly startNs: bigint;
  readonly traceId: string;
  readonly runId: string;
}

export const RUN_SORT_KEYS = [
  'start',
  'cost',
  'duration',
  'tokens',
  'input_tokens',
  'output_tokens',
  'model_calls',
  'tool_calls',
  'errors',
  'retries',
  'spans',
] as const;
export type RunSortKey = (typeof RUN_SORT_KEYS)[number];

/** A value, or several of which one will do. */
export type OneOf<T extends string = string> = T | readonly T[] | undefined;

/** All that is given must hold. */
export interface RunFilter {
  readonly fromMs?: number | undefined;
  readonly toMs?: number | undefined;
  readonly traceId?: string | undefined;
  readonly runId?: string | undefined;
  readonly parentRunId?: string | undefined;
  readonly agent?: OneOf;
  readonly agentVersion?: OneOf;
  readonly service?: OneOf;
  readonly framework?: OneOf;
  readonly name?: OneOf;
  readonly status?: OneOf<Run['status']>;
  readonly errorType?: OneOf;
  readonly model?: OneOf;
  readonly tool?: OneOf;
  readonly user?: OneOf;
  readonly conversation?: OneOf;
  /** Picodollars. A run of which the cost is not known is within no bound. */
  readonly costMin?: bigint | undefined;
  readonly costMax?: bigint | undefined;
  readonly durationNsMin?: bigint | undefined;
  readonly durationNsMax?: bigint | undefined;
}

export interface RunQuery {
  readonly filter: RunFilter;
  /** Greatest first; runs without the value last. */
  readonly sort: RunSortKey;
  readonly after: RunPosition | undefined;
  readonly limit: number;
}

export interface AgentRuns {
  readonly agent: string;
  readonly roots: number;
  readonly all: number;
}

/**
 * Runs and calls of models, as they were found in spans, and the spans to find them in. Every answer MUST be of the
 * one project asked for. Reading methods MUST bound memory and time and throw `STORAGE_UNAVAILABLE` at a bound.
 */
export interface RunStore {
  /**
   * The traces' spans that started in one of the windows, `limit` at most; the same span may come several times, as it was
   * stored. Those of a single trace come by start, then span id, from behind `after`.
   */
  readSpans(
    project: string,
    traceIds: readonly string[],
    query: {
      readonly windows: readonly StartWindow[] | undefined;
      readonly keys: ContentKeys;
      readonly after: { readonly startNs: bigint; readonly spanId: string } | undefined;
      readonly limit: number;
    },
  ): Promise<RunSpan[]>;

  /** Takes into memory the spans of a segment that is stored, from the file that was inserted. Rejects when it is gone. */
  holdSpans(path: string, keys: ContentKeys): Promise<HeldSpans>;

  /** Of the traces, those with a span of an agent, a model or a tool. */
  findGenAiTraces(
    project: string,
    traceIds: readonly string[],
    window: StartWindow | undefined,
  ): Promise<ReadonlySet<string>>;

  /** Calls that spans told of, of the conversations, that started in the window; ten thousand at most. */
  findConversationCalls(
    project: string,
    conversations: readonly string[],
    window: StartWindow,
  ): Promise<readonly ModelCall[]>;

  /** Traces of what log records told of the conversations, as far as it started in the window; a thousand at most. */
  findToldTraces(
    project: string,
    conversations: readonly string[],
    window: StartWindow,
  ): Promise<readonly Omit<TouchedTrace, 'hasGenAi'>[]>;

  /** What is stored of the traces' runs and calls that started in one of the windows. */
  getTraceRuns(
    project: string,
    traceIds: readonly string[],
    windows: readonly StartWindow[] | undefined,
  ): Promise<{
    readonly runs: readonly Versioned<Run>[];
    readonly calls: readonly Versioned<ModelCall>[];
  }>;

  /**
   * Makes the changes: runs whole or not at all, then calls whole or not at all. After a failure what is stored
   * MUST be read again before more is changed. Calls at once are made one after the other.
   */
  writeChanges(runs: RowChanges<Run>, calls: RowChanges<ModelCall>): Promise<void>;

  /** Traces with a run that is still `running` and was last changed before, oldest first. */
  findRunning(
    beforeMs: number,
    limit: number,
  ): Promise<
    readonly { readonly project: string; readonly traceId: string; readonly startNs: bigint }[]
  >;

  /** A page of runs, and whether there are more. */
  findRuns(project: string, query: RunQuery): Promise<{ runs: readonly Run[]; more: boolean }>;

  /** Calls of a trace's runs, by start. */
  listCalls(project: string, traceId: string): Promise<readonly ModelCall[]>;

  /** Runs that began at or after, by agent: those that no other run started, and all. */
  countRunsByAgent(project: string, sinceMs: number): Promise<readonly AgentRuns[]>;

  /** Parts of a time range, in order, each with about `spansMax` spans that started in it, or with what is least. */
  sliceByStart(
    project: string,
    range: StartWindow,
    spansMax: number,
  ): Promise<readonly StartWindow[]>;

  /** Traces with a span of an agent, a model or a tool that started in the window. */
  listTraces(
    project: string,
    window: StartWindow,
  ): Promise<readonly Omit<TouchedTrace, 'hasGenAi'>[]>;

  /** Beginnings of contents by hash, `charactersMax` of each; hashes as they are referred to: 32 hex digits. */
  getPayloads(
    project: string,
    hashes: readonly string[],
    charactersMax: number,
  ): Promise<ReadonlyMap<string, string>>;
}
