import { expect, test } from 'vitest';

import { inParts } from './read-traces.ts';
import type { TraceTask } from './read-traces.ts';

const HOUR_MS = 3_600_000;

const task = (at: number, spans = 1): TraceTask => ({
  traceId: String(at),
  starts: { fromMs: at, toMs: at + 1_000 },
  isWhole: false,
  isNew: false,
  spans,
});
const sizes = (tasks: readonly TraceTask[]): number[] => inParts(tasks).map(({ length }) => length);

test('traces far from each other in time are read together, as many stretches as a question may name', () => {
  const hourly = Array.from({ length: 120 }, (_, hour) => task(hour * HOUR_MS));
  expect(sizes(hourly.toReversed())).toEqual([50, 50, 20]);
  const pairs = hourly.flatMap(({ starts }) => [task(starts.fromMs), task(starts.fromMs + 60_000)]);
  expect(sizes(pairs)).toEqual([100, 100, 40]);
});

test('a part has no more traces and spans than can be read at once', () => {
  expect(sizes(Array.from({ length: 1_200 }, (_, at) => task(at)))).toEqual([500, 500, 200]);
  expect(sizes([task(1, 3_000), task(2, 900), task(3, 200), task(4, 9_000)])).toEqual([2, 1, 1]);
  expect(sizes([])).toEqual([]);
});
