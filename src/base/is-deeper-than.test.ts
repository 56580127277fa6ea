import { expect, test } from 'vitest';

import { isDeeperThan } from './is-deeper-than.ts';

test.each([
  [1, 0, false],
  [[], 0, true],
  [{ a: 1 }, 1, false],
  [{ a: [] }, 1, true],
  [{ a: 1, b: [{ c: null }] }, 3, false],
  [{ a: 1, b: [{ c: [] }] }, 3, true],
])('%j is deeper than %i: %s', (value, levels, deeper) => {
  expect(isDeeperThan(value, levels)).toBe(deeper);
});

test('a value of a million levels is told without recursing into it', () => {
  let value: unknown = [];
  for (let level = 0; level < 1_000_000; level++) value = [value];
  expect(isDeeperThan(value, 64)).toBe(true);
});
