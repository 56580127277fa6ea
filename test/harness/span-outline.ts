import type { SpanEventMark } from '../../src/storage/span-events.ts';
import type { SpanOutlinePage, TraceSpan } from '../../src/query/trace-query.ts';

/** An outline that has the names of the spans. */
export function outlineOf(all: readonly TraceSpan[], traceId: string): SpanOutlinePage | undefined {
  const spans = all.filter((span) => span.traceId === traceId);
  if (spans.length === 0) return undefined;
  const none = spans.map(() => 0);
  const outline = {
    words: ['', ...spans.map(({ name }) => name)],
    spanIds: spans.map(({ spanId }) => spanId),
    startNs: none,
    durationNs: none,
    kinds: spans.map(({ kind }) => kind),
    statusCodes: spans.map(({ status }) => status.code),
    names: spans.map((_, index) => index + 1),
    parents: none,
    services: none,
    agents: none,
    operations: none,
    requestModels: none,
    responseModels: none,
    tools: none,
    errorTypes: none,
    conversations: none,
  };
  return {
    traceStartUnixNano: spans[0]!.startTimeUnixNano,
    outline,
    nextCursor: null,
  };
}

/** `limit` of their events at most. */
export function eventsOf(
  all: readonly TraceSpan[],
  traceId: string,
  limit: number,
): SpanEventMark[] {
  return all
    .filter((span) => span.traceId === traceId)
    .flatMap(({ spanId, events }) =>
      events.map(({ timeUnixNano, name, attributes }) => {
        const text = (wanted: string) =>
          attributes.find(({ key }) => key === wanted)?.value.stringValue ?? '';
        return {
          spanId,
          timeUnixNano,
          name,
          exceptionType: text('exception.type'),
          exceptionMessage: text('exception.message'),
        };
      }),
    )
    .slice(0, limit);
}
