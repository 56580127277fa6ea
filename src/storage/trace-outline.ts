import type { SpanCondition, SpanField, TimeRange } from './trace-store.ts';

export interface TracesInTime {
  /** The start of the step; nanoseconds since 1970 UTC. */
  readonly startNs: bigint;
  readonly traces: number;
  /** Of them, those with a span of the status ERROR. */
  readonly failed: number;
}

export interface ValueCount {
  readonly value: string;
  readonly count: number;
}

/** Values seen among spans, those of the most traces first; beyond some ten thousand traces a count is within a percent. */
export interface TraceFacets {
  readonly agents: readonly ValueCount[];
  readonly services: readonly ValueCount[];
  readonly models: readonly ValueCount[];
  readonly tools: readonly ValueCount[];
  readonly operations: readonly ValueCount[];
  readonly providers: readonly ValueCount[];
  readonly frameworks: readonly ValueCount[];
  /** `ok` and `error`. */
  readonly statuses: readonly ValueCount[];
}

/**
 * Overviews of many traces. A trace is counted where its root span (the one without parent) started; a trace whose
 * root has not come is not counted. Every answer MUST be of the one project asked for, and bounded in memory and time.
 */
export interface TraceOutline {
  /** Traces that have, for each condition, a span in the range that fits; steps without any are left out. */
  countOverTime(
    project: string,
    query: {
      readonly range: TimeRange;
      readonly conditions: readonly SpanCondition[];
      readonly stepSeconds: number;
    },
  ): Promise<readonly TracesInTime[]>;

  /**
   * Counts traces by what their spans in the range name; up to `limit` values of a kind. The traces are those that fit
   * all conditions but the ones about the kind itself, so that other values of it can be chosen, too.
   */
  listFacets(
    project: string,
    query: { readonly range: TimeRange; readonly conditions: readonly SpanCondition[] },
    limit: number,
  ): Promise<TraceFacets>;

  /** Values of the field that contain `part`, among the newest spans in the range. */
  findFieldValues(
    project: string,
    query: {
      readonly range: TimeRange;
      readonly field: SpanField;
      readonly part: string;
      readonly limit: number;
    },
  ): Promise<readonly ValueCount[]>;

  /** Keys of span attributes that contain `part`, among the newest spans in the range. */
  findAttributeKeys(
    project: string,
    query: { readonly range: TimeRange; readonly part: string; readonly limit: number },
  ): Promise<readonly ValueCount[]>;

  /** Values of the key that contain `part`, among the newest spans in the range; long ones, kept apart, are left out. */
  findAttributeValues(
    project: string,
    query: {
      readonly range: TimeRange;
      readonly key: string;
      readonly part: string;
      readonly limit: number;
    },
  ): Promise<readonly ValueCount[]>;
}
