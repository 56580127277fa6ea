import { expect, it } from 'vitest';
import { createKeySequence } from './key-sequence.ts';

const NAMES = ['a', 'j', 'g a', 'g t'];

function type(...presses: (readonly [string, number])[]): (string | undefined)[] {
  const sequence = createKeySequence();
  return presses.map(([key, atMs]) => sequence.press({ key, atMs }, NAMES));
}

it('knows single keys', () => {
  expect(type(['j', 0], ['x', 10])).toEqual(['j', undefined]);
});

it('prefers two keys pressed one after the other to the second alone', () => {
  expect(type(['g', 0], ['a', 300])).toEqual([undefined, 'g a']);
});

it('forgets the first key after a while', () => {
  expect(type(['g', 0], ['a', 1500])).toEqual([undefined, 'a']);
});

it('takes a key that completes nothing by itself', () => {
  expect(type(['g', 0], ['j', 100], ['a', 200])).toEqual([undefined, 'j', 'a']);
});

it('lets the first key be pressed again', () => {
  expect(type(['g', 0], ['g', 100], ['t', 200])).toEqual([undefined, undefined, 'g t']);
});
