import { AppError } from '../errors.ts';
import { sendToLangfuse } from '../exporter/langfuse.ts';
import { langfuseEventsOf } from '../session/langfuse-events.ts';
import { listSessions } from '../session/read-session.ts';
import type { Session } from '../session/read-session.ts';
import { placeOf } from '../session/session-spans.ts';
import { foldersOf } from './session-place.ts';
import type { Environment } from './session-place.ts';
import type { ExportFlags, ExportOutcome } from './export.ts';

const TIMEOUT_MS = 30_000;

/** `signalbox export --scores --backend langfuse`. */
export async function exportToLangfuse(
  sessions: readonly Session[],
  flags: ExportFlags,
  env: Environment,
): Promise<ExportOutcome> {
  const publicKey = flags.langfusePublicKey ?? env['LANGFUSE_PUBLIC_KEY'];
  const secretKey = flags.langfuseSecretKey ?? env['LANGFUSE_SECRET_KEY'];
  if (!publicKey || !secretKey) {
    throw new AppError(
      'UNAUTHORIZED',
      'Langfuse wants keys; set LANGFUSE_PUBLIC_KEY and LANGFUSE_SECRET_KEY to those of your project',
    );
  }
  const host =
    flags.langfuseHost ??
    (env['LANGFUSE_HOST'] || env['LANGFUSE_BASE_URL'] || 'https://cloud.langfuse.com');
  const byId = new Map(listSessions(foldersOf(flags, env)).map((session) => [session.id, session]));
  const events = sessions.flatMap((session) =>
    langfuseEventsOf(session, placeOf(session, byId), flags.scores === true),
  );
  const result = await sendToLangfuse(
    { host, publicKey, secretKey, timeoutMs: TIMEOUT_MS },
    events,
  );
  return { sessions: sessions.length, items: 'observations and scores', ...result };
}
