import { compact, oneOf, textOf } from '../search-values.ts';
import type { RawSearch } from '../search-values.ts';

const POLICY_TABS = ['rules', 'try', 'dry-run', 'grants', 'tools'] as const;
export type PolicyTab = (typeof POLICY_TABS)[number];

export interface PoliciesSearch {
  readonly tab?: PolicyTab | undefined;
  /** Of the call that is tried. */
  readonly agent?: string | undefined;
  readonly tool?: string | undefined;
  /** Its arguments as JSON. */
  readonly params?: string | undefined;
  /** Grants that have ended too. */
  readonly which?: 'all' | undefined;
}

/** As long as an address may be without being cut on its way. */
const PARAMS_CHARACTERS_MAX = 4_000;

export function parsePoliciesSearch(raw: RawSearch): PoliciesSearch {
  const { params } = raw;
  const short =
    typeof params === 'string' && params !== '' && params.length <= PARAMS_CHARACTERS_MAX;
  return compact({
    tab: oneOf(raw['tab'], POLICY_TABS),
    agent: textOf(raw['agent']),
    tool: textOf(raw['tool']),
    params: short ? params : undefined,
    which: oneOf(raw['which'], ['all'] as const),
  });
}
