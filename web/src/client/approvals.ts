import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import type { CallsSearch } from '../url-search.ts';
import { call, read } from './call.ts';
import type { DataOf } from './call.ts';
import { pollEvery } from './live.ts';

export type Approval = DataOf<'GET /api/v1/approvals'>[number];

export const gatewayQuery = queryOptions({
  queryKey: ['calls', 'gateway'],
  queryFn: ({ signal }) => read('GET /api/v1/gateway', { signal }),
  refetchInterval: pollEvery(10_000),
});

export function approvalsQuery(status: Approval['status'] | undefined) {
  return queryOptions({
    queryKey: ['approvals', 'list', status],
    queryFn: ({ signal }) =>
      call('GET /api/v1/approvals', {
        query: { ...(status === undefined ? {} : { status }), limit: 100 },
        signal,
      }),
    placeholderData: keepPreviousData,
    // What waits has a deadline: asked for also while the server's stream is heard.
    refetchInterval: 3_000,
  });
}

export async function decideApproval(
  id: string,
  decision: 'approve' | 'deny',
  reason: string,
): Promise<void> {
  await read('POST /api/v1/approvals/{id}/decide', {
    params: { id },
    body: { decision, ...(reason.trim() === '' ? {} : { reason: reason.trim() }) },
  });
}

export type ToolCallRow = DataOf<'GET /api/v1/calls'>[number];

export function callsQuery(search: CallsSearch) {
  const query = { ...search, page: undefined, limit: 100 };
  return queryOptions({
    queryKey: ['calls', 'list', query],
    queryFn: ({ signal }) => call('GET /api/v1/calls', { query, signal }),
    placeholderData: keepPreviousData,
    refetchInterval: pollEvery(5_000),
    retry: false,
  });
}
