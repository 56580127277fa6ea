import { createEvidencePackage } from '../session/evidence-package.ts';
import { csvOf } from '../session/session-csv.ts';
import { readEventLines } from '../session/read-session.ts';
import type { ReadProblems, Session } from '../session/read-session.ts';
import { writeText } from './export.ts';
import type { ExportFlags } from './export.ts';
import { keyOf } from './session-place.ts';
import type { Environment } from './session-place.ts';
import { productVersion } from './version.ts';

/** `signalbox export` to a document: JSON, CSV or an evidence package. */
export function exportDocument(
  sessions: readonly Session[],
  flags: ExportFlags,
  { env, problems }: { readonly env: Environment; readonly problems: ReadProblems },
): void {
  if (flags.format === 'csv') {
    writeText(flags.output, csvOf(sessions, problems));
  } else if (flags.format === 'json') {
    writeText(flags.output, jsonOf(sessions, problems));
  } else {
    const evidence = createEvidencePackage(sessions, {
      key: keyOf(env),
      productVersion: productVersion(),
      exportedAt: new Date().toISOString(),
      retentionDays: flags.retentionDays ?? retentionIn(env),
      systemDescription: flags.systemDescription ?? '',
      intendedPurpose: flags.intendedPurpose ?? '',
      digestsOnly: flags.digests === true,
    });
    writeText(flags.output, [`${JSON.stringify(evidence, null, 1)}\n`]);
  }
}

function retentionIn(env: Environment): number | undefined {
  const days = Number(env['SIGNALBOX_SESSION_RETENTION_DAYS'] || undefined);
  return Number.isSafeInteger(days) && days > 0 ? days : undefined;
}

/** `{sessions: [{meta, events}]}`, as it is read. */
function* jsonOf(sessions: readonly Session[], problems: ReadProblems): Generator<string> {
  yield '{"sessions":[';
  for (const [index, session] of sessions.entries()) {
    yield `${index === 0 ? '' : ','}\n{"meta":${JSON.stringify(session.meta)},"events":[`;
    let separator = '\n';
    for (const { raw } of readEventLines(session)) {
      if (raw === undefined) {
        problems.unreadable += 1;
        continue;
      }
      yield separator + JSON.stringify(raw);
      separator = ',\n';
    }
    yield ']}';
  }
  yield ']}\n';
}
