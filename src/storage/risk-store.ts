import type { RiskLevel, RiskReason, RiskScore } from '../model/risk.ts';

export interface RiskChange {
  /** Milliseconds since 1970 UTC. */
  readonly atMs: number;
  readonly score: number;
  readonly level: RiskLevel;
  readonly reasons: readonly RiskReason[];
}

/** The scores of agents and how they came about. The score itself stands with the agent, to sort by. */
export interface RiskStore {
  /**
   * Writes the score, and an entry of its history if its number or reasons changed.
   * Resolves to the score before and whether anything changed; to undefined when there is no such agent.
   */
  record(
    agentId: string,
    score: RiskScore,
    atMs: number,
  ): Promise<{ readonly before: number; readonly changed: boolean } | undefined>;

  /** Newest first; a store MAY forget all but the newest two hundred. */
  listHistory(agentId: string, limit: number): Promise<readonly RiskChange[]>;

  /** Agents by level; those that are retired or dismissed are left out. */
  countByLevel(project: string): Promise<Readonly<Partial<Record<RiskLevel, number>>>>;
}
