import { expect, test } from 'vitest';

import { RecentSet } from './recent-set.ts';

test('tells what is new from what was added lately', () => {
  const recent = new RecentSet(10);
  expect(['a', 'b', 'a', 'c', 'b'].map((value) => recent.add(value))).toEqual([
    true,
    true,
    false,
    true,
    false,
  ]);
});

test('remembers the last ones it has room for and forgets what is twice as far back', () => {
  const recent = new RecentSet(100);
  for (let i = 0; i < 250; i++) expect(recent.add(`value ${i}`)).toBe(true);
  for (let i = 150; i < 250; i++) expect(recent.add(`value ${i}`)).toBe(false);
  expect(recent.add('value 0')).toBe(true);
});
