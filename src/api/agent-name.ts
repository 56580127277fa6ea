import { AppError } from '../errors.ts';
import type { AgentStore } from '../storage/agent-store.ts';

const AGENT_ID = /^agt_[0-9a-f]{30}$/;

/** Whether it is an id of the registry; anything else is an agent's name. */
export function isAgentId(idOrName: string): boolean {
  return AGENT_ID.test(idOrName);
}

/** The name of an agent told of by its id or its name, which may be new. Throws `NOT_FOUND` for an unknown id. */
export async function agentNameOf(
  agents: Pick<AgentStore, 'get'>,
  project: string,
  idOrName: string,
): Promise<string> {
  if (!isAgentId(idOrName)) return idOrName;
  const agent = await agents.get(project, idOrName);
  if (agent === undefined) throw new AppError('NOT_FOUND', `there is no agent ${idOrName}`);
  return agent.name;
}
