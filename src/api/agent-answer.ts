import { z } from 'zod';

import { AGENT_STATUSES } from '../model/agent.ts';
import type { Agent } from '../storage/agent-store.ts';
import { isoTime } from './answer.ts';
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
  })
  .meta({ id: 'Agent' });

export type AgentAnswer = z.infer<typeof agentAnswer>;

/** Answers the agents with their runs of the last day. */
export async function toAgentAnswers(
  { runs, clock }: Pick<ApiDeps, 'runs' | 'clock'>,
  agents: readonly Agent[],
): Promise<AgentAnswer[]> {
  const [first] = agents;
  if (first === undefined) return [];
  const counted = await runs.countRunsByAgent(first.project, clock.now() - DAY_MS);
  const byName = new Map(counted.map(({ agent, all }) => [agent, all]));
  return agents.map((agent) => toAnswer(agent, byName.get(agent.name) ?? 0));
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
