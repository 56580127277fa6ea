import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import type { AgentStatus } from '../../../src/model/agent.ts';
import { request } from './http.ts';

export interface Agent {
  readonly agent_id: string;
  readonly name: string;
  readonly status: AgentStatus;
  readonly first_seen: string | number | null;
  readonly last_seen: string | number | null;
  readonly services: readonly string[];
  readonly frameworks: readonly string[];
  readonly sdk_languages: readonly string[];
  readonly models: readonly string[];
  readonly providers: readonly string[];
  readonly tools: readonly string[];
  readonly owner?: string | null;
}

export interface AgentChange {
  readonly at: string | number;
  readonly actor: string;
  readonly from: AgentStatus | null;
  readonly to: AgentStatus | null;
  readonly reason: string | null;
}

export interface AgentsQuery {
  readonly status?: string | undefined;
  readonly search?: string | undefined;
  readonly sort_by?: string | undefined;
  readonly sort_dir?: 'asc' | 'desc' | undefined;
  readonly page?: number | undefined;
  readonly limit?: number | undefined;
}

export const agentKeys = { all: ['agents'] as const };

export function agentsQuery(query: AgentsQuery) {
  return queryOptions({
    queryKey: [...agentKeys.all, 'list', query],
    queryFn: ({ signal }) =>
      request<readonly Agent[]>('/api/v1/agents', { query: { ...query }, signal }),
    placeholderData: keepPreviousData,
    refetchInterval: 10_000,
  });
}

export function agentQuery(agentId: string) {
  return queryOptions({
    queryKey: [...agentKeys.all, 'one', agentId],
    queryFn: async ({ signal }) =>
      (await request<Agent>(`/api/v1/agents/${encodeURIComponent(agentId)}`, { signal })).data,
    refetchInterval: 10_000,
  });
}

export function agentHistoryQuery(agentId: string) {
  return queryOptions({
    queryKey: [...agentKeys.all, 'history', agentId],
    queryFn: async ({ signal }) =>
      (
        await request<readonly AgentChange[]>(
          `/api/v1/agents/${encodeURIComponent(agentId)}/history`,
          { signal },
        )
      ).data,
  });
}

export interface ReviewRequest {
  readonly ids: readonly string[];
  readonly status: AgentStatus;
  readonly reason: string;
}

/** Changes one agent's status, or several at once. */
export async function reviewAgents({ ids, status, reason }: ReviewRequest): Promise<void> {
  const given = reason.trim() === '' ? {} : { reason: reason.trim() };
  if (ids.length === 1) {
    await request(`/api/v1/agents/${encodeURIComponent(ids[0]!)}`, {
      method: 'PATCH',
      body: { status, ...given },
    });
  } else {
    await request('/api/v1/agents/review', { method: 'POST', body: { ids, status, ...given } });
  }
}
