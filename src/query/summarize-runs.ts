import { groupBy } from '../base/group-by.ts';
import { addKnown } from '../model/run.ts';
import type {
  AgentRunSums,
  DurationClass,
  RunField,
  RunPeriod,
  RunStatistics,
  RunSums,
  RunSumsInTime,
} from '../storage/run-statistics.ts';
import type { RunFilter } from '../storage/run-store.ts';
import type { ValueCount } from '../storage/trace-outline.ts';
import { stepFor } from './outline-traces.ts';

/** Durations of runs that are over, nanoseconds, within one percent; null without any. */
export interface RunDurations {
  readonly p50Ns: number | null;
  readonly p95Ns: number | null;
}

export interface RunSummary {
  readonly total: RunSums & RunDurations;
  readonly agents: readonly (AgentRunSums & RunDurations)[];
  readonly stepSeconds: number;
  readonly steps: readonly RunSumsInTime[];
}

/** An implementation MUST answer only what belongs to the project. */
export interface RunSummaries {
  summarize(
    project: string,
    period: RunPeriod,
    bounds: { readonly stepsMax: number; readonly agentsMax: number },
  ): Promise<RunSummary>;

  /** The values of each field with how many runs have them, of the runs that fit the filters of the other fields. */
  listFacets(
    project: string,
    filter: RunFilter,
    fields: readonly RunField[],
    limit: number,
  ): Promise<ReadonlyMap<RunField, readonly ValueCount[]>>;

  /** Values of one field that contain `part`, of the runs that fit. */
  findValues(
    project: string,
    filter: RunFilter,
    query: { readonly field: RunField; readonly part: string; readonly limit: number },
  ): Promise<readonly ValueCount[]>;
}

const NONE: RunSums = {
  runs: 0,
  failed: 0,
  running: 0,
  abandoned: 0,
  modelCalls: 0,
  toolCalls: 0,
  retries: 0,
  inputTokens: null,
  outputTokens: null,
  cacheReadTokens: null,
  cost: 0n,
  callsUnpriced: 0,
};

export function createRunSummaries(statistics: RunStatistics): RunSummaries {
  return {
    async listFacets(project, filter, fields, limit) {
      const counted = fields.map(async (field) => {
        const others = { ...filter, [field]: undefined };
        return [
          field,
          await statistics.countValues(project, others, { field, part: '', limit }),
        ] as const;
      });
      return new Map(await Promise.all(counted));
    },

    findValues: (project, filter, query) => statistics.countValues(project, filter, query),

    async summarize(project, period, { stepsMax, agentsMax }) {
      const stepSeconds = stepFor(period.fromMs, period.toMs, stepsMax);
      const [agents, steps, durations] = await Promise.all([
        statistics.sumByAgent(project, period, agentsMax),
        statistics.sumOverTime(project, period, stepSeconds),
        statistics.countDurations(project, period),
      ]);
      const byAgent = groupBy(durations, ({ agent }) => agent);
      return {
        // The steps cover every agent, also those beyond the limit.
        total: { ...steps.reduce<RunSums>(addSums, NONE), ...durationsOf(durations) },
        agents: agents.map((sums) => ({ ...sums, ...durationsOf(byAgent.get(sums.agent) ?? []) })),
        stepSeconds,
        steps,
      };
    },
  };
}

function addSums(a: RunSums, b: RunSums): RunSums {
  return {
    runs: a.runs + b.runs,
    failed: a.failed + b.failed,
    running: a.running + b.running,
    abandoned: a.abandoned + b.abandoned,
    modelCalls: a.modelCalls + b.modelCalls,
    toolCalls: a.toolCalls + b.toolCalls,
    retries: a.retries + b.retries,
    inputTokens: addKnown(a.inputTokens, b.inputTokens),
    outputTokens: addKnown(a.outputTokens, b.outputTokens),
    cacheReadTokens: addKnown(a.cacheReadTokens, b.cacheReadTokens),
    cost: a.cost + b.cost,
    callsUnpriced: a.callsUnpriced + b.callsUnpriced,
  };
}

/** The least duration that so many of a hundred do not exceed (nearest rank). */
export function durationsOf(classes: readonly DurationClass[]): RunDurations {
  const sorted = classes.toSorted((a, b) => a.durationNs - b.durationNs);
  const all = sorted.reduce((sum, { runs }) => sum + runs, 0);
  const at = (share: number): number | null => {
    let left = Math.ceil(all * share);
    for (const { durationNs, runs } of sorted) {
      left -= runs;
      if (left <= 0) return durationNs;
    }
    return null;
  };
  return { p50Ns: at(0.5), p95Ns: at(0.95) };
}
