import type { ApiDeps } from './api/api-deps.ts';
import { createLogQuery } from './query/create-log-query.ts';
import { createTraceOverview } from './query/outline-traces.ts';
import type { Engine } from './storage/clickhouse/engine.ts';
import { createLogStore } from './storage/clickhouse/log-store.ts';
import { createTraceOutline } from './storage/clickhouse/trace-outline.ts';
import { createTraceStore } from './storage/clickhouse/trace-store.ts';

/** The part of the composition root that answers questions about telemetry as it was sent. */
export function openQueries(engine: Engine): Pick<ApiDeps, 'traceOverview' | 'logs'> {
  return {
    traceOverview: createTraceOverview(createTraceOutline(engine)),
    logs: createLogQuery(createLogStore(engine), createTraceStore(engine)),
  };
}
