import { setImmediate as nextTurn } from 'node:timers/promises';

import type { Clock } from '../../base/clock.ts';
import { groupBy } from '../../base/group-by.ts';
import type { AgentActivityStore } from '../../storage/agent-activity-store.ts';
import type { AgentStore, KnownAgent } from '../../storage/agent-store.ts';
import { baselineFor } from '../baselines/agent-baseline.ts';
import type { BaselineBook } from '../baselines/baseline-book.ts';
import type { RiskKeeper } from '../risk/risk-keeper.ts';
import type { AnomalyDesk } from './anomaly-desk.ts';
import {
  detectAnomalies,
  WINDOW_AGE_MAX_MS,
  WINDOW_RUNS_MAX,
  windowOf,
} from './detect-anomalies.ts';
import type { CheckHistory } from './detection-input.ts';

export interface AnomalyWatchOptions {
  readonly agents: Pick<AgentStore, 'listSeenSince' | 'get'>;
  readonly activity: Pick<AgentActivityStore, 'listRuns'>;
  readonly baselines: BaselineBook;
  readonly desk: Pick<AnomalyDesk, 'report'>;
  readonly risk: Pick<RiskKeeper, 'refresh'>;
  /** How an agent's runs did in each check, of late and before. */
  readonly quality?: (project: string, agent: string) => Promise<readonly CheckHistory[]>;
  readonly clock: Clock;
}

/** Agents that are looked at in one pass; the others in the next. */
const AGENTS_AT_ONCE = 200;
/** Of them, those whose baseline is reckoned anew. */
const BASELINES_AT_ONCE = 50;
/** Runs become known a little after their agent was seen. */
const OVERLAP_MS = 2 * 60_000;
/** Who was silent for longer is not looked at any more. */
const SILENT_MAX_MS = 7 * 86_400_000;
const PAGE = 500;

/**
 * Looks at the agents that were seen since the last pass, and by the hour at all of the last week, also those that fell
 * silent. The work of a pass is bounded; what is left is done in the next.
 */
export class AnomalyWatch {
  readonly #options: AnomalyWatchOptions;
  /** Agents to be looked at, by id, in the order in which they came. */
  readonly #waiting = new Map<string, KnownAgent>();
  #seenUntilMs: number | undefined;
  #sweptAtMs = Number.NEGATIVE_INFINITY;

  constructor(options: AnomalyWatchOptions) {
    this.#options = options;
  }

  async pass(): Promise<void> {
    await this.#collect();
    const taken = [...this.#waiting.values()].slice(0, AGENTS_AT_ONCE);
    for (const { id } of taken) this.#waiting.delete(id);
    let baselinesLeft = BASELINES_AT_ONCE;
    for (const [project, agents] of groupBy(taken, (agent) => agent.project)) {
      const stale = agents.filter((agent) => this.#isStale(agent));
      const refreshed = stale.slice(0, baselinesLeft);
      baselinesLeft -= refreshed.length;
      const late = new Set(stale.slice(refreshed.length));
      for (const agent of late) this.#waiting.set(agent.id, agent);
      if (refreshed.length > 0) {
        const names = refreshed.map(({ name }) => name);
        await this.#options.baselines.refresh(project, names);
      }
      const isFresh = new Set(refreshed);
      await this.#look(
        project,
        agents.filter((agent) => !late.has(agent)),
        isFresh,
      );
    }
  }

  async #collect(): Promise<void> {
    const nowMs = this.#options.clock.now();
    const isSweep = nowMs - this.#sweptAtMs >= this.#options.baselines.keptMs;
    const sinceMs = isSweep ? nowMs - SILENT_MAX_MS : (this.#seenUntilMs ?? nowMs) - OVERLAP_MS;
    let after: { lastSeenMs: number; id: string } | undefined;
    for (;;) {
      const page = await this.#options.agents.listSeenSince(sinceMs, { limit: PAGE, after });
      for (const agent of page) this.#waiting.set(agent.id, agent);
      const last = page.at(-1);
      if (last === undefined || page.length < PAGE) break;
      after = { lastSeenMs: last.lastSeenMs, id: last.id };
    }
    if (isSweep) this.#sweptAtMs = nowMs;
    this.#seenUntilMs = nowMs;
  }

  #isStale({ project, name }: KnownAgent): boolean {
    const { baselines, clock } = this.#options;
    const known = baselines.known(project, name);
    return known === undefined || clock.now() - known.atMs >= baselines.keptMs;
  }

  async #look(
    project: string,
    agents: readonly KnownAgent[],
    isFresh: ReadonlySet<KnownAgent>,
  ): Promise<void> {
    const { activity, agents: store, baselines, clock, desk, quality, risk } = this.#options;
    const nowMs = clock.now();
    const runs = await activity.listRuns(
      project,
      agents.map(({ name }) => name),
      { fromMs: nowMs - WINDOW_AGE_MAX_MS, toMs: nowMs, perAgent: WINDOW_RUNS_MAX },
    );
    for (const agent of agents) {
      const usual = baselines.known(project, agent.name);
      if (usual === undefined) continue;
      const registered = await store.get(project, agent.id);
      if (registered === undefined || isOver(registered.status)) continue;
      const window = windowOf(runs.get(agent.name) ?? [], nowMs);
      const findings = detectAnomalies({
        nowMs,
        window,
        baseline: baselineFor(usual.baselines, window[0]?.version ?? ''),
        dearestBefore: usual.dearest,
        days: isFresh.has(agent) ? usual.days : undefined,
        approvedModels: registered.approvedModels,
        quality: quality && isFresh.has(agent) ? await quality(project, agent.name) : [],
      });
      await desk.report(agent, findings);
      await risk.refresh(project, agent.id);
      await nextTurn();
    }
  }
}

/** Nobody waits for news of an agent that was put aside. */
function isOver(status: string): boolean {
  return status === 'RETIRED' || status === 'DISMISSED';
}
