import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query';
import type { QualitySearch } from '../url-search.ts';
import { call, read } from './call.ts';
import type { DataOf } from './call.ts';
import { pollEvery } from './live.ts';

export type QualitySummary = DataOf<'GET /api/v1/quality/summary'>;
export type QualityHeatmap = DataOf<'GET /api/v1/quality/heatmap'>;
export type QualityResult = DataOf<'GET /api/v1/quality/results'>[number];

export function qualitySummaryQuery(days: number, agent?: string) {
  return queryOptions({
    queryKey: ['quality', 'summary', days, agent],
    queryFn: ({ signal }) =>
      read('GET /api/v1/quality/summary', {
        query: { days, ...(agent === undefined ? {} : { agent }) },
        signal,
      }),
    placeholderData: keepPreviousData,
    refetchInterval: pollEvery(20_000),
  });
}

export function heatmapQuery(days: number) {
  return queryOptions({
    queryKey: ['quality', 'heatmap', days],
    queryFn: ({ signal }) => read('GET /api/v1/quality/heatmap', { query: { days }, signal }),
    placeholderData: keepPreviousData,
    refetchInterval: pollEvery(30_000),
  });
}

export function qualityResultsQuery(search: QualitySearch) {
  return infiniteQueryOptions({
    queryKey: ['quality', 'results', search],
    queryFn: ({ pageParam, signal }) =>
      call('GET /api/v1/quality/results', {
        query: {
          ...search,
          outcome: search.outcome === 'all' ? undefined : (search.outcome ?? 'failed'),
          limit: 30,
          ...(pageParam === undefined ? {} : { cursor: pageParam }),
        },
        signal,
      }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.meta.next_cursor ?? undefined,
    placeholderData: keepPreviousData,
    refetchInterval: pollEvery(20_000),
  });
}

export function runQualityQuery(runId: string, trace: string) {
  return queryOptions({
    queryKey: ['quality', 'run', runId, trace],
    queryFn: ({ signal }) =>
      read('GET /api/v1/runs/{id}/quality', { params: { id: runId }, query: { trace }, signal }),
  });
}
