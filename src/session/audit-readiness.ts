import { scoreAudit, type AuditFault } from '../model/audit-score.ts';
import { readEventLines } from './read-session.ts';
import type { Session } from './read-session.ts';
import { textIn } from './session-event.ts';
import { summarizeSession } from './session-summary.ts';
import { verifySession } from './verify-session.ts';

const DAY_MS = 86_400_000;

/** Whether what was recorded would stand a review, with the points that are taken off for what would not. */
export interface AuditReadiness {
  readonly framework: 'eu-ai-act';
  readonly articles_checked: readonly string[];
  readonly generated_at: string;
  readonly session_count: number;
  readonly checks: {
    readonly hash_chain_integrity: {
      readonly ok: boolean;
      readonly checked_sessions: number;
      readonly broken_sessions: readonly { readonly session_id: string; readonly reason: string }[];
    };
    readonly hash_chain_presence: {
      readonly ok: boolean;
      /** Sessions that carry no hashes or no signature. */
      readonly sessions_missing_prev_hashes: readonly string[];
    };
    readonly retention_coverage: {
      readonly ok: boolean;
      readonly required_days: number;
      /** Since the earliest session. */
      readonly available_days: number;
      /** The records do not reach back so far because there were none, not because they were deleted. */
      readonly note: string;
    };
    readonly timestamp_continuity: {
      readonly ok: boolean;
      /** Within sessions: idle time between them is no gap. */
      readonly gaps: readonly { readonly session_id: string; readonly reason: string }[];
    };
  };
  readonly compliance_score: number;
  readonly ready: boolean;
}

export interface AuditOptions {
  readonly retentionDays: number;
  readonly nowMs: number;
  /** Who must have signed. */
  readonly knownKey: string | undefined;
}

export function auditReadiness(
  sessions: readonly Session[],
  options: AuditOptions,
): AuditReadiness {
  const verdicts = sessions.map((session) => verifySession(session, options.knownKey));
  const broken = verdicts
    .filter(({ ok }) => ok === false)
    .map(({ session_id, reason }) => ({ session_id, reason }));
  const missing = sessions.filter(
    (session, index) => verdicts[index]!.ok === null || !hasHashes(session),
  );
  const gaps = sessions.flatMap((session) => gapsOf(session, options.nowMs));
  const retention = retentionOf(sessions, options);
  const faults: AuditFault[] = [];
  if (broken.length > 0) faults.push('broken');
  if (missing.length > 0) faults.push('missing');
  if (gaps.length > 0) faults.push('gaps');
  if (!retention.ok) faults.push('retention');
  const { score, ready } = scoreAudit(faults, sessions.length > 0);
  return {
    framework: 'eu-ai-act',
    articles_checked: ['Article 12', 'Article 13'],
    generated_at: new Date(options.nowMs).toISOString(),
    session_count: sessions.length,
    checks: {
      hash_chain_integrity: {
        ok: broken.length === 0,
        checked_sessions: sessions.length,
        broken_sessions: broken,
      },
      hash_chain_presence: {
        ok: missing.length === 0,
        sessions_missing_prev_hashes: missing.map(({ id }) => id),
      },
      retention_coverage: retention,
      timestamp_continuity: { ok: gaps.length === 0, gaps },
    },
    compliance_score: score,
    ready,
  };
}

function hasHashes(session: Session): boolean {
  for (const { raw } of readEventLines(session)) {
    if (raw === undefined || textIn(raw, 'prev_hash') === '' || textIn(raw, 'hash') === '')
      return false;
  }
  return true;
}

function retentionOf(
  sessions: readonly Session[],
  { nowMs, retentionDays }: AuditOptions,
): AuditReadiness['checks']['retention_coverage'] {
  const starts = sessions.map(({ meta }) => Number(BigInt(meta.started_at_ns) / 1_000_000n));
  const available = starts.length === 0 ? 0 : Math.floor((nowMs - Math.min(...starts)) / DAY_MS);
  return {
    ok: available >= retentionDays,
    required_days: retentionDays,
    available_days: available,
    note:
      available >= retentionDays
        ? ''
        : 'The earliest session is younger than the period; whether earlier ones were deleted or never made, the files cannot tell.',
  };
}

const READ_LATER = /^(?:llm_request|llm_response|assistant_response)$/;

/** What is not whole within a session: lines that cannot be read, clocks that went back, an end that is missing. */
function gapsOf(session: Session, nowMs: number): { session_id: string; reason: string }[] {
  let [backwards, unreadable, lastNs] = [0, 0, 0n];
  for (const { event } of readEventLines(session)) {
    if (event === undefined) unreadable += 1;
    // A hook reads the model's calls when a turn ends, and they keep the time at which they were.
    else if (session.meta.source !== 'hook' || !READ_LATER.test(event.type)) {
      if (event.timeNs < lastNs) backwards += 1;
      lastNs = event.timeNs;
    }
  }
  const reasons = [
    unreadable > 0 ? `${unreadable} lines cannot be read` : '',
    backwards > 0 && session.meta.source !== 'import'
      ? `the clock went back ${backwards} times`
      : '',
    isLeftOpen(session, nowMs) ? 'it was recorded to no end' : '',
  ];
  return reasons
    .filter((reason) => reason !== '')
    .map((reason) => ({ session_id: session.id, reason }));
}

/** Only of a session that a proxy recorded it is known that its end is written; it may still go on. */
function isLeftOpen(session: Session, nowMs: number): boolean {
  if (session.meta.source !== 'record') return false;
  const { ended, endNs } = summarizeSession(session);
  return !ended && nowMs - Number(endNs / 1_000_000n) > DAY_MS;
}
