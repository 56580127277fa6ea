import { z } from 'zod';

import type { LastWords } from '../analysis/conversations/conversation-reader.ts';
import { AppError } from '../errors.ts';
import type { Conversation, ThreadMessage } from '../model/conversation.ts';
import { toDollars } from '../model/money.ts';
import { threadCursorOf, threadPositionOf } from '../query/conversation-query.ts';
import type { ConversationFilter } from '../storage/conversation-store.ts';
import { CONVERSATION_SORT_KEYS } from '../storage/conversation-store.ts';
import {
  cursor,
  cursorPageOf,
  FROM_AFTER_TO,
  inOrder,
  isoTime,
  limitOf,
  nonEmptyText,
  success,
  time,
  traceOf,
  traceShape,
} from './answer.ts';
import type { Api, ApiDeps } from './api-deps.ts';
import { principalOf } from './route-access.ts';
import { runAnswer, tokensAnswer, toRunAnswer, toTokensAnswer } from './run-answer.ts';

const ID_MAX = 1_024;

const wordsAnswer = z.object({
  /** Who spoke last. */
  role: z.enum(['user', 'assistant']),
  /** The beginning of what was said. */
  text: z.string(),
});

const conversationAnswer = z
  .object({
    conversation_id: z.string(),
    agents: z.array(z.string()).readonly(),
    users: z.array(z.string()).readonly(),
    runs: z.int(),
    failed_runs: z.int(),
    traces: z.int(),
    /** Spans that failed. */
    errors: z.int(),
    model_calls: z.int(),
    tool_calls: z.int(),
    /** When the first and the last of the runs began. */
    first: z.string(),
    last: z.string(),
    tokens: tokensAnswer,
    /** Null when there are calls and none has a price. */
    cost_usd: z.number().nullable(),
    calls_unpriced: z.int(),
    /** Null where it was not captured or not asked for with `preview`. */
    last_message: wordsAnswer.nullable(),
  })
  .meta({
    id: 'Conversation',
    examples: [
      {
        conversation_id: 'conv-1042-2',
        agents: ['refund-specialist', 'support-desk'],
        users: ['customer-1042'],
        runs: 4,
        failed_runs: 0,
        traces: 3,
        errors: 1,
        model_calls: 9,
        tool_calls: 5,
        first: '2026-11-20T11:58:02.113Z',
        last: '2026-11-20T12:07:40.291Z',
        tokens: {
          input: 18211,
          output: 1203,
          cache_read: 9216,
          cache_write: null,
          reasoning: null,
        },
        cost_usd: 0.0412,
        calls_unpriced: 0,
        last_message: { role: 'assistant', text: 'Your money is on its way back.' },
      },
    ],
  });

const findQuery = z
  .strictObject({
    from: time.optional(),
    to: time.optional(),
    agent: nonEmptyText(256).optional(),
    user: nonEmptyText(ID_MAX).optional(),
    ...traceShape,
    /** A part of an id, a name, or of what a span of its traces says. */
    text: nonEmptyText(256).optional(),
    sort: z.enum(CONVERSATION_SORT_KEYS).default('last'),
    /** Also what was last said, which takes reading the spans. */
    preview: z.stringbool().default(false),
    limit: limitOf(50, 500),
    cursor: cursor.optional(),
  })
  .refine(({ from, to }) => inOrder(from, to), FROM_AFTER_TO);

const partAnswer = z.object({
  kind: z.enum(['text', 'reasoning', 'tool call', 'tool result', 'image', 'file', 'other']),
  text: z.string(),
  /** Only the beginning is given. */
  truncated: z.boolean(),
  id: z.string().nullable(),
  name: z.string().nullable(),
  cached: z.boolean(),
  /** What came back from a tool's call; null where nothing is known to have. */
  result: z.object({ text: z.string(), truncated: z.boolean() }).nullable(),
});

const threadAnswer = z
  .object({
    conversation: conversationAnswer,
    /** By start. */
    runs: z.array(
      z.object({
        run: runAnswer,
        /** What was said in the run and not before; empty where content was not captured. */
        messages: z.array(
          z.object({
            role: z.string(),
            agent: z.string().nullable(),
            span_id: z.string(),
            parts: z.array(partAnswer),
          }),
        ),
        /** More was said than is given. */
        truncated: z.boolean(),
      }),
    ),
  })
  .meta({ id: 'ConversationThread' });

const URL = '/api/v1/conversations';

