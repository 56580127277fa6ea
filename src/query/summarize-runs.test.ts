import { expect, test } from 'vitest';

import { durationsOf } from './summarize-runs.ts';

const classOf = (durationNs: number, runs: number) => ({ agent: 'a', durationNs, runs });

test('a quantile is the least duration that so many do not exceed, in whatever order they come', () => {
  expect(durationsOf([classOf(30, 1), classOf(10, 10), classOf(20, 9)])).toEqual({
    p50Ns: 10,
    p95Ns: 20,
  });
  expect(durationsOf([classOf(5, 1)])).toEqual({ p50Ns: 5, p95Ns: 5 });
});

test('without a run that is over there is none', () => {
  expect(durationsOf([])).toEqual({ p50Ns: null, p95Ns: null });
});
