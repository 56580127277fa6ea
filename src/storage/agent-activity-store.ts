import type { Picodollars } from '../model/money.ts';
import type { RunSample } from '../model/run-sample.ts';

/** What the calls of an agent cost on one day. */
export interface DaySpend {
  readonly project: string;
  /** '' for calls that no agent is known of. */
  readonly agent: string;
  /** In UTC, as `2026-11-20`. */
  readonly day: string;
  readonly cost: Picodollars;
  /** Calls with tokens and no known price: not in `cost`. */
  readonly unpricedCalls: number;
}

/** An agent's runs of 24 hours. */
export interface DayActivity {
  readonly runs: number;
  /** US dollars, of runs with a cost. */
  readonly cost: number;
  /** What the dearest run cost. */
  readonly dearest: number;
}

/** What agents did, as budgets and baselines ask it. Times are milliseconds since 1970 UTC; `to` is exclusive. */
export interface AgentActivityStore {
  /** Of all projects, by the start of the call. */
  sumSpend(range: { readonly fromMs: number; readonly toMs: number }): Promise<readonly DaySpend[]>;

  /** Runs that are over, newest first, at most `perAgent` of each; agents without any are left out. */
  listRuns(
    project: string,
    agents: readonly string[],
    query: { readonly fromMs: number; readonly toMs: number; readonly perAgent: number },
  ): Promise<ReadonlyMap<string, readonly RunSample[]>>;

  /** The 24 hours before `toMs`, the 24 before those, and so on; days without runs are 0. */
  listDays(
    project: string,
    agents: readonly string[],
    query: { readonly toMs: number; readonly days: number },
  ): Promise<ReadonlyMap<string, readonly DayActivity[]>>;
}
