import { expect, test } from 'vitest';

import { Admission } from './admission.ts';

test('requests are admitted up to the bound, and again when others are done', () => {
  const admission = new Admission(100);
  admission.reserve(60);
  admission.reserve(40);
  expect(() => admission.reserve(1)).toThrow(
    expect.objectContaining({ code: 'OVERLOADED', retryAfterSeconds: 1, retryable: true }),
  );
  expect(admission.bytes).toBe(100);
  admission.release(40);
  admission.reserve(39);
  expect(admission.bytes).toBe(99);
});

test('a request larger than the bound is refused and holds nothing', () => {
  const admission = new Admission(100);
  expect(() => admission.reserve(101)).toThrow('more work than it may hold');
  admission.reserve(100);
});
