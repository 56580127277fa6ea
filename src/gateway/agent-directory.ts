import type { AgentStatus } from '../model/agent.ts';
import type { BudgetState } from './policy/policy-schema.ts';

/** What is known of an agent when it calls. */
export interface AgentFacts {
  readonly status: AgentStatus | 'UNKNOWN';
  readonly risk: string;
  readonly budget: BudgetState;
  /** What it has spent in the present day and month (UTC), in US dollars; undefined where nobody can tell. */
  readonly spentUsd: { readonly day: number | undefined; readonly month: number | undefined };
  /** Whether it has changed since it was approved. */
  readonly changedSinceReview: boolean;
}

/** Answers from memory, at once: what is asked for in the background is never waited for. */
export interface AgentDirectory {
  factsOf(project: string, agent: string): AgentFacts;
  /** Whether what is answered may be old, because the registry cannot be reached. */
  isStale(): boolean;
  /** When the registry answered last; milliseconds since 1970 UTC, -Infinity for never. */
  answeredAtMs(): number;
  close(): void;
}

export const UNKNOWN_AGENT: AgentFacts = {
  status: 'UNKNOWN',
  risk: 'unknown',
  budget: 'unknown',
  spentUsd: { day: undefined, month: undefined },
  changedSinceReview: false,
};

/** For a gateway without a registry. */
export const NO_DIRECTORY: AgentDirectory = {
  factsOf: () => UNKNOWN_AGENT,
  isStale: () => false,
  answeredAtMs: () => Number.NEGATIVE_INFINITY,
  close: () => undefined,
};
