import type { SpanBatch } from '../model/outgoing-telemetry.ts';
import { listSessions, readEvents } from './read-session.ts';
import type { ReadProblems, Session, SessionFolders } from './read-session.ts';
import { originOf, placeOf, SessionSpans } from './session-spans.ts';
import type { SpanStyleName } from './span-style.ts';

export interface TraceExportOptions {
  readonly style: SpanStyleName;
  readonly serviceName: string;
  readonly productVersion: string;
  /** So many spans at a time. */
  readonly batchSpansMax?: number | undefined;
}

const BATCH_SPANS_MAX = 1_000;

/** The spans of sessions in batches, in memory that does not grow with them. What cannot be read is counted. */
export function* spanBatchesOf(
  sessions: readonly Session[],
  folders: SessionFolders,
  options: TraceExportOptions,
  problems: ReadProblems,
): Generator<SpanBatch> {
  const byId = new Map(listSessions(folders).map((session) => [session.id, session]));
  const { style, serviceName: service, productVersion: version } = options;
  for (const session of sessions) {
    const origin = originOf(session, { service, version, style });
    const spans = new SessionSpans(session, { style, place: placeOf(session, byId) });
    let batch: SpanBatch['spans'][number][] = [];
    for (const event of readEvents(session, problems)) {
      batch.push(...spans.add(event));
      if (batch.length >= (options.batchSpansMax ?? BATCH_SPANS_MAX)) {
        yield { origin, spans: batch };
        batch = [];
      }
    }
    yield { origin, spans: [...batch, ...spans.finish()] };
  }
}
