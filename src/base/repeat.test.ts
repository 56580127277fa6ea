import { expect, test } from 'vitest';

import { repeat } from './repeat.ts';

test('does the work again and again, one at a time, also after a failure, until it is stopped', async () => {
  const errors: unknown[] = [];
  let atOnce = 0;
  let turns = 0;
  let enough = (): void => {};
  const done = new Promise<void>((resolve) => {
    enough = resolve;
  });
  const repetition = repeat(
    async () => {
      atOnce += 1;
      turns += 1;
      await new Promise((resolve) => setImmediate(resolve));
      expect(atOnce).toBe(1);
      atOnce -= 1;
      if (turns === 2) throw new Error('twice');
      if (turns === 4) enough();
    },
    { everyMs: 1, onError: (error) => errors.push(error) },
  );
  await done;
  await repetition.stop();
  await repetition.stop();
  const stopped = turns;
  await new Promise((resolve) => setImmediate(resolve));
  expect([errors.map(String), turns]).toEqual([['Error: twice'], stopped]);
});
