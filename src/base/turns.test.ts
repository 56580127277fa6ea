import { expect, test } from 'vitest';

import type { Turns } from './turns.ts';
import { atOnce, inTurns, mapInTurns } from './turns.ts';

/** Takes a millisecond for each step. */
function* busy(steps: number): Turns<number> {
  for (let step = 0; step < steps; step++) {
    const until = performance.now() + 1;
    while (performance.now() < until);
    yield;
  }
  return steps;
}

test('work is done whole, at once and in turns', async () => {
  expect([atOnce(busy(3)), await inTurns(busy(3)), atOnce(busy(0))]).toEqual([3, 3, 0]);
});

test('others have their turn while long work goes on', async () => {
  let turns = 0;
  let going = true;
  const count = (): void => {
    turns++;
    if (going) setImmediate(count);
  };
  setImmediate(count);
  await inTurns(busy(60));
  going = false;
  expect(turns).toBeGreaterThanOrEqual(3);
});

test('items are gone through in their order, with a rest after each', async () => {
  const work = mapInTurns(['a', 'b'], (item) => item.toUpperCase());
  expect([work.next(), work.next(), work.next()]).toEqual([
    { done: false, value: undefined },
    { done: false, value: undefined },
    { done: true, value: ['A', 'B'] },
  ]);
  expect(await inTurns(mapInTurns([], String))).toEqual([]);
});

test('what the work throws comes out', async () => {
  function* failing(): Turns<void> {
    yield;
    throw new Error('no');
  }
  expect(() => atOnce(failing())).toThrow('no');
  await expect(inTurns(failing())).rejects.toThrow('no');
});
