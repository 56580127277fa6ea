import { beforeEach, expect, test } from 'vitest';

import type { RunSample } from '../../model/run-sample.ts';
import { type BaselineBook, createBaselineBook } from './baseline-book.ts';

const HOUR_MS = 3_600_000;
const NOON_MS = Date.UTC(2026, 10, 20, 12);

let nowMs: number;
let runs: RunSample[];
let questions: number;
let book: BaselineBook;

beforeEach(() => {
  [nowMs, runs, questions] = [NOON_MS, [], 0];
  book = createBaselineBook({
    activity: {
      listRuns: async () => {
        questions += 1;
        return new Map([['assistant', [...runs]]]);
      },
      listDays: async () => new Map(),
    },
    clock: { now: () => nowMs },
    days: 30,
    keptMs: HOUR_MS,
  });
});

function runOf(index: number): RunSample {
  return {
    traceId: String(index).padStart(32, '0'),
    runId: String(index).padStart(16, '0'),
    startMs: NOON_MS - (index + 2) * HOUR_MS,
    version: 'a'.repeat(16),
    failed: false,
    durationS: 1,
    cost: 0.01,
    tokens: 100,
    loopLength: 0,
    models: ['gpt-4o'],
    tools: {},
  };
}

const versions = async (): Promise<number> =>
  (await book.get('default', 'assistant')).baselines.length;

test('an answer to somebody is not taken for a look of the watch', async () => {
  await book.get('default', 'assistant');
  expect(book.known('default', 'assistant')).toBeUndefined();
  await book.refresh('default', ['assistant']);
  expect(book.known('default', 'assistant')?.atMs).toBe(NOON_MS);
  nowMs += HOUR_MS;
  await book.get('default', 'assistant');
  expect(book.known('default', 'assistant')?.atMs).toBe(NOON_MS);
});

test('too few runs to say what is usual are looked at again after a minute', async () => {
  await book.refresh('default', ['assistant']);
  expect(await versions()).toBe(0);
  runs = Array.from({ length: 40 }, (_, index) => runOf(index));
  nowMs += 59_000;
  expect([await versions(), questions]).toEqual([0, 2]);
  nowMs += 1_000;
  expect([await versions(), questions]).toEqual([1, 3]);
});

test('what the watch found is good for as long as it keeps it', async () => {
  runs = Array.from({ length: 40 }, (_, index) => runOf(index));
  await book.refresh('default', ['assistant']);
  nowMs += HOUR_MS - 1;
  expect([await versions(), questions]).toEqual([1, 1]);
  nowMs += 1;
  expect([await versions(), questions]).toEqual([1, 2]);
});
