import type { Clock } from '../base/clock.ts';
import { AppError } from '../errors.ts';
import { AGENT_TRANSITIONS, canTransition, type AgentStatus } from '../model/agent.ts';
import { SETTABLE_FACTS, type AgentFacts, type SettableFact } from '../model/risk.ts';
import type { Agent, AgentDetails, AgentStore } from '../storage/agent-store.ts';
import type { Actor, AuditEntry, JsonValue } from '../storage/audit-log.ts';

export interface AgentEdit {
  readonly status?: AgentStatus | undefined;
  readonly reason?: string | undefined;
  readonly owner?: string | null | undefined;
  readonly team?: string | null | undefined;
  readonly description?: string | null | undefined;
  /** What a person says of it; null takes back what was said. */
  readonly facts?: Readonly<Partial<Record<SettableFact, boolean | null | undefined>>> | undefined;
  readonly approvedModels?: readonly string[] | null | undefined;
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
  const facts = changedFacts(agent.facts, edit.facts ?? {});
  if (!isSame(facts, agent.facts)) details.facts = facts;
  const models = approvedModelsAfter(agent, edit);
  if (!isSame(models, agent.approvedModels)) details.approvedModels = models;
  return details;
}

function changedFacts(before: AgentFacts, said: NonNullable<AgentEdit['facts']>): AgentFacts {
  return Object.fromEntries(
    SETTABLE_FACTS.flatMap((fact) => {
      const value = said[fact] === undefined ? before[fact] : said[fact];
      return value === null || value === undefined ? [] : [[fact, value]];
    }),
  );
}

/** Who approves an agent approves the models that it was seen with, unless models were named. */
function approvedModelsAfter(agent: Agent, edit: AgentEdit): readonly string[] | null {
  if (edit.approvedModels !== undefined) return edit.approvedModels;
  const models = agent.facets.model;
  const isFirst = edit.status === 'APPROVED' && agent.approvedModels === null && models.length > 0;
  return isFirst ? models : agent.approvedModels;
}

function isSame(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function entriesOf(
  agent: Agent,
  { status, reason, approvedModels }: AgentEdit,
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
    const taken = approvedModels === undefined ? change.details.approvedModels : undefined;
    const detail = {
      name: agent.name,
      from: agent.status,
      to: status,
      ...(taken == null ? {} : { approved_models: [...taken] }),
    };
    entries.push({ ...common, action: 'agent.reviewed', detail });
  }
  // Models that come with an approval are told with it.
  const { approvedModels: models, ...rest } = change.details;
  const edited =
    approvedModels === undefined
      ? rest
      : { ...rest, ...(models !== undefined && { approvedModels: models }) };
  if (Object.keys(edited).length > 0) {
    const detail = { name: agent.name, from: told(agent, edited), to: told(edited, edited) };
    entries.push({ ...common, action: 'agent.edited', detail });
  }
  return entries;
}

/** Those details that change, as the audit log keeps them. */
function told(
  details: Partial<AgentDetails>,
  changed: Partial<AgentDetails>,
): Readonly<Record<string, JsonValue>> {
  return JSON.parse(
    JSON.stringify(details, [
      ...Object.keys(changed),
      ...(changed.facts === undefined ? [] : SETTABLE_FACTS),
    ]),
  ) as Record<string, JsonValue>;
}
