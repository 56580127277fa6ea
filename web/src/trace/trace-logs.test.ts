import { expect, test } from 'vitest';

import type { LogRecord } from '../client/logs.ts';
import { marksOf, placeLogs } from './trace-logs.ts';

const record = (at: number, spanId: string, level: LogRecord['level'] = 'info'): LogRecord => ({
  id: `${at}-0-0`,
  timeUnixNano: String(1_000 + at),
  observedTimeUnixNano: '0',
  traceId: 'a',
  spanId,
  flags: 0,
  severityNumber: 0,
  severityText: '',
  level,
  eventName: '',
  body: {},
  attributes: [],
  droppedAttributesCount: 0,
  service: null,
  agent: null,
  scopeName: null,
  truncated: false,
});

test('records stand at their time, under their span or at the trace', () => {
  const records = [record(-5, 'x'), record(0, ''), record(10, 'gone'), record(20, 'x')];
  const placed = placeLogs(records, 1_000n, (id) => (id === 'x' ? 3 : -1));
  expect(placed.all.map(({ index, atNs }) => [index, atNs])).toEqual([
    [3, -5],
    [-1, 0],
    [-1, 10],
    [3, 20],
  ]);
  expect(placed.bySpan.get(3)?.map(({ atNs }) => atNs)).toEqual([-5, 20]);
  expect(placed.loose.map(({ atNs }) => atNs)).toEqual([0, 10]);
});

test('marks at one place are one, as grave as the gravest of them', () => {
  const records = [
    record(-5, 'x'),
    record(500, 'x', 'error'),
    record(501, 'x'),
    record(2_000, 'x'),
  ];
  const { all } = placeLogs(records, 1_000n, () => 0);
  expect(marksOf(all, 1_000)).toEqual([
    { at: 0, level: 'info', count: 1 },
    { at: 0.5, level: 'error', count: 2 },
    { at: 1, level: 'info', count: 1 },
  ]);
});
