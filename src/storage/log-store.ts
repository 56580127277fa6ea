import type { SeverityLevel } from '../model/severity.ts';
import type { TraceOutline, ValueCount } from './trace-outline.ts';
import type { StoredAttributes, TimeRange } from './trace-store.ts';

/** How an attribute's value is held against the one asked for. `contains` does not mind case. */
export type AttributeOperator = 'equals' | 'differs' | 'contains';

/** What is asked of one log record. Texts are compared byte by byte unless said otherwise. */
export type LogCondition =
  /** One of them. A record that has a severity text alone is read by it. */
  | { readonly kind: 'level'; readonly values: readonly SeverityLevel[] }
  /** 1 to 24, inclusive. */
  | { readonly kind: 'least_severity'; readonly value: number }
  /** Case does not matter. */
  | { readonly kind: 'severity_text'; readonly value: string }
  | { readonly kind: 'service'; readonly value: string }
  /** The agent that the record names, else its service. */
  | { readonly kind: 'agent'; readonly value: string }
  /** A name; one that ends with `*` stands for all that begin so. */
  | { readonly kind: 'event'; readonly value: string }
  /** 32 and 16 lower-case hex digits. */
  | { readonly kind: 'trace'; readonly value: string }
  | { readonly kind: 'span'; readonly value: string }
  /** On the record, its resource or its scope. A record without the attribute `differs`. */
  | {
      readonly kind: 'attribute';
      readonly key: string;
      readonly operator: AttributeOperator;
      readonly value: string;
    }
  /** Part of the body or the event name; case does not matter. */
  | { readonly kind: 'text'; readonly value: string };

/** A record's place in the order of time; it does not change while the record is stored. */
export interface LogPosition {
  /** Nanoseconds since 1970 UTC. */
  readonly timeNs: bigint;
  /** Which insert it came with, and its place within. */
  readonly block: bigint;
  readonly row: bigint;
}

export interface StoredLog extends LogPosition {
  /** 0 where it was not told. */
  readonly observedNs: bigint;
  /** Whole seconds. */
  readonly receivedMs: number;
  /** '' for a record of no trace, or of no span. */
  readonly traceId: string;
  readonly spanId: string;
  readonly flags: number;
  readonly severityNumber: number;
  readonly severityText: string;
  readonly level: SeverityLevel;
  readonly eventName: string;
  readonly body: string;
  /** One letter of `ATTRIBUTE_TYPE`. */
  readonly bodyType: string;
  readonly service: string;
  readonly agent: string;
  readonly resourceId: string;
  readonly scopeId: string;
  readonly scopeName: string;
  readonly attributes: StoredAttributes;
  readonly droppedAttributes: number;
}

export interface LogsInTime {
  /** The start of the step; nanoseconds since 1970 UTC. */
  readonly startNs: bigint;
  readonly level: SeverityLevel;
  readonly count: number;
}

/** Values seen among log records, the most frequent first. */
export interface LogFacets {
  readonly levels: readonly ValueCount[];
  readonly services: readonly ValueCount[];
  readonly agents: readonly ValueCount[];
  readonly events: readonly ValueCount[];
}

export interface LogQuestion {
  readonly range: TimeRange;
  /** All must hold. */
  readonly conditions: readonly LogCondition[];
}

/**
 * Reads stored log records. Every answer MUST be of the one project asked for. The range is of the record's time,
 * which is the observed time, else that of receipt, where the sender gave none. Implementations MUST bound a query's
 * memory and time by configuration and throw `STORAGE_UNAVAILABLE` when a bound is hit. Attributes are completed as those
 * of spans are, among the newest records in the range.
 */
export interface LogStore extends Pick<TraceOutline, 'findAttributeKeys' | 'findAttributeValues'> {
  /** Records that fit, from behind `after` in the order asked for; `limit` at most. */
  findLogs(
    project: string,
    query: LogQuestion & {
      readonly order: 'newest' | 'oldest';
      /** Exclusive. */
      readonly after: LogPosition | undefined;
      readonly limit: number;
    },
  ): Promise<StoredLog[]>;

  getLog(project: string, position: LogPosition): Promise<StoredLog | undefined>;

  /** The first bytes of contents, by hash as they are referred to; a character that is cut in two is replaced. */
  getPayloadStarts(
    project: string,
    hashes: readonly string[],
    bytes: number,
  ): Promise<ReadonlyMap<string, string>>;

  /** Records that fit, by step and level; what has none is left out. */
  countOverTime(
    project: string,
    query: LogQuestion & { readonly stepSeconds: number },
  ): Promise<readonly LogsInTime[]>;

  /** Up to `limit` values of a kind. What is asked of a kind itself does not narrow the values of that kind. */
  listFacets(project: string, query: LogQuestion, limit: number): Promise<LogFacets>;
}
