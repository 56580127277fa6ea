import type { AgentStatus } from '../model/agent.ts';
import type { AgentFacts, RiskLevel } from '../model/risk.ts';
import type { AuditEntry } from './audit-log.ts';

/** What an agent was seen with; each kind is a set of distinct values. */
export const AGENT_FACET_KINDS = [
  'service',
  'framework',
  'sdk_language',
  'model',
  'provider',
  'tool',
] as const;

export type AgentFacetKind = (typeof AGENT_FACET_KINDS)[number];

/** Distinct values by kind, each list in byte order. */
export type AgentFacets = Readonly<Record<AgentFacetKind, readonly string[]>>;

export interface AgentFacet {
  readonly agentId: string;
  readonly kind: AgentFacetKind;
  readonly value: string;
}

export interface AgentDetails {
  readonly owner: string | null;
  readonly team: string | null;
  readonly description: string | null;
  /** What people say of it, which outweighs what its telemetry tells. */
  readonly facts: AgentFacts;
  /** The models that it may use; null while nobody decided. */
  readonly approvedModels: readonly string[] | null;
}

export interface Agent extends AgentDetails {
  readonly id: string;
  readonly project: string;
  readonly name: string;
  readonly status: AgentStatus;
  /** When the present status began; milliseconds since 1970 UTC, as all times here. */
  readonly statusSinceMs: number;
  readonly firstSeenMs: number;
  readonly lastSeenMs: number;
  readonly facets: AgentFacets;
  /** 0 to 100, as of its last reckoning. */
  readonly riskScore: number;
  readonly riskLevel: RiskLevel;
}

export interface NewAgent {
  readonly id: string;
  readonly project: string;
  readonly name: string;
  readonly seenAtMs: number;
}

/** What the registry keeps in memory of each agent. */
export interface KnownAgent {
  readonly id: string;
  readonly project: string;
  readonly name: string;
  readonly lastSeenMs: number;
}

/** What decides to whom an agent's cost counts. */
export interface AgentStanding {
  readonly id: string;
  readonly name: string;
  readonly status: AgentStatus;
  readonly team: string | null;
}

export const AGENT_SORT_KEYS = ['name', 'last_seen', 'first_seen', 'status', 'risk_score'] as const;

export type AgentSortKey = (typeof AGENT_SORT_KEYS)[number];

export interface AgentFilter {
  readonly status?: AgentStatus | undefined;
  readonly framework?: string | undefined;
  readonly model?: string | undefined;
  readonly provider?: string | undefined;
  readonly riskLevel?: RiskLevel | undefined;
  readonly team?: string | undefined;
  /** True: only those without an owner; false: only those with one. */
  readonly noOwner?: boolean | undefined;
  /** A part of the name, owner or team; case does not matter. */
  readonly search?: string | undefined;
}

export interface AgentPage {
  readonly sort: AgentSortKey;
  readonly direction: 'asc' | 'desc';
  readonly offset: number;
  readonly limit: number;
}

export interface AgentChange {
  readonly project: string;
  readonly id: string;
  /** The change is made only while the agent has this status. */
  readonly expectedStatus: AgentStatus;
  readonly status?: { readonly to: AgentStatus; readonly atMs: number };
  readonly details?: Partial<AgentDetails>;
}

/** The registry's rows. A store MUST keep one agent per project and name whoever registers it, and however often. */
export interface AgentStore {
  /**
   * Registers agents as `UNREVIEWED` and appends the entry of each one that is new, in one transaction.
   * Answers, in the order asked, the id under which each agent now stands and whether this call created it.
   * MUST be durable when it resolves.
   */
  register(
    agents: readonly { readonly agent: NewAgent; readonly entry: AuditEntry }[],
  ): Promise<readonly { readonly id: string; readonly created: boolean }[]>;

  /** Agents ordered by id, above `afterId`; at most `limit`. */
  listKnown(afterId: string, limit: number): Promise<readonly KnownAgent[]>;

  /** The agents of all projects that have a team. */
  listTeams(): Promise<
    readonly { readonly project: string; readonly name: string; readonly team: string }[]
  >;
  /** All agents of the project, by name. */
  listStandings(project: string): Promise<readonly AgentStanding[]>;

  /** The facets of the agents named. */
  listFacets(agentIds: readonly string[]): Promise<readonly AgentFacet[]>;

  get(project: string, id: string): Promise<Agent | undefined>;

  getByName(project: string, name: string): Promise<Agent | undefined>;

  /** Agents of all projects that were seen at or after `sinceMs`, by last-seen time and id after the one named. */
  listSeenSince(
    sinceMs: number,
    page: {
      readonly limit: number;
      readonly after?: { readonly lastSeenMs: number; readonly id: string } | undefined;
    },
  ): Promise<readonly KnownAgent[]>;

  /** One page of the agents that fit, and how many fit. Equal keys MUST be ordered by id. */
  find(
    project: string,
    filter: AgentFilter,
    page: AgentPage,
  ): Promise<{ readonly agents: readonly Agent[]; readonly total: number }>;

  countByStatus(project: string): Promise<Readonly<Partial<Record<AgentStatus, number>>>>;

  /** When any agent of the project was last seen; undefined when it has none. */
  getLastSeen(project: string): Promise<number | undefined>;

  /** Moves `lastSeenMs` forward, never back. An agent that is not there is passed over. */
  recordSeen(
    seen: readonly { readonly agentId: string; readonly seenAtMs: number }[],
  ): Promise<void>;

  /** Adds facets; one that is there already stays as it is. */
  recordFacets(facets: readonly AgentFacet[]): Promise<void>;

  /**
   * Makes the change and appends its entries in one transaction.
   * Resolves to false, and changes nothing, when the agent is not there or has another status than expected.
   */
  change(change: AgentChange, entries: readonly AuditEntry[]): Promise<boolean>;
}
