import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query';
import { RUN_FIELDS } from '../pages/runs-search.ts';
import type { RunsSearch } from '../pages/runs-search.ts';
import { parseDurationNs } from '../pages/traces-search.ts';
import { timeSpanOf } from '../search-values.ts';
import { call, read } from './call.ts';
import type { DataOf, QueryOf } from './call.ts';
import { pollEvery } from './live.ts';

export type Run = DataOf<'GET /api/v1/runs'>[number];
export type RunDetail = DataOf<'GET /api/v1/runs/{runId}'>;
export type RunFacets = DataOf<'GET /api/v1/runs/facets'>;

const PAGE_ROWS = 50;

/** What the address asks for, in the words of the API. */
function runFilterOf(
  search: RunsSearch,
  nowMs: number,
): NonNullable<QueryOf<'GET /api/v1/runs/facets'>> {
  const ms = (text: string | undefined) =>
    text === undefined ? undefined : (parseDurationNs(text) ?? 0) / 1e6;
  const dollars = (text: string | undefined) => (text === undefined ? undefined : Number(text));
  return {
    ...timeSpanOf(search, nowMs),
    ...Object.fromEntries(RUN_FIELDS.map((field) => [field, search[field]])),
    status: search.status,
    trace: search.trace,
    min_duration_ms: ms(search.min),
    max_duration_ms: ms(search.max),
    min_cost: dollars(search.min_cost),
    max_cost: dollars(search.max_cost),
  };
}

export function runsQuery(search: RunsSearch, nowMs: number) {
  const query = { ...runFilterOf(search, nowMs), sort: search.sort, limit: PAGE_ROWS };
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

export function runFacetsQuery(search: RunsSearch, nowMs: number) {
  const query = { ...runFilterOf(search, nowMs), limit: 30 };
  return queryOptions({
    queryKey: ['runs', 'facets', query],
    queryFn: ({ signal }) => read('GET /api/v1/runs/facets', { query, signal }),
    placeholderData: keepPreviousData,
  });
}

/** Values of a field, for completion. */
export function runValues(
  field: QueryOf<'GET /api/v1/runs/values'>['field'],
  part: string,
  from: string | undefined,
) {
  return {
    key: ['runs', field, part, from],
    read: (signal: AbortSignal) =>
      read('GET /api/v1/runs/values', { query: { field, q: part, from, limit: 12 }, signal }),
  };
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
