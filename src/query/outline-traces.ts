import type { TraceFacets, TraceOutline, ValueCount } from '../storage/trace-outline.ts';
import type { SpanField } from '../storage/trace-store.ts';
import { conditionsOf, rangeOf } from './find-traces.ts';
import type { TraceFilter } from './trace-query.ts';

export interface TraceHistogram {
  /** How long a step is; the steps that have traces follow, earliest first. */
  readonly stepSeconds: number;
  readonly steps: readonly {
    readonly startMs: number;
    readonly traces: number;
    readonly failed: number;
  }[];
}

/** Overviews of the traces that fit a filter. Times are milliseconds since 1970 UTC. */
export interface TraceOverview {
  countOverTime(
    project: string,
    filter: TraceFilter & { readonly fromMs: number; readonly toMs: number },
    stepsMax: number,
  ): Promise<TraceHistogram>;
  /** Counts of the traces that fit, each kind without the filter of its own. */
  listFacets(project: string, filter: TraceFilter, limit: number): Promise<TraceFacets>;
  findFieldValues(
    project: string,
    query: {
      readonly fromMs: number | undefined;
      readonly field: SpanField;
      readonly part: string;
      readonly limit: number;
    },
  ): Promise<readonly ValueCount[]>;
  findAttributeKeys(
    project: string,
    query: { readonly fromMs: number | undefined; readonly part: string; readonly limit: number },
  ): Promise<readonly ValueCount[]>;
  findAttributeValues(
    project: string,
    query: {
      readonly fromMs: number | undefined;
      readonly key: string;
      readonly part: string;
      readonly limit: number;
    },
  ): Promise<readonly ValueCount[]>;
}

/** Steps that people read easily, in seconds. */
const STEPS = [
  1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 10_800, 21_600, 43_200, 86_400,
  172_800, 604_800, 2_592_000,
];

/** The shortest readable step with which the span of time has no more than `stepsMax` steps. */
export function stepFor(fromMs: number, toMs: number, stepsMax: number): number {
  const least = (toMs - fromMs) / 1000 / stepsMax;
  return STEPS.find((step) => step >= least) ?? Math.ceil(least / 2_592_000) * 2_592_000;
}

export function createTraceOverview(outline: TraceOutline): TraceOverview {
  const from = (fromMs: number | undefined) => rangeOf({ fromMs });
  return {
    async countOverTime(project, filter, stepsMax) {
      const stepSeconds = stepFor(filter.fromMs, filter.toMs, stepsMax);
      const conditions = conditionsOf(filter).filter((condition) => condition !== undefined);
      const rows = await outline.countOverTime(project, {
        range: rangeOf(filter),
        conditions,
        stepSeconds,
      });
      const steps = rows.map(({ startNs, traces, failed }) => ({
        startMs: Number(startNs / 1_000_000n),
        traces,
        failed,
      }));
      return { stepSeconds, steps };
    },
    listFacets: (project, filter, limit) =>
      outline.listFacets(
        project,
        {
          range: rangeOf(filter),
          conditions: conditionsOf(filter).filter((condition) => condition !== undefined),
        },
        limit,
      ),
    findFieldValues: (project, { fromMs, field, part, limit }) =>
      outline.findFieldValues(project, { range: from(fromMs), field, part, limit }),
    findAttributeKeys: (project, { fromMs, part, limit }) =>
      outline.findAttributeKeys(project, { range: from(fromMs), part, limit }),
    findAttributeValues: (project, { fromMs, key, part, limit }) =>
      outline.findAttributeValues(project, { range: from(fromMs), key, part, limit }),
  };
}
