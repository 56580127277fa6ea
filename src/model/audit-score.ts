/** Points that are taken from a hundred for what would not stand a review of records. */
const PENALTY = { broken: 35, missing: 20, gaps: 10, retention: 10 } as const;
const READY_SCORE = 80;

export type AuditFault = keyof typeof PENALTY;

/**
 * The score from 0 to 100, and whether it would do; what is broken never does. `hasRecords`: without any there is
 * nothing to review, which scores 0.
 */
export function scoreAudit(
  faults: readonly AuditFault[],
  hasRecords: boolean,
): { readonly score: number; readonly ready: boolean } {
  if (!hasRecords) return { score: 0, ready: false };
  const score = [...new Set(faults)].reduce((left, fault) => left - PENALTY[fault], 100);
  return { score, ready: score >= READY_SCORE && !faults.includes('broken') };
}
