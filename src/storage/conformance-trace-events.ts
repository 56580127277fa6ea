import { expect, test } from 'vitest';

import { attributesOf, hex, NOON_NS, request, traceIdOf } from './conformance-trace-requests.ts';
import type { TraceStoreUnderTest } from './conformance-trace-requests.ts';
import type { SpanEventMark } from './span-events.ts';

/** The tests of `listEvents`. */
export function testTraceEvents(opened: () => TraceStoreUnderTest, newProject: () => string): void {
  test('lists the events of a trace, each once, and what exceptions say', async () => {
    const project = newProject();
    const exception = {
      timeUnixNano: String(NOON_NS + 5n),
      name: 'exception',
      attributes: attributesOf({
        'exception.message': 'm'.repeat(400),
        'exception.type': 'Ü"Error',
        'exception.stacktrace': 'at x',
      }),
    };
    const retry = { timeUnixNano: String(NOON_NS), name: 'n'.repeat(200) };
    const spans = [
      { id: 1, events: [retry, exception] },
      { id: 2, parent: 1, events: [{ name: 'timeless', attributes: attributesOf({ a: 1 }) }] },
      { id: 3, parent: 1 },
    ];
    await opened().write([request(6, spans, { project })]);
    await opened().write([request(6, [spans[0]!], { project }), request(7, spans, { project })]);
    const listed = await opened().store.listEvents(project, traceIdOf(6), 10);
    const none = { exceptionType: '', exceptionMessage: '' };
    const key = (event: SpanEventMark) => `${event.spanId} ${event.name}`;
    expect(listed.toSorted((one, other) => (key(one) < key(other) ? -1 : 1))).toEqual([
      {
        spanId: hex(1, 8),
        timeUnixNano: exception.timeUnixNano,
        name: 'exception',
        exceptionType: 'Ü"Error',
        exceptionMessage: 'm'.repeat(300),
      },
      { spanId: hex(1, 8), timeUnixNano: String(NOON_NS), name: 'n'.repeat(120), ...none },
      { spanId: hex(2, 8), timeUnixNano: expect.any(String), name: 'timeless', ...none },
    ]);
    expect(await opened().store.listEvents(project, traceIdOf(6), 2)).toHaveLength(2);
    expect(await opened().store.listEvents(project, traceIdOf(8), 2)).toEqual([]);
  });
}
