import type { SeverityLevel } from '../model/severity.ts';
import type { AttributeOperator, LogFacets } from '../storage/log-store.ts';
import type { TraceOverview } from './outline-traces.ts';
import type { AnyValue, KeyValue, Page, PageRequest, TraceSpan } from './trace-query.ts';

/** Questions about stored log records. Ids are lower-case hex, times decimal nanoseconds since 1970 UTC, as in OTLP/JSON. */

/** All that is given must hold. */
export interface LogFilter {
  /** Records of this time and after. Milliseconds since 1970 UTC. */
  readonly fromMs?: number | undefined;
  /** Records before. */
  readonly toMs?: number | undefined;
  readonly levels?: readonly SeverityLevel[] | undefined;
  /** 1 to 24; records that tell no number are below all. */
  readonly severityMin?: number | undefined;
  /** Case does not matter. */
  readonly severityText?: string | undefined;
  readonly service?: string | undefined;
  readonly agent?: string | undefined;
  /** A name; one that ends with `*` stands for all that begin so. */
  readonly event?: string | undefined;
  readonly traceId?: string | undefined;
  readonly spanId?: string | undefined;
  /** On the record, its resource or its scope. */
  readonly attributes?:
    | readonly {
        readonly key: string;
        readonly operator: AttributeOperator;
        readonly value: string;
      }[]
    | undefined;
  /** Words, each somewhere in the body or the event name, and "phrases in quotes"; case does not matter. */
  readonly text?: string | undefined;
}

/** A log record in OTLP/JSON's field names. */
export interface LogRecord {
  /** Of this server; the same as long as the record is stored. */
  readonly id: string;
  /** The record's time; where it has none, the observed one; else that of its receipt. */
  readonly timeUnixNano: string;
  /** '0' where it was not told. */
  readonly observedTimeUnixNano: string;
  /** Empty for a record of no trace, or of no span. */
  readonly traceId: string;
  readonly spanId: string;
  readonly flags: number;
  readonly severityNumber: number;
  readonly severityText: string;
  readonly level: SeverityLevel;
  /** The field of that name, or the attribute `event.name`; empty for a record that is no event. */
  readonly eventName: string;
  /** `{}` for none. */
  readonly body: AnyValue;
  readonly attributes: readonly KeyValue[];
  readonly droppedAttributesCount: number;
  readonly service: string | null;
  readonly agent: string | null;
  readonly scopeName: string | null;
  /** Large values are cut; the record by its id has them whole. */
  readonly truncated: boolean;
}

/** A record with the resource and scope it came in, and nothing cut. */
export interface LogDetail extends LogRecord {
  /** When it was received, milliseconds since 1970 UTC in whole seconds. */
  readonly receivedMs: number;
  readonly resource: TraceSpan['resource'];
  readonly scope: TraceSpan['scope'];
}

export interface LogHistogram {
  readonly stepSeconds: number;
  /** Earliest first; what has no records is left out. */
  readonly steps: readonly {
    readonly startMs: number;
    readonly level: SeverityLevel;
    readonly count: number;
  }[];
}

/** An implementation MUST answer only what belongs to the project. */
export interface LogQuery extends Pick<TraceOverview, 'findAttributeKeys' | 'findAttributeValues'> {
  findLogs(
    project: string,
    filter: LogFilter,
    page: PageRequest & {
      readonly order: 'newest' | 'oldest';
      /** Nothing is cut; a page then has fewer records where they are large. */
      readonly whole?: boolean;
    },
  ): Promise<Page<LogRecord>>;
  /** The record and what fits just before and after it, newest first; undefined when there is no such record. */
  findAround(
    project: string,
    query: { readonly id: string; readonly filter: LogFilter; readonly limit: number },
  ): Promise<readonly LogRecord[] | undefined>;
  getLog(project: string, id: string): Promise<LogDetail | undefined>;
  countOverTime(
    project: string,
    filter: LogFilter & { readonly fromMs: number; readonly toMs: number },
    stepsMax: number,
  ): Promise<LogHistogram>;
  /** What the filter asks of a kind itself does not narrow the values of that kind. */
  listFacets(project: string, filter: LogFilter, limit: number): Promise<LogFacets>;
}
