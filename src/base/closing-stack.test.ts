import { expect, test } from 'vitest';

import { ClosingStack } from './closing-stack.ts';

test('closes each once, the newest first, whatever one of them throws', async () => {
  const closed: string[] = [];
  const stack = new ClosingStack();
  stack.add(() => closed.push('first'));
  stack.add(async () => {
    await Promise.resolve();
    closed.push('second');
    throw new Error('no');
  });
  stack.add(() => {
    closed.push('third');
    throw new Error('no');
  });
  await stack.close();
  await stack.close();
  expect(closed).toEqual(['third', 'second', 'first']);
});
