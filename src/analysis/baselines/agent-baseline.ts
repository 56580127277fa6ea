import { groupBy } from '../../base/group-by.ts';
import type { AgentMetric } from '../../model/baseline-metrics.ts';
import { rateOf, summarize, type Summary } from '../../model/baseline.ts';
import type { RunSample } from '../../model/run-sample.ts';

/** What is usual of one version of an agent, from its runs of the trailing window without the newest. */
export interface AgentBaseline {
  readonly version: string;
  readonly runs: number;
  /** Starts of the first and the last run, milliseconds since 1970 UTC. */
  readonly fromMs: number;
  readonly toMs: number;
  /** Undefined when no run has the value. */
  readonly metrics: Readonly<Record<NumberMetric, Summary | undefined>>;
  /** Logarithms, in which runs of agents are spread evenly to both sides. */
  readonly logs: Readonly<Record<'cost' | 'duration', LogSummary | undefined>>;
  readonly failed: number;
  readonly errorRate: number | null;
  /** Tool → calls, and the runs that called any. */
  readonly tools: Readonly<Record<string, number>>;
  readonly runsWithTools: number;
}

export type NumberMetric = Exclude<AgentMetric, 'error_rate' | 'tool_mix'>;

export interface LogSummary {
  readonly summary: Summary;
  /** How far whole days stray, beyond what their runs explain; in standard deviations. 0 with fewer than five days. */
  readonly daySpread: number;
}

export interface BaselineRules {
  /** Runs that a version must have. */
  readonly minimumRuns: number;
  /** Newer runs are left out. */
  readonly newestExcludedMs: number;
  /** And so many of the newest, whatever their age. */
  readonly newestExcluded: number;
}

export const BASELINE_RULES: BaselineRules = {
  minimumRuns: 20,
  newestExcludedMs: 3_600_000,
  newestExcluded: 10,
};

const DAY_MS = 86_400_000;
const DAYS_MIN = 5;
/** A normal distribution's standard deviation in median deviations. */
export const NORMAL_SCALE = 1.4826;
/** A median's standard error is this many standard deviations over √n (√(π/2)). */
export const MEDIAN_ERROR = 1.2533;
const RUNS_A_DAY_MIN = 3;
/** Below these a value is noise. */
const FLOORS = { cost: 1e-6, duration: 1e-3 } as const;

/** Samples newest first, as `AgentActivityStore` lists them. The newest version comes first. */
export function baselinesOf(
  samples: readonly RunSample[],
  nowMs: number,
  rules: BaselineRules = BASELINE_RULES,
): readonly AgentBaseline[] {
  const usable = samples
    .slice(rules.newestExcluded)
    .filter(({ startMs }) => startMs <= nowMs - rules.newestExcludedMs);
  const byVersion = groupBy(usable, ({ version }) => version);
  return [...byVersion]
    .filter(([, runs]) => runs.length >= rules.minimumRuns)
    .map(([version, runs]) => baselineOf(version, runs));
}

/** The version's own, else that of the version before it. */
export function baselineFor(
  baselines: readonly AgentBaseline[],
  version: string,
): AgentBaseline | undefined {
  return baselines.find((baseline) => baseline.version === version) ?? baselines[0];
}

function baselineOf(version: string, runs: readonly RunSample[]): AgentBaseline {
  const failed = runs.filter((run) => run.failed).length;
  const tools: Record<string, number> = Object.create(null) as Record<string, number>;
  for (const run of runs) {
    for (const [tool, calls] of Object.entries(run.tools)) tools[tool] = (tools[tool] ?? 0) + calls;
  }
  return {
    version,
    runs: runs.length,
    fromMs: runs.at(-1)!.startMs,
    toMs: runs[0]!.startMs,
    metrics: {
      cost: summarize(values(runs, ({ cost }) => cost)),
      tokens: summarize(values(runs, ({ tokens }) => tokens)),
      duration: summarize(values(runs, ({ durationS }) => durationS)),
      loop_length: summarize(values(runs, ({ loopLength }) => loopLength)),
    },
    logs: {
      cost: logsOf(runs, ({ cost }) => cost, FLOORS.cost),
      duration: logsOf(runs, ({ durationS }) => durationS, FLOORS.duration),
    },
    failed,
    errorRate: rateOf(failed, runs.length),
    tools,
    runsWithTools: runs.filter((run) => Object.keys(run.tools).length > 0).length,
  };
}

export function logOf(metric: keyof typeof FLOORS, value: number): number {
  return Math.log(Math.max(value, FLOORS[metric]));
}

function values(
  runs: readonly RunSample[],
  valueOf: (run: RunSample) => number | null,
): readonly number[] {
  return runs.map(valueOf).filter((value) => value !== null);
}

function logsOf(
  runs: readonly RunSample[],
  valueOf: (run: RunSample) => number | null,
  floor: number,
): LogSummary | undefined {
  const log = (run: RunSample): number | null => {
    const value = valueOf(run);
    return value === null ? null : Math.log(Math.max(value, floor));
  };
  const summary = summarize(values(runs, log));
  if (summary === undefined) return undefined;
  const days = [...groupBy(runs, ({ startMs }) => Math.floor(startMs / DAY_MS)).values()]
    .map((day) => summarize(values(day, log)))
    .filter((day) => day !== undefined && day.n >= RUNS_A_DAY_MIN) as readonly Summary[];
  if (days.length < DAYS_MIN) return { summary, daySpread: 0 };
  const ofDays = summarize(days.map(({ median }) => median))!.medianDeviation * NORMAL_SCALE;
  const runsADay = summarize(days.map(({ n }) => n))!.median;
  const ofRuns = (MEDIAN_ERROR * NORMAL_SCALE * summary.medianDeviation) / Math.sqrt(runsADay);
  return { summary, daySpread: Math.sqrt(Math.max(ofDays ** 2 - ofRuns ** 2, 0)) };
}
