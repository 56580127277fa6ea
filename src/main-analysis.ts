import { join } from 'node:path';

import type { FastifyBaseLogger } from 'fastify';

import { createJobs } from './analysis/jobs.ts';
import { openCosts } from './analysis/costs/open-costs.ts';
import type { RunAnalyzer } from './analysis/runs/run-analyzer.ts';
import { startRunAnalyzer } from './analysis/runs/run-analyzer.ts';
import { systemClock } from './base/clock.ts';
import type { Config } from './config.ts';
import { createRunQuery } from './query/create-run-query.ts';
import { createRunSummaries } from './query/summarize-runs.ts';
import type { ApiDeps } from './api/api-deps.ts';
import type { Broadcast } from './base/broadcast.ts';
import type { Change } from './model/change.ts';
import { createCostStore } from './storage/clickhouse/cost-store.ts';
import type { Engine } from './storage/clickhouse/engine.ts';
import { createRunStatistics } from './storage/clickhouse/run-statistics.ts';
import { createRunStore } from './storage/clickhouse/run-store.ts';
import type { ControlStore } from './storage/control-store.ts';

/** What is computed from stored telemetry, and the questions about it. */
export interface Analysis {
  readonly runs: RunAnalyzer;
  /** What the routes ask of it. */
  readonly api: Pick<
    ApiDeps,
    'runs' | 'runAnalyzer' | 'runSummaries' | 'jobs' | 'rebuild' | 'costs'
  >;
  shutdown(): Promise<void>;
}

/** The part of the composition root that computes: builds and starts it. */
export async function startAnalysis(
  config: Config,
  {
    engine,
    control,
    log,
    changes,
  }: {
    engine: Engine;
    control: ControlStore;
    log: FastifyBaseLogger;
    changes: Broadcast<Change>;
  },
): Promise<Analysis> {
  const directory = join(config.dataDir, 'analysis');
  const store = createRunStore({
    engine,
    directory: join(directory, 'blocks'),
    clock: systemClock,
  });
  const costs = await openCosts({
    control,
    store: createCostStore(engine),
    clock: systemClock,
    config: config.costs,
  });
  const runs = startRunAnalyzer({
    store,
    price: (usage) => costs.prices.price(usage.project, usage),
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
      runSummaries: createRunSummaries(createRunStatistics(engine)),
      jobs,
      rebuild: { store, analyzer: runs },
      costs,
    },
    async shutdown() {
      await jobs.shutdown();
      await runs.shutdown();
    },
  };
}
