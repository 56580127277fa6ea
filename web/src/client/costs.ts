import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import type { CostGroupBy } from '../cost-groups.ts';
import { call, read } from './call.ts';
import type { DataOf } from './call.ts';
import { pollEvery } from './live.ts';

export type CostSummary = DataOf<'GET /api/v1/costs/summary'>;
export type CostGroup = DataOf<'GET /api/v1/costs/by-agent'>[number];
export type Unpriced = DataOf<'GET /api/v1/prices/unpriced'>[number];
export type Price = DataOf<'GET /api/v1/prices'>[number];
export type Budget = DataOf<'GET /api/v1/budgets'>[number];

/** The viewer's zone, so that days begin where the viewer's do. */
const timeZone = Intl.DateTimeFormat().resolvedOptions().timeZone;

export function costSummaryQuery(days: number) {
  return queryOptions({
    queryKey: ['costs', 'summary', days],
    queryFn: ({ signal }) =>
      read('GET /api/v1/costs/summary', { query: { days, time_zone: timeZone }, signal }),
    placeholderData: keepPreviousData,
    refetchInterval: pollEvery(15_000),
  });
}

export function costGroupsQuery(by: CostGroupBy, days: number) {
  return queryOptions({
    queryKey: ['costs', 'by', by, days],
    queryFn: ({ signal }) =>
      call(`GET /api/v1/costs/by-${by}`, {
        query: { days, time_zone: timeZone, limit: 200 },
        signal,
      }),
    placeholderData: keepPreviousData,
    refetchInterval: pollEvery(15_000),
  });
}

export const unpricedQuery = queryOptions({
  queryKey: ['prices', 'unpriced'],
  queryFn: ({ signal }) => read('GET /api/v1/prices/unpriced', { signal }),
  refetchInterval: pollEvery(30_000),
});

export const pricesQuery = queryOptions({
  queryKey: ['prices', 'list'],
  queryFn: ({ signal }) => read('GET /api/v1/prices', { signal }),
});

export const budgetsQuery = queryOptions({
  queryKey: ['budgets'],
  queryFn: ({ signal }) => read('GET /api/v1/budgets', { signal }),
  refetchInterval: pollEvery(30_000),
});
