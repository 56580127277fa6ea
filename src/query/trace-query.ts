import type { SpanField } from '../storage/trace-store.ts';
import type { SpanEventMark } from '../storage/span-events.ts';
import type { SpanOutline } from '../storage/span-outline.ts';

/** Questions about stored traces. Ids are lower-case hex, times decimal nanoseconds since 1970 UTC, as in OTLP/JSON. */

/** A value that a span of the trace must have, or several of which it must have one. */
export type FieldFilter = {
  readonly [Field in SpanField]?: string | readonly string[] | undefined;
};

/**
 * All that is given must hold. A trace fits when for each condition one of its spans between `fromMs` and `toMs`
 * fits, not necessarily the same one. `status: 'ok'` is held against all spans of the trace.
 */
export interface TraceFilter extends FieldFilter {
  /** Spans that started at or after. Milliseconds since 1970 UTC. */
  readonly fromMs?: number | undefined;
  /** Spans that started before. */
  readonly toMs?: number | undefined;
  readonly status?: TraceStatus | undefined;
  readonly durationNsMin?: bigint | undefined;
  readonly durationNsMax?: bigint | undefined;
  /**
   * Attributes of a span, its resource or its scope, with the value as text. A long JSON list is kept in parts
   * and found by `text` alone.
   */
  readonly attributes?: readonly { readonly key: string; readonly value: string }[];
  /** A part of a span's name, its status message or an attribute's value; case does not matter. */
  readonly text?: string | undefined;
}

/** `error` when a span of the trace has the status ERROR. */
export type TraceStatus = 'ok' | 'error';

export interface PageRequest {
  /** Rows at most. */
  readonly limit: number;
  /** `nextCursor` of the page before. An invalid one is a `VALIDATION_ERROR`. */
  readonly cursor?: string | undefined;
}

export interface TraceSummary {
  readonly traceId: string;
  /** Of the span without parent; of the earliest span while that has not arrived; null when it has no name. */
  readonly rootName: string | null;
  readonly service: string | null;
  readonly agent: string | null;
  readonly startUnixNano: string;
  /** From the first start to the last end; decimal. */
  readonly durationNs: string;
  readonly spanCount: number;
  readonly errorCount: number;
  readonly status: TraceStatus;
  /** Distinct, in byte order. */
  readonly models: readonly string[];
  /** Null when no span says. A call counts once, also when the spans around it repeat it. */
  readonly inputTokens: number | null;
  readonly outputTokens: number | null;
}

export interface AnyValue {
  readonly stringValue?: string;
  readonly boolValue?: boolean;
  /** Decimal, because it may exceed what JSON numbers hold. */
  readonly intValue?: string;
  readonly doubleValue?: number | string;
  /** Base64. */
  readonly bytesValue?: string;
  readonly arrayValue?: { readonly values: readonly AnyValue[] };
  readonly kvlistValue?: { readonly values: readonly KeyValue[] };
}

export interface KeyValue {
  readonly key: string;
  readonly value: AnyValue;
}

export interface TraceSpanEvent {
  readonly timeUnixNano: string;
  readonly name: string;
  readonly attributes: readonly KeyValue[];
  readonly droppedAttributesCount: number;
}

export interface TraceSpanLink {
  readonly traceId: string;
  readonly spanId: string;
  readonly traceState: string;
  readonly attributes: readonly KeyValue[];
  readonly droppedAttributesCount: number;
  readonly flags: number;
}

/** What a span means in the GenAI conventions, whatever dialect it was written in; null where it does not say. */
export interface GenAiSummary {
  readonly agent: string | null;
  readonly operation: string | null;
  readonly request_model: string | null;
  readonly response_model: string | null;
  readonly provider: string | null;
  readonly input_tokens: number | null;
  readonly output_tokens: number | null;
  readonly cache_read_tokens: number | null;
  readonly cache_write_tokens: number | null;
  readonly cache_write_1h_tokens: number | null;
  readonly reasoning_tokens: number | null;
  readonly tool_name: string | null;
  readonly tool_call_id: string | null;
  readonly conversation: string | null;
  readonly user: string | null;
  readonly error_type: string | null;
  readonly finish_reasons: readonly string[];
  readonly service_tier: string | null;
}

/** A span in OTLP/JSON's field names, with the resource and scope it came in, and its GenAI view. */
export interface TraceSpan {
  readonly traceId: string;
  readonly spanId: string;
  /** Empty for a root span. */
  readonly parentSpanId: string;
  readonly traceState: string;
  readonly flags: number;
  readonly name: string;
  readonly kind: number;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes: readonly KeyValue[];
  readonly droppedAttributesCount: number;
  readonly events: readonly TraceSpanEvent[];
  readonly droppedEventsCount: number;
  readonly links: readonly TraceSpanLink[];
  readonly droppedLinksCount: number;
  readonly status: { readonly code: number; readonly message: string };
  readonly resource: {
    readonly attributes: readonly KeyValue[];
    readonly droppedAttributesCount: number;
    readonly schemaUrl: string;
  };
  readonly scope: {
    readonly name: string;
    readonly version: string;
    readonly attributes: readonly KeyValue[];
    readonly droppedAttributesCount: number;
    readonly schemaUrl: string;
  };
  /** Null for a span that no dialect knows. */
  readonly genai: GenAiSummary | null;
}

/** A page of a trace's spans as far as lists show them. */
export interface SpanOutlinePage {
  readonly traceStartUnixNano: string;
  readonly outline: SpanOutline;
  /** Null on the last page. */
  readonly nextCursor: string | null;
}

export interface Page<T> {
  readonly rows: readonly T[];
  /** Null on the last page. */
  readonly nextCursor: string | null;
}

/** An implementation MUST answer only what belongs to the project. */
export interface TraceQuery {
  /**
   * Each trace once, in the order of its newest span that fits the leading condition, newest first; equal times
   * by greater trace id first. Within a page, the one that started last comes first. What leads is the first that is given of: an attribute, text, model, agent,
   * service, status `error`, duration; without any, every span in the range fits. A page may have fewer rows than asked
   * for, even none, and still a next one: only `nextCursor` null ends the list.
   */
  findTraces(project: string, filter: TraceFilter, page: PageRequest): Promise<Page<TraceSummary>>;

  /**
   * The spans of a trace by start, equal starts by span id, each span once; with `spanIds`, of those only.
   * Undefined when nothing of the trace is stored.
   */
  getTrace(
    project: string,
    traceId: string,
    page: PageRequest & { readonly spanIds?: readonly string[] | undefined },
  ): Promise<Page<TraceSpan> | undefined>;

  /** The same spans in the same order, as far as lists show them. */
  outlineSpans(
    project: string,
    traceId: string,
    page: PageRequest,
  ): Promise<SpanOutlinePage | undefined>;

  /** Events of the trace's spans as marks in a list; `limit` at most, in no order. */
  listEvents(project: string, traceId: string, limit: number): Promise<readonly SpanEventMark[]>;

  /** Ids of the trace's spans in which a text stands, payloads included; `limit` at most, in no order. */
  findSpans(
    project: string,
    traceId: string,
    query: { readonly text: string; readonly limit: number },
  ): Promise<readonly string[]>;
}

export interface StoredTelemetry {
  readonly spans: number;
  readonly logRecords: number;
  readonly metricPoints: number;
}

export interface TelemetryStats {
  /** How much is stored of a project. */
  countStored(project: string): Promise<StoredTelemetry>;
}
