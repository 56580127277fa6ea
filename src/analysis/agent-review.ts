import type { Clock } from '../base/clock.ts';
import { AppError } from '../errors.ts';
import { AGENT_TRANSITIONS, canTransition, type AgentStatus } from '../model/agent.ts';
import type { Agent, AgentDetails, AgentStore } from '../storage/agent-store.ts';
import type { Actor, AuditEntry } from '../storage/audit-log.ts';

export interface AgentEdit {
  readonly status?: AgentStatus | undefined;
  readonly reason?: string | undefined;
  readonly owner?: string | null | undefined;
  readonly team?: string | null | undefined;
  readonly description?: string | null | undefined;
}

/** People's decisions about agents. Each change and its audit entry stand together or not at all. */
export interface AgentReview {
  /**
   * Changes the status, the details or both.
   * Throws `NOT_FOUND`, or `TRANSITION_ILLEGAL` when the status may not follow the present one.
   */
  edit(project: string, id: string, edit: AgentEdit, actor: Actor): Promise<Agent>;

  /** `edit` of the status alone. */
  review(
    project: string,
    id: string,
    decision: { readonly status: AgentStatus; readonly reason?: string | undefined },
    actor: Actor,
  ): Promise<Agent>;
}

interface AgentReviewOptions {
  readonly agents: AgentStore;
  readonly clock: Clock;
}

/** How often an edit is tried anew when others change the agent's status meanwhile. */
const ATTEMPTS = 5;

export function createAgentReview({ agents, clock }: AgentReviewOptions): AgentReview {
  const edit: AgentReview['edit'] = async (project, id, change, actor) => {
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      const agent = await agents.get(project, id);
      if (agent === undefined) throw new AppError('NOT_FOUND', `there is no agent ${id}`);
      if (change.status !== undefined) requireTransition(agent, change.status);
      const details = changedDetails(agent, change);
      const entries = entriesOf(agent, change, { details, actor, atMs: clock.now() });
      if (entries.length === 0) return agent;
      const changed = await agents.change(
        {
          project,
          id,
          expectedStatus: agent.status,
          ...(change.status === undefined
            ? {}
            : { status: { to: change.status, atMs: clock.now() } }),
          details,
        },
        entries,
      );
      if (changed) return (await agents.get(project, id)) ?? agent;
    }
    throw new AppError('CONFLICT', `agent ${id} is being changed by others; try again`);
  };
  return { edit, review: (project, id, decision, actor) => edit(project, id, decision, actor) };
}

function requireTransition(agent: Agent, to: AgentStatus): void {
  if (canTransition(agent.status, to)) return;
  const possible = AGENT_TRANSITIONS[agent.status];
  throw new AppError(
    'TRANSITION_ILLEGAL',
    `cannot change agent "${agent.name}" from ${agent.status} to ${to}; ${
      possible.length === 0
        ? `${agent.status} is final`
        : `from ${agent.status} it can go to ${possible.join(' or ')}`
    }`,
  );
}

function changedDetails(agent: Agent, edit: AgentEdit): Partial<AgentDetails> {
  const details: { -readonly [Key in keyof AgentDetails]?: AgentDetails[Key] } = {};
  for (const key of ['owner', 'team', 'description'] as const) {
    const value = edit[key];
    if (value !== undefined && value !== agent[key]) details[key] = value;
  }
  return details;
}

function entriesOf(
  agent: Agent,
  { status, reason }: AgentEdit,
  change: { details: Partial<AgentDetails>; actor: Actor; atMs: number },
): readonly AuditEntry[] {
  const common = {
    project: agent.project,
    atMs: change.atMs,
    actor: change.actor,
    target: { kind: 'agent', id: agent.id },
    reason: reason ?? null,
  };
  const entries: AuditEntry[] = [];
  if (status !== undefined) {
    const detail = { name: agent.name, from: agent.status, to: status };
    entries.push({ ...common, action: 'agent.reviewed', detail });
  }
  if (Object.keys(change.details).length > 0) {
    const detail = {
      name: agent.name,
      from: Object.fromEntries(
        (Object.keys(change.details) as (keyof AgentDetails)[]).map((key) => [key, agent[key]]),
      ),
      to: { ...change.details },
    };
    entries.push({ ...common, action: 'agent.edited', detail });
  }
  return entries;
}
