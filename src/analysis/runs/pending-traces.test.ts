import { expect, test } from 'vitest';

import type { TouchedTrace } from '../../model/touched-traces.ts';
import { PendingTraces } from './pending-traces.ts';

const NOON_MS = Date.UTC(2026, 10, 20, 12);

const touched = (digit: string, rest: Partial<TouchedTrace> = {}): TouchedTrace => ({
  traceId: digit.repeat(32),
  startMinMs: NOON_MS + 1_000,
  endMaxMs: NOON_MS + 2_000,
  spans: 10,
  hasGenAi: true,
  ...rest,
});

const add = (pending: PendingTraces, trace: TouchedTrace, atMs: number, segmentId = 's1'): void =>
  pending.add('default', trace, { nowMs: NOON_MS + atMs, segmentId, replayed: false });

const taken = (pending: PendingTraces, atMs: number, spansMax = 1_000) =>
  pending.take(NOON_MS + atMs, spansMax).map(({ task, segments }) => ({
    ...task,
    traceId: task.traceId[0],
    segments: [...segments].join(' '),
  }));

test('a trace settles, is taken once with all its segments, and is new the first time alone', () => {
  const pending = new PendingTraces(NOON_MS);
  add(pending, touched('a'), 3_000, 's1');
  add(pending, touched('a', { startMinMs: NOON_MS + 500, endMaxMs: NOON_MS + 9_000 }), 3_100, 's2');
  expect(taken(pending, 3_200)).toEqual([]);
  const [first, ...more] = pending.take(NOON_MS + 3_300, 1_000);
  expect(more).toEqual([]);
  expect([first!.task, [...first!.segments]]).toEqual([
    {
      traceId: 'a'.repeat(32),
      starts: { fromMs: NOON_MS + 500, toMs: NOON_MS + 9_000 },
      isNew: true,
      isWhole: false,
      spans: 20,
      segments: ['s1', 's2'],
    },
    ['s1', 's2'],
  ]);
  pending.begin(first!, NOON_MS + 3_300);
  add(pending, touched('a', { startMinMs: NOON_MS + 8_000 }), 4_000, 's3');
  expect(pending.nextDueAtMs()).toBe(NOON_MS + 4_320);
  expect(taken(pending, 4_320)).toMatchObject([
    { isNew: false, isWhole: true, starts: { fromMs: NOON_MS + 500 }, segments: 's3' },
  ]);
  expect([pending.size, pending.nextDueAtMs()]).toEqual([0, undefined]);
});

test('traces that are due are told of, with how late the first of them is', () => {
  const pending = new PendingTraces(NOON_MS);
  const late = (atMs: number) => pending.backlog(NOON_MS + atMs);
  expect(late(0)).toEqual({ traces: 0, lateMs: 0 });
  add(pending, touched('a'), 0);
  add(pending, touched('b'), 2_000);
  expect(late(299)).toEqual({ traces: 0, lateMs: 0 });
  expect(late(2_000)).toEqual({ traces: 1, lateMs: 1_700 });
  expect(late(2_300)).toEqual({ traces: 2, lateMs: 2_000 });
  taken(pending, 2_300);
  expect(late(9_000)).toEqual({ traces: 0, lateMs: 0 });
});

test('a trace is known to be whole when no former run can have had its beginning', () => {
  const pending = new PendingTraces(NOON_MS - 3_600_000);
  add(pending, touched('a'), 0);
  expect(taken(pending, 300)).toMatchObject([{ isNew: true, isWhole: true }]);
});

test('the segments of a trace are told until there are too many, or it has more elsewhere', () => {
  const pending = new PendingTraces(NOON_MS);
  const segmentsAfter = (count: number, found: number): readonly string[] | undefined => {
    const digit = String(count % 10);
    for (let index = 0; index < count; index++) add(pending, touched(digit), 0, `s${index}`);
    const [trace] = pending.take(NOON_MS + 300, 1_000);
    pending.begin(trace!, NOON_MS + 300);
    const starts = { fromMs: NOON_MS, toMs: NOON_MS };
    pending.finish('default', trace!.task.traceId, { starts, spans: found });
    add(pending, touched(digit), 400, 'last');
    return pending.take(NOON_MS + 100_000, 1_000)[0]!.task.segments;
  };
  expect(segmentsAfter(2, 20)).toEqual(['s0', 's1', 'last']);
  expect(segmentsAfter(3, 31)).toBeUndefined();
  expect(segmentsAfter(17, 170)).toBeUndefined();
});

test('a trace that began before this run of the process may have more elsewhere', () => {
  const pending = new PendingTraces(NOON_MS);
  add(pending, touched('a', { startMinMs: NOON_MS - 1 }), 0);
  expect(taken(pending, 300)).toMatchObject([{ isNew: false, isWhole: false }]);
});

test('what could not be analysed comes again, with what came meanwhile', () => {
  const pending = new PendingTraces(NOON_MS);
  add(pending, touched('a'), 0, 's1');
  const traces = pending.take(NOON_MS + 300, 1_000);
  add(pending, touched('a'), 400, 's2');
  pending.putBack(traces, NOON_MS + 1_000);
  expect(taken(pending, 999)).toEqual([]);
  expect(taken(pending, 1_000)).toMatchObject([{ isNew: false, segments: 's1 s2' }]);
});

test('a step takes traces of one project, and as many spans as it may', () => {
  const pending = new PendingTraces(NOON_MS);
  for (const digit of ['a', 'b', 'c']) add(pending, touched(digit), 0);
  pending.add('other', touched('d'), { nowMs: NOON_MS, segmentId: 's1', replayed: false });
  expect(taken(pending, 300, 20).map(({ traceId }) => traceId)).toEqual(['a', 'b']);
  expect(taken(pending, 300, 20).map(({ traceId }) => traceId)).toEqual(['c']);
  expect(taken(pending, 300, 20).map(({ traceId }) => traceId)).toEqual(['d']);
});