export function conversationRoutes(api: Api, deps: ApiDeps): void {
  listRoute(api, deps);
  threadRoute(api, deps);
}

function listRoute(api: Api, deps: ApiDeps): void {
  api.route({
    method: 'GET',
    url: URL,
    config: { access: 'monitoring:read' },
    schema: {
      tags: ['conversations'],
      summary:
        'Finds conversations; the one that was last spoken in first unless sorted otherwise.',
      description:
        'A conversation is made of the runs that name it (gen_ai.conversation.id and what other dialects call it). Times are of the starts of runs, and figures of the runs within them. All that is given must hold, each for one of the runs. `sort` puts the greatest first.',
      querystring: findQuery,
      response: { 200: cursorPageOf(z.array(conversationAnswer).readonly()) },
    },
    handler: async (request) => {
      const { project } = principalOf(request);
      const { limit, cursor: after, sort, preview, from, to, agent, user, text } = request.query;
      const traceId = traceOf(request.query);
      const filter: ConversationFilter = { fromMs: from, toMs: to, agent, user, traceId, text };
      const page = await deps.conversations.findConversations(
        project,
        { filter, sort },
        { limit, cursor: after },
      );
      const ids = preview ? page.rows.map(({ id }) => id) : [];
      const words = await deps.conversationReader.readLastWords(project, ids);
      return {
        ...success(page.rows.map((row) => toAnswer(row, words.get(row.id)))),
        meta: { limit, next_cursor: page.nextCursor },
      };
    },
  });
}

function threadRoute(api: Api, deps: ApiDeps): void {
  api.route({
    method: 'GET',
    url: `${URL}/:conversationId`,
    config: { access: 'monitoring:read' },
    schema: {
      tags: ['conversations'],
      summary:
        'Answers a conversation as a thread: its runs in order, across traces, with what was said in each.',
      description:
        'A message is given once, where it was first said. The result of a tool stands with its call.',
      params: z.strictObject({ conversationId: nonEmptyText(ID_MAX) }),
      querystring: z.strictObject({ limit: limitOf(20, 100), cursor: cursor.optional() }),
      response: { 200: cursorPageOf(threadAnswer) },
    },
    handler: async (request) => {
      const { project } = principalOf(request);
      const { conversationId: id } = request.params;
      const { limit, cursor: given } = request.query;
      const after = given === undefined ? undefined : threadPositionOf(given);
      const [{ rows }, thread] = await Promise.all([
        deps.conversations.findConversations(
          project,
          { filter: { id }, sort: 'last' },
          { limit: 1 },
        ),
        deps.conversationReader.readThread(project, id, { after, limit }),
      ]);
      const [conversation] = rows;
      if (conversation === undefined || thread === undefined) {
        throw new AppError('NOT_FOUND', `there is no conversation ${id.slice(0, 200)}`);
      }
      const next = thread.next === undefined ? null : threadCursorOf(thread.next);
      const runs = thread.runs.map(({ run, messages, truncated }) => ({
        run: toRunAnswer(run),
        messages: messages.map(toMessageAnswer),
        truncated,
      }));
      return {
        ...success({ conversation: toAnswer(conversation), runs }),
        meta: { limit, next_cursor: next },
      };
    },
  });
}

function toAnswer(
  conversation: Conversation,
  words?: LastWords,
): z.infer<typeof conversationAnswer> {
  return {
    conversation_id: conversation.id,
    agents: conversation.agents,
    users: conversation.users,
    runs: conversation.runs,
    failed_runs: conversation.failedRuns,
    traces: conversation.traces,
    errors: conversation.errors,
    model_calls: conversation.modelCalls,
    tool_calls: conversation.toolCalls,
    first: isoTime(Number(conversation.firstNs / 1_000_000n)),
    last: isoTime(Number(conversation.lastNs / 1_000_000n)),
    tokens: toTokensAnswer(conversation.tokens),
    cost_usd: conversation.cost === null ? null : toDollars(conversation.cost),
    calls_unpriced: conversation.callsUnpriced,
    last_message: words ?? null,
  };
}

function toMessageAnswer({ role, agent, spanId, parts }: ThreadMessage) {
  return {
    role,
    agent: agent === '' ? null : agent,
    span_id: spanId,
    parts: parts.map(({ kind, text, truncated, id, name, cached, result }) => ({
      kind,
      text,
      truncated,
      id: id ?? null,
      name: name ?? null,
      cached,
      result: result ?? null,
    })),
  };
}
