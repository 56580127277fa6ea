import { hash } from 'node:crypto';

import { expect, test } from 'vitest';

import { SeenIds } from './seen-ids.ts';

const idOf = (number: number): string => hash('md5', `${number}`);

test('the last ids that were added are known, and few others', () => {
  const seen = new SeenIds(1_000);
  for (let number = 0; number < 5_000; number++) seen.add(idOf(number));
  const known = (from: number, to: number): number => {
    let count = 0;
    for (let number = from; number < to; number++) if (seen.has(idOf(number))) count++;
    return count;
  };
  expect(known(4_000, 5_000)).toBe(1_000);
  expect(known(100_000, 110_000)).toBeLessThan(700);
  expect(known(0, 2_000)).toBeLessThan(200);
});

test('ids that differ little are told apart as well as they can be, and are never forgotten early', () => {
  const seen = new SeenIds(100);
  const counted = (number: number): string => number.toString(16).padStart(32, '0');
  for (let number = 0; number < 100; number++) seen.add(counted(number));
  for (let number = 0; number < 100; number++) expect(seen.has(counted(number))).toBe(true);
  expect(seen.has('f'.repeat(32))).toBe(false);
});
