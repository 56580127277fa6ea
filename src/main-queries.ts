import type { ApiDeps } from './api/api-deps.ts';
import type { Clock } from './base/clock.ts';
import { createLogQuery } from './query/create-log-query.ts';
import { createMetricQuery } from './query/metrics/metric-query.ts';
import { createTraceOverview } from './query/outline-traces.ts';
import type { Engine } from './storage/clickhouse/engine.ts';
import { createLogStore } from './storage/clickhouse/log-store.ts';
import { createMetricStore } from './storage/clickhouse/metric-store.ts';
import { createTraceOutline } from './storage/clickhouse/trace-outline.ts';
import { createTraceStore } from './storage/clickhouse/trace-store.ts';

/** The part of the composition root that answers questions about telemetry as it was sent. */
export function openQueries(
  engine: Engine,
  clock: Clock,
): Pick<ApiDeps, 'traceOverview' | 'logs' | 'metrics'> {
  return {
    traceOverview: createTraceOverview(createTraceOutline(engine)),
    logs: createLogQuery(createLogStore(engine), createTraceStore(engine)),
    metrics: createMetricQuery({ store: createMetricStore(engine), clock }),
  };
}
