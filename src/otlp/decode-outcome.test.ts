import { expect, test } from 'vitest';

import { Rejections } from './decode-outcome.ts';

const rejected = (...reasons: string[]): string => {
  const rejections = new Rejections();
  for (const reason of reasons) rejections.add(reason);
  return rejections.message('span');
};

test('rejections are told by reason, with how often each was met', () => {
  expect(rejected()).toBe('');
  expect(rejected('a')).toBe('1 span rejected: a (1)');
  expect(rejected('a', 'b', 'a')).toBe('3 spans rejected: a (2); b (1)');
});

test('what goes beyond five reasons is counted and not told', () => {
  expect(rejected('a', 'b', 'c', 'd', 'e', 'f', 'g', 'a')).toBe(
    '8 spans rejected: a (2); b (1); c (1); d (1); e (1); other reasons (2)',
  );
});

test('a reason that quotes too much is cut', () => {
  expect(rejected('x'.repeat(1_000_000))).toBe(`1 span rejected: ${'x'.repeat(200)}… (1)`);
});
