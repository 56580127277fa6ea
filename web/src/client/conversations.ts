import { infiniteQueryOptions, keepPreviousData } from '@tanstack/react-query';
import type { ConversationsSearch } from '../pages/conversations-search.ts';
import { timeSpanOf } from '../search-values.ts';
import { call } from './call.ts';
import type { DataOf } from './call.ts';
import { pollEvery } from './live.ts';

export type Conversation = DataOf<'GET /api/v1/conversations'>[number];
export type ConversationThread = DataOf<'GET /api/v1/conversations/{conversationId}'>;
export type ThreadRun = ConversationThread['runs'][number];
export type ThreadMessage = ThreadRun['messages'][number];

const PAGE_ROWS = 50;
const PAGE_RUNS = 20;

/** With `preview` also what was last said: asked for apart, so that the rows need not wait for it. */
export function conversationsQuery(search: ConversationsSearch, nowMs: number, preview = false) {
  const { q, agent, user, sort } = search;
  const query = {
    ...timeSpanOf(search, nowMs),
    agent,
    user,
    sort,
    ...(q === undefined ? {} : { text: q }),
    ...(preview ? { preview: 'true' } : {}),
    limit: PAGE_ROWS,
  };
  return infiniteQueryOptions({
    queryKey: ['conversations', 'list', query],
    queryFn: ({ pageParam, signal }) =>
      call('GET /api/v1/conversations', {
        query: { ...query, ...(pageParam === undefined ? {} : { cursor: pageParam }) },
        signal,
      }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.meta.next_cursor ?? undefined,
    placeholderData: keepPreviousData,
    refetchInterval: pollEvery(15_000),
  });
}

export function conversationQuery(conversationId: string) {
  return infiniteQueryOptions({
    queryKey: ['conversations', 'one', conversationId],
    queryFn: ({ pageParam, signal }) =>
      call('GET /api/v1/conversations/{conversationId}', {
        params: { conversationId },
        query: { limit: PAGE_RUNS, ...(pageParam === undefined ? {} : { cursor: pageParam }) },
        signal,
      }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.meta.next_cursor ?? undefined,
    refetchInterval: pollEvery(10_000),
  });
}
