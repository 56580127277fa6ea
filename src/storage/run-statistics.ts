import type { Picodollars } from '../model/money.ts';
import type { RunFilter } from './run-store.ts';
import type { ValueCount } from './trace-outline.ts';

/** Runs of an agent, summed up. */
export interface RunSums {
  readonly runs: number;
  readonly failed: number;
  readonly running: number;
  readonly abandoned: number;
  readonly modelCalls: number;
  readonly toolCalls: number;
  readonly retries: number;
  /** Null when no run reported any. */
  readonly inputTokens: number | null;
  readonly outputTokens: number | null;
  readonly cacheReadTokens: number | null;
  readonly cost: Picodollars;
  readonly callsUnpriced: number;
}

export interface AgentRunSums extends RunSums {
  /** '' for runs that name no agent. */
  readonly agent: string;
}

export interface RunSumsInTime extends RunSums {
  /** The start of the step; milliseconds since 1970 UTC. */
  readonly startMs: number;
}

/** How many runs of an agent lasted about so long: classes of durations a fiftieth of e apart, so within one percent. */
export interface DurationClass {
  readonly agent: string;
  readonly durationNs: number;
  readonly runs: number;
}

/** Start times; milliseconds since 1970 UTC, from inclusive, to exclusive. */
export interface RunPeriod {
  readonly fromMs: number;
  readonly toMs: number;
  readonly agent?: string | undefined;
}

export const RUN_FIELDS = [
  'agent',
  'agentVersion',
  'service',
  'framework',
  'name',
  'status',
  'errorType',
  'model',
  'tool',
  'user',
  'conversation',
] as const satisfies readonly (keyof RunFilter)[];
export type RunField = (typeof RUN_FIELDS)[number];

/** Sums over runs as they stand now. Every answer MUST be of the one project asked for, and bounded in memory and time. */
export interface RunStatistics {
  /** An agent each, the one with most runs first; `limit` at most. */
  sumByAgent(project: string, period: RunPeriod, limit: number): Promise<readonly AgentRunSums[]>;

  /** Steps without runs are left out; earliest first. */
  sumOverTime(
    project: string,
    period: RunPeriod,
    stepSeconds: number,
  ): Promise<readonly RunSumsInTime[]>;

  /**
   * Counts the runs that fit by a field, the value of the most first; `limit` at most. A run that has several values
   * counts with each. `part` must be in the value; case does not matter.
   */
  countValues(
    project: string,
    filter: RunFilter,
    query: { readonly field: RunField; readonly part: string; readonly limit: number },
  ): Promise<readonly ValueCount[]>;

  /** Of runs that are over, by agent, the shortest first. */
  countDurations(project: string, period: RunPeriod): Promise<readonly DurationClass[]>;
}
