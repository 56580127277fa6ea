import { z } from 'zod';

import { AGENT_STATUSES } from '../model/agent.ts';
import { DEFAULT_HEALTH_BOUNDS, HEALTH_STATES, healthOf } from '../model/health.ts';
import { RISK_LEVELS, SETTABLE_FACTS } from '../model/risk.ts';
import type { Agent } from '../storage/agent-store.ts';
import type { AgentHealth } from '../storage/health-store.ts';
import { isoTime, isoTimeOrNull } from './answer.ts';
import type { ApiDeps } from './api-deps.ts';

const DAY_MS = 86_400_000;

export const agentStatus = z.enum(AGENT_STATUSES);

export const agentAnswer = z
  .object({
    id: z.string(),
    /** The same as `id`. */
    agent_id: z.string(),
    name: z.string(),
    status: agentStatus,
    status_since: z.string(),
    first_seen: z.string(),
    last_seen: z.string(),
    services: z.array(z.string()),
    frameworks: z.array(z.string()),
    sdk_languages: z.array(z.string()),
    models: z.array(z.string()),
    providers: z.array(z.string()),
    tools: z.array(z.string()),
    owner: z.string().nullable(),
    team: z.string().nullable(),
    description: z.string().nullable(),
    /** Runs received in the last 24 hours, those that another agent's run started among them. */
    runs_24h: z.int(),
    /** 0 to 100; why, tells `/api/v1/agents/{id}/risk`. */
    risk_score: z.int(),
    risk_level: z.enum(RISK_LEVELS),
    /** What people said of it. */
    facts: z.partialRecord(z.enum(SETTABLE_FACTS), z.boolean()),
    /** The models that it may use; null while nobody decided. */
    approved_models: z.array(z.string()).nullable(),
    health: z.object({
      status: z.enum(HEALTH_STATES),
      /** The last telemetry or heartbeat. */
      last_activity: z.string(),
      last_heartbeat: z.string().nullable(),
      reported_status: z.string().nullable(),
      reported_version: z.string().nullable(),
      healthy_within_seconds: z.number(),
      degraded_within_seconds: z.number(),
    }),
  })
  .meta({ id: 'Agent' });

export type AgentAnswer = z.infer<typeof agentAnswer>;

/** Answers the agents with their runs of the last day and their health. */
export async function toAgentAnswers(
  { runs, store, clock }: Pick<ApiDeps, 'runs' | 'store' | 'clock'>,
  agents: readonly Agent[],
): Promise<AgentAnswer[]> {
  const [first] = agents;
  if (first === undefined) return [];
  const [counted, health] = await Promise.all([
    runs.countRunsByAgent(first.project, clock.now() - DAY_MS),
    store.health.list(agents.map((agent) => agent.id)),
  ]);
  const byName = new Map(counted.map(({ agent, all }) => [agent, all]));
  return agents.map((agent) => ({
    ...toAnswer(agent, byName.get(agent.name) ?? 0),
    health: toHealth(agent, health.get(agent.id), clock.now()),
  }));
}

function toHealth(
  agent: Agent,
  known: AgentHealth | undefined,
  nowMs: number,
): AgentAnswer['health'] {
  const bounds = known?.bounds ?? DEFAULT_HEALTH_BOUNDS;
  const lastActivityMs = Math.max(agent.lastSeenMs, known?.heartbeatMs ?? 0);
  return {
    status: healthOf(lastActivityMs, nowMs, bounds),
    last_activity: isoTime(lastActivityMs),
    last_heartbeat: isoTimeOrNull(known?.heartbeatMs),
    reported_status: known?.reportedStatus ?? null,
    reported_version: known?.reportedVersion ?? null,
    healthy_within_seconds: bounds.healthyWithinMs / 1_000,
    degraded_within_seconds: bounds.degradedWithinMs / 1_000,
  };
}

function toAnswer(agent: Agent, runs: number): Omit<AgentAnswer, 'health'> {
  const { facets } = agent;
  return {
    id: agent.id,
    agent_id: agent.id,
    name: agent.name,
    status: agent.status,
    status_since: isoTime(agent.statusSinceMs),
    first_seen: isoTime(agent.firstSeenMs),
    last_seen: isoTime(agent.lastSeenMs),
    services: [...facets.service],
    frameworks: [...facets.framework],
    sdk_languages: [...facets.sdk_language],
    models: [...facets.model],
    providers: [...facets.provider],
    tools: [...facets.tool],
    owner: agent.owner,
    team: agent.team,
    description: agent.description,
    runs_24h: runs,
    risk_score: agent.riskScore,
    risk_level: agent.riskLevel,
    facts: { ...agent.facts },
    approved_models: agent.approvedModels === null ? null : [...agent.approvedModels],
  };
}
