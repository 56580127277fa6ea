import type { HealthBounds, HealthState } from '../model/health.ts';
import type { AuditEntry } from './audit-log.ts';

/** What an agent says of itself, and when it counts as healthy. */
export interface AgentHealth {
  /** When it last reported; null when it never did. Milliseconds since 1970 UTC. */
  readonly heartbeatMs: number | null;
  /** As it put it; null when it said nothing. */
  readonly reportedStatus: string | null;
  readonly reportedVersion: string | null;
  /** Null for the default. */
  readonly bounds: HealthBounds | null;
}

export interface Heartbeat {
  readonly agentId: string;
  readonly atMs: number;
  readonly status: string | null;
  readonly version: string | null;
}

export interface HealthStore {
  /** Keeps the newest of each agent. An agent that is not there is passed over. */
  recordHeartbeats(heartbeats: readonly Heartbeat[]): Promise<void>;

  /** Resolves to false, and writes nothing, when there is no such agent. */
  setBounds(
    project: string,
    agentId: string,
    bounds: HealthBounds | null,
    entry: AuditEntry,
  ): Promise<boolean>;

  /** Those of the agents named of which anything is kept. */
  list(agentIds: readonly string[]): Promise<ReadonlyMap<string, AgentHealth>>;

  /** The project's agents by their health; those that are retired or dismissed are left out. */
  countByHealth(
    project: string,
    nowMs: number,
  ): Promise<Readonly<Partial<Record<HealthState, number>>>>;
}
