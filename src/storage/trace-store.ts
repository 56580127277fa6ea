import type { StoredTelemetry } from '../model/stored-telemetry.ts';
import type { SpanEventMark } from './span-events.ts';
import type { OutlinePosition, SpanOutline } from './span-outline.ts';

/** What a span says of itself in one word; those that tell most apart come first. A model is requested or answered. */
export const SPAN_FIELDS = [
  'conversation',
  'user',
  'tool',
  'error_type',
  'name',
  'model',
  'operation',
  'agent',
  'provider',
  'framework',
  'service',
] as const;
export type SpanField = (typeof SPAN_FIELDS)[number];

/** What is asked of one span. Texts are compared byte by byte unless said otherwise. */
export type SpanCondition =
  /** One of the values. */
  | { readonly kind: 'field'; readonly field: SpanField; readonly values: readonly string[] }
  /** On the span, its resource or its scope; `value` as stored text, or the whole of what was stored apart. */
  | { readonly kind: 'attribute'; readonly key: string; readonly value: string }
  /** Part of the span's name, status message, an attribute's value or a payload of one; case does not matter. */
  | { readonly kind: 'text'; readonly value: string }
  | { readonly kind: 'error' }
  /** Of a trace: none of its spans has the status ERROR. */
  | { readonly kind: 'no_error' }
  | {
      readonly kind: 'duration';
      readonly minNs: bigint | undefined;
      readonly maxNs: bigint | undefined;
    };

/**
 * Start times of spans, nanoseconds since 1970 UTC: from, inclusive, and to, exclusive. With `fromNs` given, a
 * span that claims to have started more than a day after it was received may be left out.
 */
export interface TimeRange {
  readonly fromNs: bigint | undefined;
  readonly toNs: bigint | undefined;
}

/** A span's place in the order newest start first, then greater trace id first. */
export interface TracePosition {
  readonly startNs: bigint;
  /** 32 lower-case hex digits. */
  readonly traceId: string;
}

export interface TraceCandidates {
  readonly traces: readonly TracePosition[];
  readonly next: TracePosition | undefined;
}

export interface TraceSummaryRow {
  readonly traceId: string;
  readonly rootName: string;
  readonly rootService: string;
  readonly rootAgent: string;
  readonly startNs: bigint;
  readonly endNs: bigint;
  readonly spanCount: number;
  readonly errorCount: number;
  readonly models: readonly string[];
  readonly inputTokens: number | null;
  readonly outputTokens: number | null;
}

/** Attributes as stored: parallel lists, and one type letter each (`ATTRIBUTE_TYPE`). */
export interface StoredAttributes {
  readonly keys: readonly string[];
  readonly values: readonly string[];
  readonly types: string;
}

export interface StoredSpan {
  readonly traceId: string;
  readonly spanId: string;
  /** '' for a root. */
  readonly parentSpanId: string;
  readonly traceState: string;
  readonly flags: number;
  readonly name: string;
  readonly kind: number;
  readonly startNs: bigint;
  readonly durationNs: bigint;
  readonly statusCode: number;
  readonly statusMessage: string;
  readonly resourceId: string;
  readonly scopeId: string;
  readonly attributes: StoredAttributes;
  readonly droppedAttributes: number;
  /** OTLP/JSON text, or ''. */
  readonly events: string;
  readonly droppedEvents: number;
  readonly links: string;
  readonly droppedLinks: number;
  readonly genai: StoredGenAi;
}

export interface StoredGenAi {
  readonly agent: string;
  readonly operation: string;
  readonly requestModel: string;
  readonly responseModel: string;
  readonly provider: string;
  readonly framework: string;
  readonly dialect: string;
  readonly toolName: string;
  readonly toolCallId: string;
  readonly conversation: string;
  readonly user: string;
  readonly errorType: string;
  /** Joined by commas. */
  readonly finishReasons: string;
  /** As the sender spells it. */
  readonly serviceTier: string;
  readonly inputTokens: number | null;
  readonly outputTokens: number | null;
  readonly cacheReadTokens: number | null;
  readonly cacheWriteTokens: number | null;
  /** Of `cacheWriteTokens`, those that are kept for an hour. */
  readonly cacheWrite1hTokens: number | null;
  readonly reasoningTokens: number | null;
  readonly reportedCost: number | null;
  /** Bits of `GENAI_FLAG`. */
  readonly flags: number;
}

