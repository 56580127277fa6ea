import * as fc from 'fast-check';
import { expect, test } from 'vitest';

import { AnswerCache } from './answer-cache.ts';

test('an answer is found by its question alone, however few the slots', () => {
  const part = fc.integer({ min: -1, max: 3 });
  fc.assert(
    fc.property(fc.array(fc.tuple(part, part, part, part)), (questions) => {
      const cache = new AnswerCache<string>(4);
      for (const [a, b, c, d] of questions) {
        const answer = `${a} ${b} ${c} ${d}`;
        const found = cache.find(a, b, c, d) ?? cache.keep(answer);
        expect(found).toBe(answer);
        expect(cache.find(a, b, c, d)).toBe(answer);
      }
    }),
  );
});

test('nothing is known after a reset, nor before the first answer', () => {
  const cache = new AnswerCache<string>(4);
  expect(cache.find(0, 0, 0, 0)).toBeUndefined();
  cache.keep('zero');
  cache.reset();
  expect(cache.find(0, 0, 0, 0)).toBeUndefined();
});
