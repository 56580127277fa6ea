import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import type { AgentStatus } from '../../../src/model/agent.ts';
import { read } from './call.ts';
import type { DataOf } from './call.ts';
import { request } from './http.ts';
import { pollEvery } from './live.ts';

export type Agent = DataOf<'GET /api/v1/agents'>[number];

export interface AgentChange {
  readonly sequence: number;
  readonly at: string;
  readonly actor: string;
  readonly action: string;
  readonly from: AgentStatus | null;
  readonly to: AgentStatus | null;
  readonly reason: string | null;
}

export interface AgentsQuery {
  readonly status?: AgentStatus | undefined;
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
    refetchInterval: pollEvery(10_000),
  });
}

export function agentQuery(agentId: string) {
  return queryOptions({
    queryKey: [...agentKeys.all, 'one', agentId],
    queryFn: async ({ signal }) =>
      (await request<Agent>(`/api/v1/agents/${encodeURIComponent(agentId)}`, { signal })).data,
    refetchInterval: pollEvery(10_000),
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

/** Says whose the agent is and what it is for; null takes back what was said. */
export async function editAgent(
  id: string,
  changed: Partial<Pick<Agent, 'owner' | 'team' | 'description'>>,
  reason: string,
): Promise<void> {
  const why = reason.trim() === '' ? {} : { reason: reason.trim() };
  await read('PATCH /api/v1/agents/{id}', { params: { id }, body: { ...changed, ...why } });
}

export interface ReviewRequest {
  readonly ids: readonly string[];
  readonly status: AgentStatus;
  readonly reason: string;
}

export interface ReviewOutcome {
  readonly reviewed: readonly Agent[];
  readonly refused: readonly { readonly id: string; readonly error: string }[];
}

/** Makes one decision about the agents; what is refused does not hinder the rest. */
export async function reviewAgents({ ids, status, reason }: ReviewRequest): Promise<ReviewOutcome> {
  const given = reason.trim() === '' ? {} : { reason: reason.trim() };
  const answer = await request<ReviewOutcome>('/api/v1/agents/review', {
    method: 'POST',
    body: { ids, status, ...given },
  });
  return answer.data;
}
