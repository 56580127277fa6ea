import * as fc from 'fast-check';
import { expect, test } from 'vitest';

import { diffLines } from './line-diff.ts';

const shown = (before: string, after: string) =>
  diffLines(before, after).map(
    ({ kind, text }) => `${{ same: ' ', gone: '-', new: '+' }[kind]}${text}`,
  );

test('lines that stay, go and come stand in their order', () => {
  expect(shown('a\nb\nc', 'a\nx\nc\nd')).toEqual([' a', '-b', '+x', ' c', '+d']);
  expect(shown('', 'a')).toEqual(['-', '+a']);
  expect(shown('a\nb', 'a\nb')).toEqual([' a', ' b']);
});

test('both texts can be read from it, whatever they are', () => {
  const text = fc.array(fc.constantFrom('a', 'b', 'c', ''), { maxLength: 12 });
  fc.assert(
    fc.property(text, text, (old, next) => {
      const [before, after] = [old.join('\n'), next.join('\n')];
      const lines = diffLines(before, after);
      const without = (kind: string) =>
        lines.filter((line) => line.kind !== kind).map((line) => line.text);
      expect(without('new').join('\n')).toBe(before);
      expect(without('gone').join('\n')).toBe(after);
    }),
  );
});

test('texts of very many lines are shown one after the other', () => {
  const many = Array.from({ length: 2_000 }, (_, at) => String(at)).join('\n');
  expect(diffLines(many, 'x')).toHaveLength(2_001);
});
