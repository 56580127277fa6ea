import { queryOptions } from '@tanstack/react-query';
import { read } from './call.ts';
import type { BodyOf, DataOf } from './call.ts';
import { pollEvery } from './live.ts';

export type AgentRisk = DataOf<'GET /api/v1/agents/{id}/risk'>;
export type AgentCheck = DataOf<'GET /api/v1/agents/{id}/checks'>['checks'][number];

/** What is known of an agent beside what it is: its risk, and which checks are made on its runs. */

export function agentRiskQuery(id: string) {
  return queryOptions({
    queryKey: ['agents', 'risk', id],
    queryFn: ({ signal }) => read('GET /api/v1/agents/{id}/risk', { params: { id }, signal }),
    refetchInterval: pollEvery(60_000),
  });
}

export function agentChecksQuery(id: string) {
  return queryOptions({
    queryKey: ['quality', 'checks', id],
    queryFn: ({ signal }) => read('GET /api/v1/agents/{id}/checks', { params: { id }, signal }),
  });
}

export type CheckOverride = BodyOf<'PUT /api/v1/agents/{id}/checks'>['checks'][number];

/** Replaces what people decided about the agent's checks. */
export async function setAgentChecks(id: string, checks: readonly CheckOverride[]): Promise<void> {
  await read('PUT /api/v1/agents/{id}/checks', { params: { id }, body: { checks: [...checks] } });
}

export type AgentVersion = DataOf<'GET /api/v1/agents/{id}/versions'>[number];

export function agentVersionsQuery(id: string) {
  return queryOptions({
    queryKey: ['agents', 'versions', id],
    queryFn: ({ signal }) => read('GET /api/v1/agents/{id}/versions', { params: { id }, signal }),
    staleTime: 60_000,
  });
}

export function agentRunsQuery(agent: string) {
  return queryOptions({
    queryKey: ['runs', 'of', agent],
    queryFn: ({ signal }) => read('GET /api/v1/runs', { query: { agent, limit: 10 }, signal }),
    refetchInterval: pollEvery(15_000),
  });
}
