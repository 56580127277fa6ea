import { compact, oneOf, parseRange, textOf } from '../search-values.ts';
import type { RangeSearch, RawSearch } from '../search-values.ts';

/** Greatest first, by each; by the last run when left out. */
export const CONVERSATION_SORTS = ['last', 'cost', 'tokens', 'runs', 'errors'] as const;
export type ConversationSort = (typeof CONVERSATION_SORTS)[number];

export interface ConversationsSearch extends RangeSearch {
  readonly q?: string | undefined;
  readonly agent?: string | undefined;
  readonly user?: string | undefined;
  readonly sort?: ConversationSort | undefined;
}

export function parseConversationsSearch(raw: RawSearch): ConversationsSearch {
  return compact({
    q: textOf(raw['q']),
    ...parseRange(raw),
    agent: textOf(raw['agent']),
    user: textOf(raw['user']),
    sort: oneOf(raw['sort'], CONVERSATION_SORTS),
  });
}
