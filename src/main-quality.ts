import { join } from 'node:path';

import type { FastifyBaseLogger } from 'fastify';

import type { EvaluationReader } from './analysis/quality/evaluation-reader.ts';
import { createEvaluationReader } from './analysis/quality/evaluation-reader.ts';
import type { JudgeAnswer } from './analysis/quality/judge-client.ts';
import type { Quality } from './analysis/quality/open-quality.ts';
import { openQuality } from './analysis/quality/open-quality.ts';
import type { FindRun, FindRuns, RunPlace } from './analysis/quality/pushed-results.ts';
import type { PriceCall } from './analysis/runs/describe-run.ts';
import type { RunAnalyzer } from './analysis/runs/run-analyzer.ts';
import { systemClock } from './base/clock.ts';
import { groupBy } from './base/group-by.ts';
import { randomId } from './base/random-id.ts';
import type { Config } from './config.ts';
import type { Picodollars } from './model/money.ts';
import type { SpanBatch } from './model/outgoing-telemetry.ts';
import type { Run } from './model/run.ts';
import { createRunQuery } from './query/create-run-query.ts';
import { createBlockInserter } from './storage/clickhouse/block-inserter.ts';
import type { Engine } from './storage/clickhouse/engine.ts';
import { createEvaluationStore } from './storage/clickhouse/evaluation-store.ts';
import { createQualityResultStore } from './storage/clickhouse/quality-result-store.ts';
import type { ControlStore } from './storage/control-store.ts';
import type { RunStore } from './storage/run-store.ts';

/** Takes in telemetry that Signalbox makes itself. */
export type EmitOwn = (project: string, batch: SpanBatch) => Promise<void>;

export interface QualityParts {
  readonly engine: Engine;
  readonly control: ControlStore;
  readonly runStore: RunStore;
  readonly price: PriceCall;
  readonly emit: EmitOwn;
  /** Asked when a run is looked at, which is later than the start. */
  readonly analyzer: () => Pick<RunAnalyzer, 'detail'>;
  readonly log: FastifyBaseLogger;
}

export interface RunningQuality {
  readonly quality: Quality;
  readonly evaluations: EvaluationReader;
  shutdown(): Promise<void>;
}

/** How long evaluations that were stored may wait to be read. */
const EVALUATION_INTERVAL_MS = 1_000;

/** The part of the composition root that judges runs. */
export async function startQuality(config: Config, parts: QualityParts): Promise<RunningQuality> {
  const { engine, control, runStore, analyzer, price, log } = parts;
  const clock = systemClock;
  const onProblem = (message: string): void => log.warn(message);
  const directory = join(config.dataDir, 'analysis', 'quality-blocks');
  const insert = createBlockInserter({ engine, directory, clock });
  const results = createQualityResultStore({ engine, insert, clock });
  const findRun = createFindRun(runStore);
  const findRunsOf: FindRuns = (project, spans) => findRuns(runStore, project, spans);
  const runs = createRunQuery(runStore);
  const quality = await openQuality({
    results,
    quality: control.quality,
    settings: control.settings,
    config: config.judge,
    getRun: async (project, wanted) => {
      const family = await runs.getRun(project, wanted);
      return family && analyzer().detail(family.run, family.modelCalls);
    },
    findRun,
    findRuns: findRunsOf,
    priceOf: (project, answer) => priceOf(price, project, answer),
    emit: parts.emit,
    clock,
    newId: randomId,
    onProblem,
  });
  const evaluations = createEvaluationReader({
    evaluations: createEvaluationStore(engine),
    results,
    findRuns: findRunsOf,
    clock,
    intervalMs: EVALUATION_INTERVAL_MS,
    onProblem,
  });
  // What was stored before the last stop and not read.
  evaluations.wake();
  return {
    quality,
    evaluations,
    async shutdown() {
      await evaluations.shutdown();
      await quality.judge.shutdown();
    },
  };
}

/** The run of a span: the one whose call or root it is, else the run that the trace began with. */
function createFindRun(store: RunStore): FindRun {
  return async (project, { traceId, spanId }) => {
    if (traceId === '') {
      const query = {
        filter: { runId: spanId },
        sort: 'start',
        after: undefined,
        limit: 1,
      } as const;
      const [run] = (await store.findRuns(project, query)).runs;
      return run && placeOf(run);
    }
    const [found] = await findRuns(store, project, [{ traceId, spanId }]);
    return found;
  };
}

/** Reads the runs of so many traces at a time. */
const TRACES_AT_ONCE = 500;

async function findRuns(
  store: RunStore,
  project: string,
  spans: Parameters<FindRuns>[1],
): Promise<(RunPlace | undefined)[]> {
  const places: (RunPlace | undefined)[] = [];
  for (let at = 0; at < spans.length; at += TRACES_AT_ONCE) {
    const part = spans.slice(at, at + TRACES_AT_ONCE);
    const traces = part.map(({ traceId }) => traceId);
    const { runs, calls } = await store.getTraceRuns(project, traces, undefined);
    const runsOf = groupBy(runs, ({ value }) => value.traceId);
    const callsOf = groupBy(calls, ({ value }) => value.traceId);
    for (const { traceId, spanId } of part) {
      const call = callsOf.get(traceId)?.find(({ value }) => value.spanId === spanId);
      const all = runsOf.get(traceId)?.map(({ value }) => value) ?? [];
      places.push(runOf(all, call?.value.runId ?? spanId));
    }
  }
  return places;
}

/** The run of that id, else the one that the trace began with. */
function runOf(all: readonly Run[], runId: string): RunPlace | undefined {
  const first = all
    .filter(({ parentRunId }) => parentRunId === '')
    .sort((one, other) => (one.startNs < other.startNs ? -1 : 1))[0];
  const found = all.find((run) => run.runId === runId) ?? first ?? all[0];
  return found && placeOf(found);
}

const placeOf = ({ traceId, runId, agent, startNs }: RunPlace): RunPlace => ({
  traceId,
  runId,
  agent,
  startNs,
});

function priceOf(price: PriceCall, project: string, answer: JudgeAnswer): Picodollars | null {
  const { model, inputTokens: input, outputTokens: output } = answer;
  const { amount } = price({
    project,
    provider: '',
    model,
    requestModel: model,
    atMs: systemClock.now(),
    tier: '',
    tokens: {
      input,
      output,
      cacheRead: null,
      cacheWrite: null,
      cacheWrite1h: null,
      reasoning: null,
    },
    reportedCost: null,
    invalid: false,
  });
  return amount;
}
