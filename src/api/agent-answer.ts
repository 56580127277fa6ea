import { z } from 'zod';

import { lastDayOfRuns } from '../analysis/registry.ts';
import { AGENT_STATUSES } from '../model/agent.ts';
import type { Agent } from '../storage/agent-store.ts';
import { isoTime } from './answer.ts';
import type { ApiDeps } from './api-deps.ts';

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
    /** Runs received in the present hour and the 23 before it. */
    runs_24h: z.int(),
  })
  .meta({ id: 'Agent' });

export type AgentAnswer = z.infer<typeof agentAnswer>;

/** Answers the agents with their runs of the last day. */
export async function toAgentAnswers(
  { store, clock }: Pick<ApiDeps, 'store' | 'clock'>,
  agents: readonly Agent[],
): Promise<AgentAnswer[]> {
  const ids = agents.map((agent) => agent.id);
  const runs = await store.agents.sumRunsByAgent(ids, lastDayOfRuns(clock.now()));
  return agents.map((agent) => toAnswer(agent, runs.get(agent.id) ?? 0));
}

function toAnswer(agent: Agent, runs: number): AgentAnswer {
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
  };
}
