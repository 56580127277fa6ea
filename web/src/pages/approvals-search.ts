import { compact, textOf } from '../search-values.ts';
import type { RawSearch } from '../search-values.ts';

export interface ApprovalsSearch {
  /** The approval that is shown whole. */
  readonly approval?: string | undefined;
}

export function parseApprovalsSearch(raw: RawSearch): ApprovalsSearch {
  const approval = textOf(raw['approval']);
  return compact({
    approval: approval !== undefined && /^[\w-]{1,64}$/.test(approval) ? approval : undefined,
  });
}
