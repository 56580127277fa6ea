import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query';
import { timeSpanOf } from '../search-values.ts';
import type { RunsSearch } from '../url-search.ts';
import { call, read } from './call.ts';
import type { DataOf } from './call.ts';
import { pollEvery } from './live.ts';

export type Run = DataOf<'GET /api/v1/runs'>[number];
export type RunDetail = DataOf<'GET /api/v1/runs/{runId}'>;

const PAGE_ROWS = 50;

export function runsQuery(search: RunsSearch, nowMs: number) {
  const { range: _range, from: _from, to: _to, ...filter } = search;
  const query = { ...timeSpanOf(search, nowMs), ...filter, limit: PAGE_ROWS };
  return infiniteQueryOptions({
    queryKey: ['runs', 'list', query],
    queryFn: ({ pageParam, signal }) =>
      call('GET /api/v1/runs', {
        query: { ...query, ...(pageParam === undefined ? {} : { cursor: pageParam }) },
        signal,
      }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.meta.next_cursor ?? undefined,
    placeholderData: keepPreviousData,
    refetchInterval: pollEvery(10_000),
  });
}

/** The newest runs of an agent that no other run started. */
export function agentRunsQuery(agent: string) {
  return queryOptions({
    queryKey: ['runs', 'of', agent],
    queryFn: ({ signal }) =>
      read('GET /api/v1/runs', { query: { agent, parent: 'none', limit: 30 }, signal }),
  });
}

export function runQuery(runId: string, trace: string | undefined) {
  return queryOptions({
    queryKey: ['runs', 'one', runId, trace],
    queryFn: ({ signal }) =>
      read('GET /api/v1/runs/{runId}', {
        params: { runId },
        query: trace === undefined ? {} : { trace },
        signal,
      }),
    refetchInterval: pollEvery(10_000),
  });
}
