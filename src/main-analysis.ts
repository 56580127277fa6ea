import { join } from 'node:path';

import type { FastifyBaseLogger } from 'fastify';

import { createJobs } from './analysis/jobs.ts';
import type { RunAnalyzer } from './analysis/runs/run-analyzer.ts';
import { startRunAnalyzer } from './analysis/runs/run-analyzer.ts';
import { systemClock } from './base/clock.ts';
import type { Config } from './config.ts';
import { createRunQuery } from './query/create-run-query.ts';
import type { ApiDeps } from './api/api-deps.ts';
import type { Broadcast } from './base/broadcast.ts';
import type { Change } from './model/change.ts';
import { priceCall } from './semconv/price-call.ts';
import { createPriceLibrary } from './semconv/price-library.ts';
import type { Engine } from './storage/clickhouse/engine.ts';
import { createRunStore } from './storage/clickhouse/run-store.ts';

/** What is computed from stored telemetry, and the questions about it. */
export interface Analysis {
  readonly runs: RunAnalyzer;
  /** What the routes ask of it. */
  readonly api: Pick<ApiDeps, 'runs' | 'runAnalyzer' | 'jobs' | 'rebuild'>;
  shutdown(): Promise<void>;
}

/** The part of the composition root that computes: builds and starts it. */
export function startAnalysis(
  config: Config,
  { engine, log, changes }: { engine: Engine; log: FastifyBaseLogger; changes: Broadcast<Change> },
): Analysis {
  const directory = join(config.dataDir, 'analysis');
  const store = createRunStore({
    engine,
    directory: join(directory, 'blocks'),
    clock: systemClock,
  });
  const findPrices = createPriceLibrary();
  const runs = startRunAnalyzer({
    store,
    price: (usage) => priceCall(usage, findPrices),
    clock: systemClock,
    config: config.analysis,
    directory: join(directory, 'journal'),
    onProblem: (message) => log.warn(message),
  });
  runs.onChanged((traces) => {
    for (const project of new Set(traces.map((trace) => trace.project))) {
      changes.publish({ project, topic: 'runs' });
      changes.publish({ project, topic: 'costs' });
    }
  });
  const jobs = createJobs({
    clock: systemClock,
    onFailure: ({ kind, id, error }) => log.warn(`the job ${kind} ${id} failed: ${error}`),
  });
  return {
    runs,
    api: {
      runs: createRunQuery(store),
      runAnalyzer: runs,
      jobs,
      rebuild: { store, analyzer: runs },
    },
    async shutdown() {
      await jobs.shutdown();
      await runs.shutdown();
    },
  };
}
