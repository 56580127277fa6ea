import { AppError } from '../errors.ts';
import type { Conversation } from '../model/conversation.ts';
import type {
  ConversationFilter,
  ConversationPosition,
  ConversationSortKey,
  ConversationStore,
  ThreadPosition,
} from '../storage/conversation-store.ts';
import { decodeCursor, encodeCursor } from './cursor.ts';
import type { Page, PageRequest } from './trace-query.ts';

/** An implementation MUST answer only what belongs to the project. */
export interface ConversationQueries {
  /** Greatest first by the sort key, those without it last. */
  findConversations(
    project: string,
    question: { readonly filter: ConversationFilter; readonly sort: ConversationSortKey },
    page: PageRequest,
  ): Promise<Page<Conversation>>;
}

/** Answers questions about conversations from a store. */
export function createConversationQuery(store: ConversationStore): ConversationQueries {
  return {
    async findConversations(project, { filter, sort }, { limit, cursor }) {
      const after = cursor === undefined ? undefined : positionOf(cursor, sort);
      const page = { filter, sort, after, limit };
      const { conversations, next } = await store.findConversations(project, page);
      const nextCursor = next === undefined ? null : encodeCursor([sort, next.value, next.id]);
      return { rows: conversations, nextCursor };
    },
  };
}

function positionOf(cursor: string, sort: ConversationSortKey): ConversationPosition {
  const [by, value, id] = decodeCursor(cursor, 3).map(String);
  if (by === sort && /^-?\d{1,20}(?:\.\d{1,12})?$/.test(value!)) return { value: value!, id: id! };
  throw new AppError(
    'VALIDATION_ERROR',
    'the cursor is not one of ours for this order; send meta.next_cursor as it was answered, with the same sort',
  );
}

/** Where a conversation's runs go on, as clients send it back. */
export function threadCursorOf({ startNs, traceId, runId }: ThreadPosition): string {
  return encodeCursor([String(startNs), traceId, runId]);
}

/** Throws `VALIDATION_ERROR` for what `threadCursorOf` did not make. */
export function threadPositionOf(cursor: string): ThreadPosition {
  const [start, traceId, runId] = decodeCursor(cursor, 3).map(String);
  const valid =
    /^\d{1,19}$/.test(start!) &&
    /^[0-9a-f]{32}$/.test(traceId!) &&
    /^(?:[0-9a-f]{16})?$/.test(runId!);
  if (valid) return { startNs: BigInt(start!), traceId: traceId!, runId: runId! };
  throw new AppError(
    'VALIDATION_ERROR',
    'the cursor is not one of ours; send meta.next_cursor as it was answered',
  );
}
