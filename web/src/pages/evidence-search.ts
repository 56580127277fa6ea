import { compact, oneOf, wholeNumber } from '../search-values.ts';
import type { RawSearch } from '../search-values.ts';

const EVIDENCE_TABS = ['readiness', 'packages', 'verify'] as const;
export type EvidenceTab = (typeof EVIDENCE_TABS)[number];

export const DEFAULT_DAYS = 180;
const DAYS_MAX = 3_660;

export interface EvidenceSearch {
  readonly tab?: EvidenceTab | undefined;
  /** How far back records must reach. */
  readonly days?: number | undefined;
}

export function parseEvidenceSearch(raw: RawSearch): EvidenceSearch {
  const days = wholeNumber(raw['days'], 1);
  return compact({
    tab: oneOf(raw['tab'], EVIDENCE_TABS),
    days: days === undefined || days > DAYS_MAX || days === DEFAULT_DAYS ? undefined : days,
  });
}
