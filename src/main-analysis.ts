import { join } from 'node:path';

import type { FastifyBaseLogger } from 'fastify';

import { createJobs } from './analysis/jobs.ts';
import { openCosts } from './analysis/costs/open-costs.ts';
import { createConversationReader } from './analysis/conversations/conversation-reader.ts';
import type { EvaluationReader } from './analysis/quality/evaluation-reader.ts';
import type { Quality } from './analysis/quality/open-quality.ts';
import type { PriceCall } from './analysis/runs/describe-run.ts';
import type { RunAnalyzer } from './analysis/runs/run-analyzer.ts';
import { startRunAnalyzer } from './analysis/runs/run-analyzer.ts';
import { openRetentionKeeper } from './analysis/retention/retention-keeper.ts';
import { termsOfConfig } from './analysis/retention/retention-terms.ts';
import { DEFAULT_PROJECT } from './auth/principal.ts';
import { messageOf } from './errors.ts';
import { repeat } from './base/repeat.ts';
import { systemClock } from './base/clock.ts';
import type { Config } from './config.ts';
import { createConversationQuery } from './query/conversation-query.ts';
import { createRunQuery } from './query/create-run-query.ts';
import { createRunSummaries } from './query/summarize-runs.ts';
import type { ApiDeps } from './api/api-deps.ts';
import type { Broadcast } from './base/broadcast.ts';
import type { EmitOwn } from './main-quality.ts';
import { startQuality } from './main-quality.ts';
import type { Change, ChangeTopic } from './model/change.ts';
import { createRetentionStore } from './storage/clickhouse/retention-store.ts';
import { createConversationStore } from './storage/clickhouse/conversation-store.ts';
import { createCostStore } from './storage/clickhouse/cost-store.ts';
import type { Engine } from './storage/clickhouse/engine.ts';
import { createRunStatistics } from './storage/clickhouse/run-statistics.ts';
import { createRunStore } from './storage/clickhouse/run-store.ts';
import type { ControlStore } from './storage/control-store.ts';
import type { RunStore } from './storage/run-store.ts';

/** What is computed from stored telemetry, and the questions about it. */
export interface Analysis {
  readonly runs: RunAnalyzer;
  readonly evaluations: EvaluationReader;
  readonly runStore: RunStore;
  /** What the routes ask of it. */
  readonly api: Pick<
    ApiDeps,
    | 'runs'
    | 'runAnalyzer'
    | 'runSummaries'
    | 'conversations'
    | 'conversationReader'
    | 'jobs'
    | 'rebuild'
    | 'costs'
    | 'quality'
    | 'retention'
  >;
  shutdown(): Promise<void>;
}

export interface AnalysisParts {
  readonly engine: Engine;
  readonly control: ControlStore;
  readonly emit: EmitOwn;
  readonly log: FastifyBaseLogger;
  readonly changes: Broadcast<Change>;
}

/** The part of the composition root that computes: builds and starts it. */
export async function startAnalysis(config: Config, parts: AnalysisParts): Promise<Analysis> {
  const { engine, control, log, changes } = parts;
  const directory = join(config.dataDir, 'analysis');
  const blocks = join(directory, 'blocks');
  const store = createRunStore({ engine, directory: blocks, clock: systemClock });
  const costs = await openCosts({
    control,
    store: createCostStore(engine),
    runs: store,
    onRecorded: (project) => changes.publish({ project, topic: 'costs' }),
    clock: systemClock,
    config: config.costs,
  });
  const price: PriceCall = (usage) => costs.prices.price(usage.project, usage);
  const { quality, evaluations, ...judging } = await startQuality(config, {
    ...parts,
    runStore: store,
    price,
    analyzer: () => runs,
  });
  const runs: RunAnalyzer = startRunAnalyzer({
    store,
    price,
    clock: systemClock,
    config: config.analysis,
    directory: join(directory, 'journal'),
    onProblem: (message) => log.warn(message),
  });
  listen(runs, quality, changes);
  await quality.judge.resume();
  const conversations = createConversationStore(engine);
  const retention = await startRetention(config, parts);
  const jobs = createJobs({
    clock: systemClock,
    onFailure: ({ kind, id, error }) => log.warn(`the job ${kind} ${id} failed: ${error}`),
  });
  return {
    runs,
    evaluations,
    runStore: store,
    api: {
      runs: createRunQuery(store),
      runAnalyzer: runs,
      runSummaries: createRunSummaries(createRunStatistics(engine)),
      conversations: createConversationQuery(conversations),
      conversationReader: createConversationReader({ conversations, runs: store }),
      jobs,
      rebuild: { store, analyzer: runs },
      costs,
      quality,
      retention: retention.keeper,
    },
    async shutdown() {
      await jobs.shutdown();
      await retention.stop();
      await runs.shutdown();
      await judging.shutdown();
    },
  };
}

const RETENTION_INTERVAL_MS = 3_600_000;

async function startRetention(config: Config, { engine, control, log }: AnalysisParts) {
  const keeper = await openRetentionKeeper({
    store: createRetentionStore(engine),
    settings: control.settings,
    auditLog: control.auditLog,
    usual: termsOfConfig(config.retention),
    project: DEFAULT_PROJECT,
    clock: systemClock,
  });
  const repetition = repeat(() => keeper.pass(), {
    everyMs: RETENTION_INTERVAL_MS,
    onError: (error) => log.warn(`cannot remove what is kept no longer: ${messageOf(error)}`),
  });
  return { keeper, stop: () => repetition.stop() };
}

/** Finished runs are checked, and live pages told what changed. */
function listen(runs: RunAnalyzer, quality: Quality, changes: Broadcast<Change>): void {
  const publish = (topics: readonly ChangeTopic[], projects: readonly string[]): void => {
    for (const project of new Set(projects)) {
      for (const topic of topics) changes.publish({ project, topic });
    }
  };
  runs.onAnalyzed(async (details) => {
    await quality.analysis.observe(details);
    publish(
      ['quality'],
      details.map(({ run }) => run.project),
    );
  });
  runs.onChanged((traces) => {
    publish(
      ['runs', 'costs'],
      traces.map(({ project }) => project),
    );
  });
}
