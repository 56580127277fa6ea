import type { FastifyBaseLogger } from 'fastify';

import type { ApiDeps } from './api/api-deps.ts';
import type { MetricQuestion } from './api/metric-answers.ts';
import type { Clock } from './base/clock.ts';
import type { ClosingStack } from './base/closing-stack.ts';
import { createLogQuery } from './query/create-log-query.ts';
import { createMetricQuery } from './query/metrics/metric-query.ts';
import { createTraceOverview } from './query/outline-traces.ts';
import type { QueryConfig } from './query/config.ts';
import { QuestionThreads } from './query/question-threads.ts';
import type { QueryThreadData } from './query-thread.ts';
import type { Engine } from './storage/clickhouse/engine.ts';
import type { EngineRead, EngineReading } from './storage/clickhouse/engine-remote.ts';
import { readFor } from './storage/clickhouse/engine-remote.ts';
import { createLogStore } from './storage/clickhouse/log-store.ts';
import { createMetricStore } from './storage/clickhouse/metric-store.ts';
import { createTraceOutline } from './storage/clickhouse/trace-outline.ts';
import { createTraceStore } from './storage/clickhouse/trace-store.ts';

interface QueryParts {
  readonly engine: Engine;
  readonly clock: Clock;
  readonly log: FastifyBaseLogger;
  readonly opened: ClosingStack;
}

/** The part of the composition root that answers questions about telemetry as it was sent. */
export function openQueries(
  config: QueryConfig,
  { engine, clock, log, opened }: QueryParts,
): {
  readonly api: Pick<ApiDeps, 'traceOverview' | 'logs' | 'metrics' | 'metricAnswers'>;
  /** Fails what is asked: it may take longer than a server that stops has. */
  shutdown(): Promise<void>;
} {
  const data: QueryThreadData = { timeoutMs: config.timeoutMs };
  const threads = new QuestionThreads<MetricQuestion, EngineRead, EngineReading>({
    entry: new URL('./query-thread.js', import.meta.url),
    data,
    ...config,
    serve: async (request) => {
      const reading = await readFor(engine, request);
      return [reading, reading.kind === 'bytes' ? [reading.bytes.buffer] : []];
    },
    onProblem: (message) => log.warn(message),
  });
  opened.add(() => threads.shutdown());
  return {
    api: {
      traceOverview: createTraceOverview(createTraceOutline(engine)),
      logs: createLogQuery(createLogStore(engine), createTraceStore(engine)),
      metrics: createMetricQuery({ store: createMetricStore(engine), clock }),
      metricAnswers: { answer: (question, limits) => threads.ask(question, limits) },
    },
    shutdown: () => threads.shutdown(),
  };
}
