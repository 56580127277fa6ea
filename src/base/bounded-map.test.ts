import { expect, test } from 'vitest';

import { BoundedMap } from './bounded-map.ts';

test('forgets the oldest entry when it is full', () => {
  const map = new BoundedMap<string, number>(2);
  map.set('a', 1);
  map.set('b', 2);
  map.set('a', 3);
  map.set('c', 4);
  expect([map.size, map.get('a'), map.get('b'), map.get('c')]).toEqual([2, 3, undefined, 4]);
});

test('forgets what is deleted, and all when it is cleared', () => {
  const map = new BoundedMap<string, number>(2);
  map.set('a', 1);
  map.set('b', 2);
  map.delete('a');
  expect([map.size, map.get('a'), map.get('b')]).toEqual([1, undefined, 2]);
  map.clear();
  expect([map.size, map.get('b')]).toEqual([0, undefined]);
});
