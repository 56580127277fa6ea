import type { AgentStatus } from '../../model/agent.ts';
import type { BudgetState } from './policy-schema.ts';

/** What a decision may depend on. */
export interface CallFacts {
  /** As the caller is known: the name in the registry. */
  readonly agent: string;
  readonly tool: string;
  readonly params: Readonly<Record<string, unknown>>;
  /** `UNKNOWN` where no registry is asked, or it does not know the agent. */
  readonly status: AgentStatus | 'UNKNOWN';
  /** The agent's risk level, e.g. `high`; `unknown` when nobody said. */
  readonly risk: string;
  /** The model that the call is about, or that the caller says it runs on. */
  readonly model: string | undefined;
  readonly budget: BudgetState;
  /** What the agent has spent in the present period, in US dollars; undefined when nobody can tell. */
  readonly spentUsd: (per: 'day' | 'month') => number | undefined;
  /** Whether the arguments look like an attempt to talk a reader into something; asked only by rules about it. */
  readonly hasInjectionRisk: () => boolean;
  /** Milliseconds since 1970 UTC. */
  readonly nowMs: number;
}
