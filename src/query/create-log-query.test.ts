import { expect, test } from 'vitest';

import { wordsOf } from './create-log-query.ts';
import { idOf, positionOf } from './log-id.ts';

test('words are looked for one by one, phrases as they are', () => {
  expect(wordsOf('  disk "not  found" x"y z')).toEqual(['disk', 'not  found', 'x', 'y z']);
  expect(wordsOf('"" " "')).toEqual([]);
  expect(wordsOf('1 2 3 4 5 6 7 8 9')).toHaveLength(8);
});

test('an id is a place and comes back from it; what is none is undefined', () => {
  const position = { timeNs: 9_223_372_036_854_775_807n, block: 12n, row: 0n };
  expect(positionOf(idOf(position))).toEqual(position);
  for (const id of ['', '1-2', '1-2-3-4', '-1-2-3', '1-2-x', `${'9'.repeat(20)}-1-1`]) {
    expect(positionOf(id)).toBeUndefined();
  }
});
