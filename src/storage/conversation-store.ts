import type { Conversation } from '../model/conversation.ts';
import type { Run } from '../model/run.ts';

export const CONVERSATION_SORT_KEYS = ['last', 'cost', 'tokens', 'runs', 'errors'] as const;
export type ConversationSortKey = (typeof CONVERSATION_SORT_KEYS)[number];

/**
 * Times are of runs' starts, milliseconds since 1970 UTC, from inclusive, to exclusive: what began elsewhere is neither
 * looked at nor summed. Of the rest all that is given must hold for the conversation, each for one of its runs.
 */
export interface ConversationFilter {
  readonly id?: string | undefined;
  readonly fromMs?: number | undefined;
  readonly toMs?: number | undefined;
  readonly agent?: string | undefined;
  readonly user?: string | undefined;
  readonly traceId?: string | undefined;
  /** A part of its id, of a user's or an agent's name, or of what a span of its traces says; case does not matter. */
  readonly text?: string | undefined;
}

/** Where a page goes on: the last row's value by which it is sorted, as text, and its id. */
export interface ConversationPosition {
  readonly value: string;
  readonly id: string;
}

/** Where a list of a conversation's runs goes on. */
export interface ThreadPosition {
  readonly startNs: bigint;
  readonly traceId: string;
  readonly runId: string;
}

/** Runs by the conversation that they name. Every answer MUST be of the one project asked for, and bounded in memory and time. */
export interface ConversationStore {
  /** Greatest first, those whose value is not known last; and where the next page goes on. */
  findConversations(
    project: string,
    query: {
      readonly filter: ConversationFilter;
      readonly sort: ConversationSortKey;
      readonly after: ConversationPosition | undefined;
      readonly limit: number;
    },
  ): Promise<{
    readonly conversations: readonly Conversation[];
    readonly next: ConversationPosition | undefined;
  }>;

  /** The runs by start, trace and id, from behind `after` or, of `before`, the last ones before it. */
  listRuns(
    project: string,
    conversation: string,
    query: {
      readonly after?: ThreadPosition | undefined;
      readonly before?: ThreadPosition | undefined;
      readonly limit: number;
    },
  ): Promise<readonly Run[]>;

  /** Of each conversation the run that began last. */
  lastRuns(project: string, conversations: readonly string[]): Promise<readonly Run[]>;
}
