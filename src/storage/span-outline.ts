/**
 * Of a trace's spans what a list shows of each, by column: an entry per span, by start, then span id. Texts are places
 * in `words`, since a trace repeats few of them many times; '' is what is not said.
 */
export interface SpanOutline {
  /** '' first. */
  readonly words: readonly string[];
  /** Lower-case hex. */
  readonly spanIds: readonly string[];
  /** Nanoseconds after the trace's start; exact below 2⁵³. */
  readonly startNs: readonly number[];
  /** Negative where a span has no end. */
  readonly durationNs: readonly number[];
  /** `SpanKind` of OTLP. */
  readonly kinds: readonly number[];
  /** 0 unset, 1 ok, 2 error. */
  readonly statusCodes: readonly number[];
  /** Span ids; '' for a root. */
  readonly parents: readonly number[];
  /** Their first 300 characters. */
  readonly names: readonly number[];
  readonly services: readonly number[];
  readonly agents: readonly number[];
  readonly operations: readonly number[];
  readonly requestModels: readonly number[];
  readonly responseModels: readonly number[];
  readonly tools: readonly number[];
  readonly errorTypes: readonly number[];
  readonly conversations: readonly number[];
}

/** Where a page of an outline goes on. */
export interface OutlinePosition {
  readonly startNs: number;
  readonly spanId: string;
}
