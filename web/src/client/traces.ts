import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query';
import type { Span } from '../span.ts';
import type { TraceField } from '../pages/traces-search.ts';
import { toExportRequest } from '../trace/otlp-json.ts';
import { read } from './call.ts';
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

/** One span with everything that was sent of it. */
export function spanQuery(traceId: string, spanId: string) {
  return queryOptions({
    queryKey: ['span', traceId, spanId],
    queryFn: async ({ signal }) => (await readSpans(traceId, [spanId], signal))[0],
    // What is stored of a span does not change.
    staleTime: 60_000,
  });
}

/** As many as one question may name. */
export const SPANS_AT_ONCE = 100;
const SPANS_A_PAGE = 1_000;

/** Whole spans of a trace, all or `SPANS_AT_ONCE` named ones at most, in the order of the server. */
export async function readSpans(
  traceId: string,
  spanIds: readonly string[] | undefined,
  signal: AbortSignal,
): Promise<readonly Span[]> {
  const spans: Span[] = [];
  for (let cursor: string | undefined; ;) {
    const { data, meta } = await request<{ readonly spans: readonly Span[] }>(
      `/api/v1/traces/${encodeURIComponent(traceId)}`,
      { query: { limit: SPANS_A_PAGE, span: spanIds, cursor }, signal },
    );
    spans.push(...data.spans);
    cursor = meta.next_cursor ?? undefined;
    if (cursor === undefined) return spans;
  }
}

/** The whole trace as a request to an OTLP receiver. */
export async function readTraceJson(traceId: string, signal: AbortSignal): Promise<string> {
  return JSON.stringify(toExportRequest(await readSpans(traceId, undefined, signal)), null, 1);
}

/** Spans of a trace in whose attributes or messages a text stands. */
export function traceMatchesQuery(traceId: string, text: string) {
  return queryOptions({
    queryKey: ['trace matches', traceId, text],
    queryFn: ({ signal }) =>
      read('GET /api/v1/traces/{traceId}/matches', {
        params: { traceId },
        query: { text, limit: 10_000 },
        signal,
      }),
    staleTime: 10_000,
  });
}

/** As many marks as a waterfall shows; what is beyond has the panel of its span. */
const EVENTS_MAX = 5_000;

/** Names and times of the events of all spans of a trace. */
export function traceEventsQuery(traceId: string) {
  return queryOptions({
    queryKey: ['found-traces', 'events of', traceId],
    queryFn: ({ signal }) =>
      read('GET /api/v1/traces/{traceId}/events', {
        params: { traceId },
        query: { limit: EVENTS_MAX },
        signal,
      }),
    staleTime: 30_000,
    structuralSharing: false,
  });
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

/** What the traces name that the filters leave. */
export function traceFacetsQuery(query: TracesQuery, limit = 12) {
  return queryOptions({
    queryKey: ['found-traces', 'facets', query, limit],
    queryFn: async ({ signal }) =>
      (
        await request<TraceFacets>('/api/v1/traces/facets', {
          query: { ...query, limit },
          signal,
        })
      ).data,
    placeholderData: keepPreviousData,
  });
}

/** Values of a field, for completion. */
export function traceValues(field: TraceField, part: string, from: string | undefined) {
  return {
    key: ['traces', field, part, from],
    read: (signal: AbortSignal) =>
      read('GET /api/v1/traces/values', { query: { field, q: part, from, limit: 12 }, signal }),
  };
}

/** Keys of attributes of spans, or the values of one. */
export function spanAttributes(key: string | undefined, part: string) {
  const query = { q: part, limit: 12 };
  return {
    key: ['attributes', key, part],
    read: (signal: AbortSignal) =>
      key === undefined
        ? read('GET /api/v1/attributes', { query, signal })
        : read('GET /api/v1/attributes/values', { query: { ...query, key }, signal }),
  };
}
