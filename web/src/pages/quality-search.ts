import { compact, oneOf, textOf } from '../search-values.ts';
import type { RawSearch } from '../search-values.ts';

const QUALITY_TABS = ['rules', 'checks', 'judge'] as const;
export const QUALITY_OUTCOMES = ['passed', 'scored', 'unjudged', 'all'] as const;

export interface QualitySearch {
  /** The results when left out. */
  readonly tab?: (typeof QUALITY_TABS)[number] | undefined;
  /** The rule that is edited, by its id, or `new`. */
  readonly rule?: string | undefined;
  readonly agent?: string | undefined;
  readonly name?: string | undefined;
  /** Failed ones when left out. */
  readonly outcome?: (typeof QUALITY_OUTCOMES)[number] | undefined;
}

export function parseQualitySearch(raw: RawSearch): QualitySearch {
  const rule = textOf(raw['rule']);
  return compact({
    tab: oneOf(raw['tab'], QUALITY_TABS),
    rule: rule !== undefined && /^[\w-]{1,64}$/.test(rule) ? rule : undefined,
    agent: textOf(raw['agent']),
    name: textOf(raw['name']),
    outcome: oneOf(raw['outcome'], QUALITY_OUTCOMES),
  });
}
