import { auditReadiness as readinessOf } from '../session/audit-readiness.ts';
import { listSessions } from '../session/read-session.ts';
import { foldersOf, keyOf, sessionCount } from './session-place.ts';
import type { Environment, PlaceFlags } from './session-place.ts';

/** `signalbox audit-readiness`: exit 0 when ready, 1 when not. */
export function auditReadiness(
  flags: PlaceFlags & { readonly retentionDays: number; readonly format: 'text' | 'json' },
  env: Environment,
): void {
  const sessions = listSessions(foldersOf(flags, env));
  const readiness = readinessOf(sessions, {
    retentionDays: flags.retentionDays,
    nowMs: Date.now(),
    knownKey: keyOf(env).publicKey,
  });
  if (!readiness.ready) process.exitCode = 1;
  if (flags.format === 'json') {
    console.log(JSON.stringify(readiness));
    return;
  }
  const { hash_chain_integrity: integrity, hash_chain_presence: presence } = readiness.checks;
  const { retention_coverage: retention, timestamp_continuity: continuity } = readiness.checks;
  const mark = (ok: boolean): string => (ok ? '✓' : '✗');
  const { compliance_score: score, session_count: count } = readiness;
  console.log(
    `${readiness.ready ? 'Ready' : 'Not ready'}: ${score} of 100, ${sessionCount(count)}`,
  );
  console.log(`${mark(integrity.ok)} hash chains intact (${integrity.checked_sessions} checked)`);
  for (const { session_id: id, reason } of integrity.broken_sessions)
    console.log(`    ${id}: ${reason}`);
  console.log(`${mark(presence.ok)} hash chains present and signed`);
  for (const id of presence.sessions_missing_prev_hashes) console.log(`    ${id}`);
  console.log(
    `${mark(retention.ok)} records of ${retention.available_days} days, ${retention.required_days} wanted`,
  );
  if (retention.note !== '') console.log(`    ${retention.note}`);
  console.log(`${mark(continuity.ok)} sessions whole`);
  for (const { session_id: id, reason } of continuity.gaps) console.log(`    ${id}: ${reason}`);
  console.error('This looks at records alone; it is no statement of conformity.');
}
