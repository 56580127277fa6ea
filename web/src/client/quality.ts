import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query';
import type { QualitySearch } from '../pages/quality-search.ts';
import { call, read } from './call.ts';
import type { BodyOf, DataOf } from './call.ts';
import { pollEvery } from './live.ts';

/** As far back as the page of quality looks. */
export const QUALITY_DAYS = 30;

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
    queryKey: ['quality', 'results', search.agent, search.name, search.outcome],
    queryFn: ({ pageParam, signal }) =>
      call('GET /api/v1/quality/results', {
        query: {
          agent: search.agent,
          name: search.name,
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

export type QualityRule = DataOf<'GET /api/v1/quality/rules'>[number];
export type RuleDraft = BodyOf<'POST /api/v1/quality/rules'>;
export type RuleDryRun = DataOf<'POST /api/v1/quality/rules/dry-run'>;
export type CatalogueCheck = DataOf<'GET /api/v1/quality/checks'>[number];
export type JudgeStatus = DataOf<'GET /api/v1/quality/judge'>;
export type JudgeSettings = BodyOf<'PUT /api/v1/quality/judge'>;

export const rulesQuery = queryOptions({
  queryKey: ['quality', 'rules'],
  queryFn: ({ signal }) => read('GET /api/v1/quality/rules', { signal }),
});

export const checkCatalogueQuery = queryOptions({
  queryKey: ['quality', 'catalogue'],
  queryFn: ({ signal }) => read('GET /api/v1/quality/checks', { signal }),
  staleTime: Infinity,
});

export const judgeQuery = queryOptions({
  queryKey: ['quality', 'judge'],
  queryFn: ({ signal }) => read('GET /api/v1/quality/judge', { signal }),
  refetchInterval: pollEvery(20_000),
});
