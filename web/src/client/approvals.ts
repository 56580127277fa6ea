import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import type { CallsSearch } from '../pages/calls-search.ts';
import { timeSpanOf } from '../search-values.ts';
import { call, read } from './call.ts';
import type { DataOf } from './call.ts';
import { pollEvery } from './live.ts';

export type Approval = DataOf<'GET /api/v1/approvals'>[number];

export type GatewayElsewhere = DataOf<'GET /api/v1/gateway'>['elsewhere'][number];

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

/** Calls on a page of a list. */
export const CALLS_PAGE = 50;

export function callsQuery(search: CallsSearch) {
  const { decision, call: _call, range, from, to, page = 1, ...filter } = search;
  const query = { ...filter, page, limit: CALLS_PAGE };
  return queryOptions({
    queryKey: ['calls', 'list', search],
    queryFn: ({ signal }) =>
      call('GET /api/v1/calls', {
        query: {
          ...query,
          ...(decision === undefined ? {} : { policy: decision }),
          ...timeSpanOf({ range: range ?? 'all', from, to }, Date.now()),
        },
        signal,
      }),
    placeholderData: keepPreviousData,
    refetchInterval: pollEvery(5_000),
    retry: false,
  });
}

export function callQuery(spanId: string) {
  return queryOptions({
    queryKey: ['calls', 'one', spanId],
    queryFn: async ({ signal }) => {
      const { data } = await call('GET /api/v1/calls', {
        query: { span_id: spanId, limit: 1 },
        signal,
      });
      return data[0] ?? null;
    },
  });
}

/** One approval with all the arguments that it binds. */
export function approvalQuery(id: string) {
  return queryOptions({
    queryKey: ['approvals', 'one', id],
    queryFn: ({ signal }) => read('GET /api/v1/approvals/{id}', { params: { id }, signal }),
  });
}
