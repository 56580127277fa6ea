import { AppError, messageOf } from '../errors.ts';
import { discoverTranscripts, importTranscript } from '../session/import-session.ts';
import type { ImportResult } from '../session/import-session.ts';
import { foldersOf, homeOf, keyOf, nowNs } from './session-place.ts';
import type { Environment, PlaceFlags } from './session-place.ts';

export interface ImportFlags extends PlaceFlags {
  readonly discover?: true;
  readonly keepSecrets?: true;
  readonly json?: true;
}

/** `signalbox import`. */
export function importSessions(
  files: readonly string[],
  flags: ImportFlags,
  env: Environment,
): void {
  const found = flags.discover ? discoverTranscripts(homeOf(env)) : [];
  if (files.length + found.length === 0) {
    throw new AppError(
      flags.discover ? 'NOT_FOUND' : 'VALIDATION_ERROR',
      flags.discover
        ? `there are no transcripts below ${homeOf(env)}`
        : 'name a transcript, or --discover those of this user',
    );
  }
  const { root } = foldersOf(flags, env);
  const options = { key: keyOf(env), nowNs, keepSecrets: flags.keepSecrets === true };
  const results: ImportResult[] = [];
  let failed = 0;
  for (const file of [...files, ...found]) {
    try {
      results.push(importTranscript(file, root, options));
    } catch (error) {
      // One that cannot be read does not keep the others out.
      failed += 1;
      console.error(`${file}: ${messageOf(error)}`);
    }
  }
  const sessions = results.flatMap((result) => result.sessions);
  const made = sessions.filter(({ known, events }) => !known || events > 0);
  for (const { file, unread } of results) {
    for (const [reason, times] of Object.entries(unread))
      console.error(`${file}: ${times} × not read: ${reason}`);
  }
  if (flags.json) console.log(JSON.stringify(results));
  else for (const { id, events } of made) console.log(`${id}  ${events} events`);
  const fresh = made.filter(({ known }) => !known).length;
  const told = [
    `Imported ${fresh} sessions into ${root}`,
    `${made.length - fresh} were completed`,
    `${sessions.length - made.length} were there already`,
  ];
  console.error(`${told.join('; ')}.`);
  if (failed > 0) process.exitCode = 1;
}
