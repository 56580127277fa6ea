import { compact, oneOf, textOf } from '../search-values.ts';
import type { RawSearch } from '../search-values.ts';
import { parseList } from './traces-search.ts';
import type { ListSearch } from './traces-search.ts';

/** Greatest first, by each; by the last run when left out. */
export const CONVERSATION_SORTS = ['last', 'cost', 'tokens', 'runs', 'errors'] as const;
export type ConversationSort = (typeof CONVERSATION_SORTS)[number];

export interface ConversationsSearch extends ListSearch {
  readonly q?: string | undefined;
  readonly agent?: string | undefined;
  readonly user?: string | undefined;
  readonly sort?: ConversationSort | undefined;
}

export function parseConversationsSearch(raw: RawSearch): ConversationsSearch {
  return compact({
    q: textOf(raw['q']),
    ...parseList(raw),
    agent: textOf(raw['agent']),
    user: textOf(raw['user']),
    sort: oneOf(raw['sort'], CONVERSATION_SORTS),
  });
}
