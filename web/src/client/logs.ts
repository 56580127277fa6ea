import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query';
import type { LogsSearch } from '../pages/logs-search.ts';
import { timeSpanOf } from '../search-values.ts';
import type { CompletionSource } from './attribute-completion.ts';
import { call, read } from './call.ts';
import type { DataOf, QueryOf } from './call.ts';
import { pollEvery } from './live.ts';

export type LogRecord = DataOf<'GET /api/v1/logs'>[number];
export type LogDetail = DataOf<'GET /api/v1/logs/{id}'>;
export type LogHistogram = DataOf<'GET /api/v1/logs/histogram'>;
export type LogFacets = DataOf<'GET /api/v1/logs/facets'>;
type Filter = NonNullable<QueryOf<'GET /api/v1/logs'>>;

/** A page of a list; a list that is live has no more than this. */
export const PAGE_RECORDS = 300;
const AROUND_RECORDS = 201;

/** What the address asks for, in the words of the API. */
function logFilterOf(search: LogsSearch, nowMs: number): Filter {
  return {
    ...(search.around === undefined ? timeSpanOf(search, nowMs) : {}),
    text: search.q,
    level: search.level === undefined ? undefined : [...search.level],
    service: search.service,
    agent: search.agent,
    event: search.event,
    trace: search.trace,
    span: search.span,
    attribute: search.attr === undefined ? undefined : [...search.attr],
  };
}

/** A list that is not live stays as it was found. */
const firstKey = (live: boolean): string => (live ? 'logs' : 'found-logs');

export function logsQuery(search: LogsSearch, nowMs: number) {
  const live = search.live === true && search.around === undefined;
  const query = {
    ...logFilterOf(search, nowMs),
    around: search.around,
    limit: search.around === undefined ? PAGE_RECORDS : AROUND_RECORDS,
  };
  return infiniteQueryOptions({
    queryKey: [firstKey(live), 'list', query],
    queryFn: ({ pageParam, signal }) =>
      call('GET /api/v1/logs', { query: { ...query, cursor: pageParam }, signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => (live ? undefined : (last.meta.next_cursor ?? undefined)),
    placeholderData: keepPreviousData,
    refetchInterval: live ? pollEvery(3_000) : false,
  });
}

export function logHistogramQuery(search: LogsSearch, nowMs: number) {
  const live = search.live === true;
  const query = logFilterOf(search, nowMs);
  return queryOptions({
    queryKey: [firstKey(live), 'histogram', query],
    queryFn: ({ signal }) => read('GET /api/v1/logs/histogram', { query, signal }),
    placeholderData: keepPreviousData,
    refetchInterval: live ? pollEvery(10_000) : false,
  });
}

export function logFacetsQuery(search: LogsSearch, nowMs: number) {
  const query = { ...logFilterOf(search, nowMs), limit: 12 };
  return queryOptions({
    queryKey: ['found-logs', 'facets', query],
    queryFn: ({ signal }) => read('GET /api/v1/logs/facets', { query, signal }),
    placeholderData: keepPreviousData,
  });
}

export function logQuery(id: string) {
  return queryOptions({
    queryKey: ['found-logs', 'one', id],
    queryFn: ({ signal }) => read('GET /api/v1/logs/{id}', { params: { id }, signal }),
    // A record does not change.
    staleTime: Infinity,
  });
}

export const logAttributeCompletion: CompletionSource = {
  key: 'log',
  keys: 'GET /api/v1/logs/attributes',
  values: 'GET /api/v1/logs/attributes/values',
};

/** Records of a trace that its page reads; what is more, the page of logs has. */
const TRACE_RECORDS_MAX = 10_000;
const TRACE_PAGE_RECORDS = 1_000;

export interface TraceLogs {
  /** Earliest first. */
  readonly records: readonly LogRecord[];
  /** There are more than were read. */
  readonly more: boolean;
}

/** The log records of a trace. */
export function traceLogsQuery(traceId: string) {
  return queryOptions({
    queryKey: ['found-logs', 'of trace', traceId],
    queryFn: ({ signal }) => readTraceLogs(traceId, { limit: TRACE_PAGE_RECORDS }, signal),
    staleTime: 30_000,
    // Thousands of records: to compare two readings takes longer than to draw them.
    structuralSharing: false,
  });
}

/** Records that tell of messages to and from models, nothing of them cut. */
export function traceMessageLogsQuery(traceId: string) {
  return queryOptions({
    queryKey: ['found-logs', 'messages of trace', traceId],
    queryFn: ({ signal }) =>
      readTraceLogs(traceId, { event: 'gen_ai.*', whole: 'true', limit: 200 }, signal),
    staleTime: 30_000,
    structuralSharing: false,
  });
}

async function readTraceLogs(
  traceId: string,
  query: NonNullable<QueryOf<'GET /api/v1/traces/{traceId}/logs'>>,
  signal: AbortSignal,
): Promise<TraceLogs> {
  const records: LogRecord[] = [];
  for (let cursor: string | undefined; ;) {
    const { data, meta } = await call('GET /api/v1/traces/{traceId}/logs', {
      params: { traceId },
      query: { ...query, ...(cursor === undefined ? {} : { cursor }) },
      signal,
    });
    for (const record of data) records.push(record);
    cursor = meta.next_cursor ?? undefined;
    if (cursor === undefined || records.length >= TRACE_RECORDS_MAX) {
      return { records, more: cursor !== undefined };
    }
  }
}
