import type { TraceStore } from '../storage/trace-store.ts';
import { findTraces } from './find-traces.ts';
import { getTrace } from './get-trace.ts';
import { outlineSpans } from './outline-spans.ts';
import type { TelemetryStats, TraceQuery } from './trace-query.ts';

/** Answers questions about traces from a store. */
export function createTraceQuery(store: TraceStore): TraceQuery & TelemetryStats {
  return {
    findTraces: (project, filter, page) => findTraces(store, project, filter, page),
    getTrace: (project, traceId, page) => getTrace(store, project, traceId, page),
    outlineSpans: (project, traceId, page) => outlineSpans(store, project, traceId, page),
    listEvents: (project, traceId, limit) => store.listEvents(project, traceId, limit),
    findSpans: (project, traceId, query) => store.findSpans(project, traceId, query),
    countStored: (project) => store.countStored(project),
  };
}
