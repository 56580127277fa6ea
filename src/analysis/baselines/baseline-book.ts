import { BoundedMap } from '../../base/bounded-map.ts';
import type { Clock } from '../../base/clock.ts';
import type { RunSample } from '../../model/run-sample.ts';
import type { AgentActivityStore, DayActivity } from '../../storage/agent-activity-store.ts';
import { baselinesOf, type AgentBaseline } from './agent-baseline.ts';

/** What is usual of an agent, as of when it was reckoned. */
export interface KnownUsual {
  readonly atMs: number;
  /** Newest version first; those with too few runs are left out. */
  readonly baselines: readonly AgentBaseline[];
  /** The 24 hours before `atMs`, and those before. */
  readonly days: readonly DayActivity[];
  /** What the dearest run cost in US dollars, the newest left out. */
  readonly dearest: number;
}

/**
 * Reckons what is usual of agents from their stored runs, and remembers it for a while. What the watch remembers says
 * when it looked last, so somebody who asks does not change it.
 */
export interface BaselineBook {
  /** How long what is remembered is good. */
  readonly keptMs: number;
  /** What `refresh` found, however old. */
  known(project: string, agent: string): KnownUsual | undefined;
  /** Asks the store about these agents, in one question for all. */
  refresh(project: string, agents: readonly string[]): Promise<void>;
  /** What is known, or reckoned now; where no version has enough runs, as of a minute ago at most. */
  get(project: string, agent: string): Promise<KnownUsual>;
}

interface BaselineBookOptions {
  readonly activity: Pick<AgentActivityStore, 'listRuns' | 'listDays'>;
  readonly clock: Clock;
  /** How far back runs are looked at. */
  readonly days: number;
  readonly keptMs: number;
}

const DAY_MS = 86_400_000;
/** Enough for any statistic; more would only be slower. */
const RUNS_MAX = 1_000;
/** Four weeks and today. */
const DAYS = 29;
const AGENTS_KEPT = 10_000;
const ASKED_KEPT = 1_000;
const ASKED_KEPT_MS = 60_000;

export function createBaselineBook({
  activity,
  clock,
  days,
  keptMs,
}: BaselineBookOptions): BaselineBook {
  const remembered = new BoundedMap<string, KnownUsual>(AGENTS_KEPT);
  const asked = new BoundedMap<string, KnownUsual>(ASKED_KEPT);
  const keyOf = (project: string, agent: string): string => `${project}\0${agent}`;

  const reckon = async (
    project: string,
    agents: readonly string[],
    into: BoundedMap<string, KnownUsual>,
  ): Promise<void> => {
    const atMs = clock.now();
    const range = { fromMs: atMs - days * DAY_MS, toMs: atMs, perAgent: RUNS_MAX };
    const [runs, active] = await Promise.all([
      activity.listRuns(project, agents, range),
      activity.listDays(project, agents, { toMs: atMs, days: DAYS }),
    ]);
    for (const agent of agents) {
      const samples = runs.get(agent) ?? [];
      const baselines = baselinesOf(samples, atMs);
      into.set(keyOf(project, agent), {
        atMs,
        baselines,
        days: active.get(agent) ?? [],
        dearest: dearestOf(samples, active.get(agent) ?? [], baselines),
      });
    }
  };

  return {
    keptMs,
    known: (project, agent) => remembered.get(keyOf(project, agent)),
    refresh: (project, agents) => reckon(project, agents, remembered),
    async get(project, agent) {
      const key = keyOf(project, agent);
      const isGood = (usual: KnownUsual | undefined, forMs: number): usual is KnownUsual =>
        usual !== undefined && clock.now() - usual.atMs < forMs;
      const known = remembered.get(key);
      if (isGood(known, keptMs) && known.baselines.length > 0) return known;
      const before = asked.get(key);
      if (isGood(before, ASKED_KEPT_MS)) return before;
      await reckon(project, [agent], asked);
      return asked.get(key)!;
    },
  };
}

/** Of the days before the last, and of the baselines' own runs, which leave the newest out. */
function dearestOf(
  samples: readonly RunSample[],
  days: readonly DayActivity[],
  baselines: readonly AgentBaseline[],
): number {
  const newestUsual = Math.max(0, ...baselines.map(({ toMs }) => toMs));
  const ofRuns = samples
    .filter(({ startMs }) => startMs <= newestUsual)
    .map(({ cost }) => cost ?? 0);
  const ofDays = days.slice(1).map(({ dearest }) => dearest);
  return Math.max(0, ...ofRuns, ...ofDays);
}
