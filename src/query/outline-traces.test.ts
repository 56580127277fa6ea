import { expect, test } from 'vitest';

import { stepFor } from './outline-traces.ts';

const HOUR_MS = 3_600_000;

test('a step is readable and there are no more than asked for', () => {
  const steps = [HOUR_MS / 60, HOUR_MS, 24 * HOUR_MS, 30 * 24 * HOUR_MS].map((length) =>
    stepFor(0, length, 60),
  );
  expect(steps).toEqual([1, 60, 1_800, 43_200]);
});

test('years are cut into whole months', () => {
  expect(stepFor(0, 100 * 365 * 24 * HOUR_MS, 60)).toBe(54_432_000);
});
