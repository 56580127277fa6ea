import { AppError } from '../errors.ts';
import type { SpanOutline } from '../storage/span-outline.ts';
import type { TraceStore } from '../storage/trace-store.ts';
import { decodeCursor, encodeCursor } from './cursor.ts';
import type { PageRequest, SpanOutlinePage } from './trace-query.ts';

/** A page of a trace's outline. */
export async function outlineSpans(
  store: TraceStore,
  project: string,
  traceId: string,
  { limit, cursor }: PageRequest,
): Promise<SpanOutlinePage | undefined> {
  const position = cursor === undefined ? undefined : positionOf(cursor);
  const traceStartNs = position?.traceStartNs ?? (await store.getTraceStart(project, traceId));
  if (traceStartNs === undefined) return undefined;
  const query = { traceStartNs, after: position?.after, limit: limit + 1 };
  const found = await store.listOutline(project, traceId, query);
  const more = found.spanIds.length > limit;
  const last = limit - 1;
  return {
    traceStartUnixNano: String(traceStartNs),
    outline: more ? cutTo(found, limit) : found,
    nextCursor: more
      ? encodeCursor([String(traceStartNs), String(found.startNs[last]), found.spanIds[last]!])
      : null,
  };
}

function cutTo({ words, ...columns }: SpanOutline, limit: number): SpanOutline {
  const cut = Object.entries(columns).map(([name, column]) => [name, column.slice(0, limit)]);
  return { words, ...(Object.fromEntries(cut) as typeof columns) };
}

function positionOf(cursor: string) {
  const [traceStart, start, spanId] = decodeCursor(cursor, 3);
  const valid =
    /^-?\d{1,19}$/.test(String(traceStart)) &&
    /^[\d.e+-]{1,24}$/.test(String(start)) &&
    Number.isFinite(Number(start)) &&
    /^[0-9a-f]{16}$/.test(String(spanId));
  if (!valid) {
    throw new AppError(
      'VALIDATION_ERROR',
      'the cursor is not one of ours; send meta.next_cursor as it was answered',
    );
  }
  return {
    traceStartNs: BigInt(String(traceStart)),
    after: { startNs: Number(start), spanId: String(spanId) },
  };
}
