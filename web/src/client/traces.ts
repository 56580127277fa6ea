import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query';
import type { Span } from '../span.ts';
import type { CompletionSource } from './attribute-completion.ts';
import type { DataOf } from './call.ts';
import { request } from './http.ts';
import { pollEvery } from './live.ts';
import type { QueryValue } from './http.ts';

export interface TraceSummary {
  readonly traceId: string;
  readonly rootName: string | null;
  readonly service: string | null;
  readonly agent: string | null;
  readonly startUnixNano: string;
  readonly durationNs: string;
  readonly spanCount: number;
  readonly errorCount: number;
  readonly status: 'ok' | 'error';
  readonly models: readonly string[];
  readonly inputTokens: number | null;
  readonly outputTokens: number | null;
}

export type TracesQuery = Readonly<Record<string, QueryValue>>;

export function tracesQuery(query: TracesQuery, options: { readonly live: boolean }) {
  return infiniteQueryOptions({
    // A list that is not live stays as it was found.
    queryKey: [options.live ? 'traces' : 'found-traces', 'list', query],
    queryFn: ({ pageParam, signal }) =>
      request<readonly TraceSummary[]>('/api/v1/traces', {
        query: { ...query, cursor: pageParam },
        signal,
      }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.meta.next_cursor ?? undefined,
    placeholderData: keepPreviousData,
    refetchInterval: options.live ? pollEvery(4_000) : false,
  });
}

/** The newest traces of one agent. */
export function agentTracesQuery(agent: string) {
  return queryOptions({
    queryKey: ['traces', 'of', agent],
    queryFn: async ({ signal }) =>
      (
        await request<readonly TraceSummary[]>('/api/v1/traces', {
          query: { agent, limit: 10 },
          signal,
        })
      ).data,
    refetchInterval: pollEvery(10_000),
  });
}

const PAGE_SPANS = 2000;

interface TracePage {
  readonly spans: readonly Span[];
}

/** The spans of a trace, page after page, in the order of the server. */
export async function* listSpanPages(
  traceId: string,
  signal: AbortSignal,
): AsyncGenerator<readonly Span[], void> {
  let cursor: string | null | undefined;
  do {
    const { data, meta } = await request<TracePage>(
      `/api/v1/traces/${encodeURIComponent(traceId)}`,
      { query: { limit: PAGE_SPANS, cursor }, signal },
    );
    yield data.spans;
    cursor = meta.next_cursor;
  } while (cursor !== undefined && cursor !== null && cursor !== '');
}

export type TraceHistogram = DataOf<'GET /api/v1/traces/histogram'>;
export type TraceFacets = DataOf<'GET /api/v1/traces/facets'>;

export function traceHistogramQuery(query: TracesQuery, options: { readonly live: boolean }) {
  return queryOptions({
    queryKey: [options.live ? 'traces' : 'found-traces', 'histogram', query],
    queryFn: async ({ signal }) =>
      (await request<TraceHistogram>('/api/v1/traces/histogram', { query, signal })).data,
    placeholderData: keepPreviousData,
    refetchInterval: options.live ? pollEvery(10_000) : false,
  });
}

export function traceFacetsQuery(from: string | undefined) {
  return queryOptions({
    queryKey: ['found-traces', 'facets', from],
    queryFn: async ({ signal }) =>
      (
        await request<TraceFacets>('/api/v1/traces/facets', {
          query: { from, limit: 12 },
          signal,
        })
      ).data,
    placeholderData: keepPreviousData,
  });
}

export const spanAttributeCompletion: CompletionSource = {
  key: 'span',
  keys: 'GET /api/v1/attributes',
  values: 'GET /api/v1/attributes/values',
};
