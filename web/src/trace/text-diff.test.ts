import { array, assert, constantFrom, property } from 'fast-check';
import { expect, test } from 'vitest';
import { diffLines } from './text-diff.ts';

test('lines in common stay, the others are of one text or the other', () => {
  expect(diffLines('one\ntwo\nthree', 'one\n2\nthree\nfour')).toEqual({
    lines: [
      { kind: 'same', text: 'one' },
      { kind: 'a', text: 'two' },
      { kind: 'b', text: '2' },
      { kind: 'same', text: 'three' },
      { kind: 'b', text: 'four' },
    ],
    cut: false,
  });
  expect(diffLines('x\n'.repeat(2_000), '').cut).toBe(true);
});

test('both texts can be put together again from the lines', () => {
  const text = array(constantFrom('a', 'b', 'c'), { maxLength: 12 });
  assert(
    property(text, text, (a, b) => {
      const { lines } = diffLines(a.join('\n'), b.join('\n'));
      const of = (side: 'a' | 'b') =>
        lines
          .filter(({ kind }) => kind === 'same' || kind === side)
          .map((line) => line.text)
          .join('\n');
      expect([of('a'), of('b')]).toEqual([a.join('\n'), b.join('\n')]);
    }),
  );
});
