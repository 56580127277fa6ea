/** An agent: a registered name that sends telemetry, with the state of its human review. */

export const AGENT_STATUSES = [
  'UNREVIEWED',
  'PENDING_REVIEW',
  'APPROVED',
  'SUSPENDED',
  'RETIRED',
  'DISMISSED',
] as const;

export type AgentStatus = (typeof AGENT_STATUSES)[number];

/**
 * The review states that may follow each state.
 * `UNREVIEWED → (PENDING_REVIEW) → APPROVED ↔ SUSPENDED → RETIRED`; `DISMISSED` only from the first two.
 */
export const AGENT_TRANSITIONS: Readonly<Record<AgentStatus, readonly AgentStatus[]>> = {
  UNREVIEWED: ['PENDING_REVIEW', 'APPROVED', 'DISMISSED'],
  PENDING_REVIEW: ['APPROVED', 'DISMISSED'],
  APPROVED: ['SUSPENDED', 'RETIRED'],
  SUSPENDED: ['APPROVED', 'RETIRED'],
  RETIRED: [],
  DISMISSED: [],
};

export function canTransition(from: AgentStatus, to: AgentStatus): boolean {
  return AGENT_TRANSITIONS[from].includes(to);
}

/** What stored telemetry says about an agent; one per agent and batch, merged by the registry. */
export interface AgentSighting {
  readonly project: string;
  readonly name: string;
  /** When its telemetry was received; milliseconds since 1970 UTC. */
  readonly seenAtMs: number;
  /** Root executions in the batch. */
  readonly runs: number;
  readonly services: readonly string[];
  readonly frameworks: readonly string[];
  readonly sdkLanguages: readonly string[];
  readonly models: readonly string[];
  readonly providers: readonly string[];
  readonly tools: readonly string[];
}
