import { AppError, messageOf } from '../errors.ts';
import { findSession, listSessions } from '../session/read-session.ts';
import type { PackageVerdict } from '../base/verifier.ts';
import { verifyPackageFile } from '../session/package-file.ts';
import { verifySession } from '../session/verify-session.ts';
import type { SessionVerdict } from '../session/verify-session.ts';
import { foldersOf, keyOf } from './session-place.ts';
import type { Environment, PlaceFlags } from './session-place.ts';

export interface VerifyFlags extends PlaceFlags {
  readonly all?: true;
  readonly fromExport?: string;
  readonly publicKey?: string;
  readonly format: 'text' | 'json';
}

/** `signalbox verify`: exit 0 when all is as it was recorded, 1 when not, 2 when nobody can tell. */
export function verify(id: string | undefined, flags: VerifyFlags, env: Environment): void {
  if (flags.fromExport !== undefined) {
    verifyExport(flags.fromExport, flags);
    return;
  }
  const folders = foldersOf(flags, env);
  const sessions = flags.all ? listSessions(folders) : [findSession(folders, id)];
  // What this machine recorded, its own key has signed.
  const known = flags.publicKey ?? keyOf(env).publicKey;
  const verdicts = sessions.map((session) => verifySession(session, known));
  if (flags.format === 'json') console.log(JSON.stringify(flags.all ? verdicts : verdicts[0]));
  else for (const verdict of verdicts) console.log(sentenceOf(verdict));
  if (verdicts.some(({ ok }) => ok === false)) process.exitCode = 1;
  else if (verdicts.some(({ ok }) => ok === null)) process.exitCode = 2;
}

function sentenceOf(verdict: SessionVerdict): string {
  const {
    session_id: id,
    total_events: events,
    broken_at: at,
    broken_event_id: event,
    reason,
  } = verdict;
  if (verdict.ok) {
    const erased =
      verdict.erased_events > 0 ? ` (the content of ${verdict.erased_events} was erased)` : '';
    return `${id}: intact, ${events} events${erased}, signed by ${verdict.public_key}`;
  }
  const where = at === null || at === 0 ? '' : ` at event ${at}${event ? ` (${event})` : ''}`;
  return `${id}: ${verdict.ok === null ? 'cannot be proven' : 'BROKEN'}${where}: ${reason}`;
}

function verifyExport(file: string, flags: VerifyFlags): void {
  let verdict: PackageVerdict;
  try {
    verdict = verifyPackageFile(file, flags.publicKey);
  } catch (error) {
    throw new AppError(
      'VALIDATION_ERROR',
      `${file} cannot be read as a package: ${messageOf(error)}`,
    );
  }
  if (flags.format === 'json') console.log(JSON.stringify(verdict));
  else if (verdict.ok) {
    console.log(
      `Export hash chain intact - ${verdict.checked_events} events checked, signed by ${verdict.public_key}`,
    );
  } else {
    console.log(`Export hash chain verification failed - ${verdict.failures.length} broken links`);
    for (const { session_id: id, seq, event_id: event, reason } of verdict.failures.slice(0, 100)) {
      console.log(
        `  ${[id, seq > 0 ? `event ${seq}` : '', event].filter((part) => part !== '').join(' ') || 'package'}: ${reason}`,
      );
    }
  }
  if (flags.publicKey === undefined) {
    console.error('Compare the key with one that you know: --public-key does.');
  }
  if (!verdict.ok) process.exitCode = 1;
}
