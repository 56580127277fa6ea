import { join } from 'node:path';

import { DEFAULT_PROJECT } from '../auth/principal.ts';
import type { Clock } from '../base/clock.ts';
import { AGENT_STATUSES, type AgentStatus } from '../model/agent.ts';
import { UNKNOWN_AGENT, type AgentFacts } from './agent-directory.ts';
import type { GatewayFile } from './gateway-file.ts';
import {
  agentKey,
  pollDirectory,
  type KnownAgents,
  type PolledDirectory,
} from './polled-directory.ts';

const PAGE = 500;
const PAGES_MAX = 100;
const TIMEOUT_MS = 10_000;

/** Asks a server for its agents; what it said last is kept for when it cannot be reached. */
export function openRemoteDirectory(options: {
  readonly server: NonNullable<GatewayFile['server']>;
  readonly dataDir: string;
  readonly clock: Clock;
  readonly onProblem: (message: string) => void;
}): Promise<PolledDirectory> {
  const { server, dataDir, clock, onProblem } = options;
  return pollDirectory({
    load: (signal) => loadAgents(server, signal),
    intervalMs: server.refresh_seconds * 1_000,
    file: join(dataDir, 'agents.json'),
    clock,
    onProblem,
  });
}

async function loadAgents(
  { url, key }: NonNullable<GatewayFile['server']>,
  signal: AbortSignal,
): Promise<KnownAgents> {
  const known = new Map<string, AgentFacts>();
  for (let page = 1; page <= PAGES_MAX; page++) {
    const path = `/api/v1/agents?sort_by=name&limit=${PAGE}&page=${page}`;
    const answer = await fetch(url.replace(/\/+$/, '') + path, {
      headers: { authorization: `Bearer ${key}` },
      signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
    });
    if (!answer.ok) throw new Error(`${url} answered ${answer.status}`);
    const { data } = (await answer.json()) as { data: readonly Record<string, unknown>[] };
    for (const agent of data) {
      known.set(agentKey(DEFAULT_PROJECT, String(agent['name'])), factsOf(agent));
    }
    if (data.length < PAGE) break;
  }
  return known;
}

function factsOf(agent: Readonly<Record<string, unknown>>): AgentFacts {
  const status = AGENT_STATUSES.find((each) => each === agent['status']);
  const risk = agent['risk_level'];
  return {
    ...UNKNOWN_AGENT,
    status: status ?? ('UNREVIEWED' satisfies AgentStatus),
    risk: typeof risk === 'string' ? risk : 'unknown',
  };
}