/** A resource or a scope. */
export interface StoredOrigin {
  readonly id: string;
  readonly name: string;
  readonly version: string;
  readonly schemaUrl: string;
  readonly attributes: StoredAttributes;
  readonly droppedAttributes: number;
}

/**
 * Reads stored spans. Every answer MUST be of the one project asked for. An absent id is left out, not an
 * error. Implementations MUST bound a query's memory and time by configuration and throw
 * `STORAGE_UNAVAILABLE` when a bound is hit.
 */
export interface TraceStore {
  /**
   * Looks at the spans that fit, from behind `from`, newest first, and returns their traces, each once, at its
   * newest span that was looked at. How many spans are looked at is bounded: `next` says from where to go on,
   * and is undefined when there are no more. A trace of which a span that fits lies before `from` is given all
   * the same: callers ask `matchTraces`.
   */
  findTraces(
    project: string,
    query: {
      readonly range: TimeRange;
      readonly condition: SpanCondition | undefined;
      /** Exclusive. */
      readonly from: TracePosition | undefined;
      /** Traces whose spans are passed over. */
      readonly except: readonly string[];
    },
  ): Promise<TraceCandidates>;

  /**
   * Of the traces named: those that have, for each condition, a span in the range that fits; at the newest span
   * in the range that fits the first condition. `no_error` is held against all spans of the trace, in the range
   * or not.
   */
  matchTraces(
    project: string,
    traceIds: readonly string[],
    query: {
      readonly range: TimeRange;
      readonly first: SpanCondition | undefined;
      readonly others: readonly SpanCondition[];
    },
  ): Promise<TracePosition[]>;

  /** A row per trace, in no order. Spans stored twice count once; tokens are counted as `countUsage` says. */
  summarizeTraces(project: string, traceIds: readonly string[]): Promise<TraceSummaryRow[]>;

  /**
   * The trace's spans by start, then span id, from behind `after`; `limit` at most. Of spans with the same id
   * only the earliest is given, on whatever page it is. With `spanIds`, of those only.
   */
  listSpans(
    project: string,
    traceId: string,
    query: {
      readonly after: { readonly startNs: bigint; readonly spanId: string } | undefined;
      readonly limit: number;
      readonly spanIds?: readonly string[] | undefined;
    },
  ): Promise<StoredSpan[]>;

  /** When the trace's earliest span started; undefined when nothing of it is stored. */
  getTraceStart(project: string, traceId: string): Promise<bigint | undefined>;

  /** The same spans in the same order as `listSpans`, as far as lists show them; `startNs` counts from `traceStartNs`. */
  listOutline(
    project: string,
    traceId: string,
    query: {
      readonly traceStartNs: bigint;
      readonly after: OutlinePosition | undefined;
      readonly limit: number;
    },
  ): Promise<SpanOutline>;

  /** Events of the trace's spans, each span's once; `limit` at most, in no order. */
  listEvents(project: string, traceId: string, limit: number): Promise<readonly SpanEventMark[]>;

  /** Spans of the trace with the text in their name, status message, an attribute's value or a payload of one; `limit` at most. */
  findSpans(
    project: string,
    traceId: string,
    query: { readonly text: string; readonly limit: number },
  ): Promise<readonly string[]>;

  getResources(project: string, ids: readonly string[]): Promise<StoredOrigin[]>;
  getScopes(project: string, ids: readonly string[]): Promise<StoredOrigin[]>;
  /** Lengths of contents in bytes, by hash. */
  getPayloadSizes(project: string, hashes: readonly string[]): Promise<ReadonlyMap<string, number>>;
  /** Contents by hash, both as they are referred to: 32 hex digits. */
  getPayloads(project: string, hashes: readonly string[]): Promise<ReadonlyMap<string, string>>;
  countStored(project: string): Promise<StoredTelemetry>;
}
