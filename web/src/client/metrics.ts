import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { read } from './call.ts';
import type { DataOf } from './call.ts';

export type Metric = DataOf<'GET /api/v1/metrics'>[number];
export type MetricRange = DataOf<'GET /api/v1/metrics/range'>;
export type MetricInstant = DataOf<'GET /api/v1/metrics/instant'>;

const POLL_MS = 15_000;

export interface MetricSpan {
  readonly fromMs: number;
  readonly toMs: number;
}

const spanOf = ({ fromMs, toMs }: MetricSpan) => ({ from: String(fromMs), to: String(toMs) });

export function metricsQuery(span: MetricSpan) {
  return queryOptions({
    queryKey: ['metrics', 'list', span],
    queryFn: ({ signal }) => read('GET /api/v1/metrics', { query: spanOf(span), signal }),
    placeholderData: keepPreviousData,
    refetchInterval: POLL_MS,
  });
}

export function metricRangeQuery(query: string, span: MetricSpan, stepMs: number) {
  return queryOptions({
    queryKey: ['metrics', 'range', query, span, stepMs],
    queryFn: ({ signal }) =>
      read('GET /api/v1/metrics/range', {
        query: { query, step_ms: stepMs, ...spanOf(span) },
        signal,
      }),
    placeholderData: keepPreviousData,
    retry: false,
  });
}

export function metricInstantQuery(query: string, timeMs: number) {
  return queryOptions({
    queryKey: ['metrics', 'instant', query, timeMs],
    queryFn: ({ signal }) =>
      read('GET /api/v1/metrics/instant', { query: { query, time: String(timeMs) }, signal }),
    placeholderData: keepPreviousData,
    retry: false,
  });
}

/** Labels of a selector's series, or the values of one of them; for completion. */
export function labelCompletionQuery(selector: string, label: string | undefined) {
  return queryOptions({
    queryKey: ['metrics', 'labels', selector, label],
    queryFn: ({ signal }) => {
      const from = String(Date.now() - DAY_MS);
      return label === undefined
        ? read('GET /api/v1/metrics/labels', { query: { selector, from }, signal })
        : read('GET /api/v1/metrics/label-values', { query: { selector, label, from }, signal });
    },
    staleTime: 30_000,
    retry: false,
  });
}

const DAY_MS = 86_400_000;
