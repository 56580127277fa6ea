import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import type { AnomaliesSearch } from '../url-search.ts';
import { call, read } from './call.ts';
import type { DataOf } from './call.ts';
import { pollEvery } from './live.ts';

export type Anomaly = DataOf<'GET /api/v1/anomalies'>[number];

export function anomaliesQuery(search: AnomaliesSearch) {
  return queryOptions({
    queryKey: ['anomalies', 'list', search],
    queryFn: ({ signal }) =>
      call('GET /api/v1/anomalies', {
        query: {
          ...(search.kind === undefined ? {} : { kind: search.kind }),
          ...(search.status === 'all' ? {} : { status: search.status ?? 'open' }),
          limit: 100,
        },
        signal,
      }),
    placeholderData: keepPreviousData,
    refetchInterval: pollEvery(20_000),
  });
}

export type BandedSeries = DataOf<'GET /api/v1/agents/{id}/baselines/series'>;
export type SeriesMetric = BandedSeries['metric'];

/** The anomaly's figure over time, with what was usual; null of a kind that has none. */
export function anomalySeriesQuery(anomaly: Pick<Anomaly, 'id' | 'detected_at'>) {
  return queryOptions({
    queryKey: ['anomalies', 'series', anomaly.id, anomaly.detected_at],
    queryFn: ({ signal }) =>
      read('GET /api/v1/anomalies/{id}/series', { params: { id: anomaly.id }, signal }),
    staleTime: 60_000,
  });
}

export function agentSeriesQuery(id: string, metric: SeriesMetric, hours: number) {
  return queryOptions({
    queryKey: ['anomalies', 'agent-series', id, metric, hours],
    queryFn: ({ signal }) =>
      read('GET /api/v1/agents/{id}/baselines/series', {
        params: { id },
        query: { metric, hours },
        signal,
      }),
    staleTime: 60_000,
    placeholderData: keepPreviousData,
  });
}

/** How many are open. */
export const openAnomaliesQuery = queryOptions({
  queryKey: ['anomalies', 'open'],
  queryFn: async ({ signal }) =>
    (await call('GET /api/v1/anomalies', { query: { status: 'open', limit: 1 }, signal })).meta
      .total ?? 0,
  refetchInterval: pollEvery(20_000),
});

export async function acknowledge(id: string, note: string): Promise<void> {
  await read('POST /api/v1/anomalies/{id}/acknowledge', {
    params: { id },
    body: note === '' ? {} : { note },
  });
}

export async function resolve(id: string, resolution: string): Promise<void> {
  await read('POST /api/v1/anomalies/{id}/resolve', {
    params: { id },
    body: resolution === '' ? {} : { resolution },
  });
}
