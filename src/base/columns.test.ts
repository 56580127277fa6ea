import * as fc from 'fast-check';
import { expect, test } from 'vitest';

import { strings, texts } from '../../test/fixtures/otlp/plain-columns.ts';
import { DictionaryColumn } from './dictionary-column.ts';
import { Interner } from './interner.ts';
import { markAll, restoreAll } from './mark.ts';
import { Uint32Column } from './number-column.ts';
import { StringColumn } from './string-column.ts';

const text = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 60 }),
  fc.integer({ min: 120, max: 140 }).map((length) => 'x'.repeat(length)),
  fc.integer({ min: 40, max: 44 }).map((length) => '€'.repeat(length)),
);

/** A value and the way it is pushed. */
const push = fc.record({ text, way: fc.constantFrom('bytes', 'text') });

function pushAll(
  column: StringColumn | DictionaryColumn,
  pushes: readonly { text: string; way: string }[],
): void {
  for (const { text: value, way } of pushes) {
    const bytes = Buffer.from(`(${value})`, 'utf8');
    if (way === 'bytes') column.push(bytes, 1, bytes.length - 1);
    else column.pushText(value);
  }
}

const values = (pushes: readonly { text: string }[]): string[] => pushes.map((each) => each.text);

test('a string column holds what was pushed, whichever way', () => {
  fc.assert(
    fc.property(fc.array(push), (pushes) => {
      const column = new StringColumn(1);
      pushAll(column, pushes);
      expect(strings(column)).toEqual(values(pushes));
      expect(column.count).toBe(pushes.length);
    }),
  );
});

test('a string column holds empty strings and digits', () => {
  const column = new StringColumn();
  column.pushEmpty();
  for (const number of [0, 9, 10, 2_147_483_647]) column.pushDigits(number);
  column.pushEmpty();
  expect(strings(column)).toEqual(['', '0', '9', '10', '2147483647', '']);
});

test('a dictionary column holds what was pushed, and each distinct string once', () => {
  fc.assert(
    fc.property(fc.array(push), (pushes) => {
      const column = new DictionaryColumn();
      pushAll(column, pushes);
      expect(texts(column)).toEqual(values(pushes));
      expect(column.dictionary.count).toBe(new Set(values(pushes)).size);
    }),
  );
});

test('columns may share a dictionary', () => {
  const dictionary = new Interner();
  const [a, b] = [new DictionaryColumn(dictionary), new DictionaryColumn(dictionary)];
  expect([a.pushText('x'), b.pushText('y'), b.pushText('x')]).toEqual([0, 1, 0]);
  expect([texts(a), texts(b)]).toEqual([['x'], ['y', 'x']]);
});

test('a number column holds what was pushed beyond its first capacity', () => {
  const column = new Uint32Column(2);
  const numbers = Array.from({ length: 1000 }, (_, at) => (at * 2654435761) % 2 ** 32);
  for (const number of numbers) column.push(number);
  expect([...column.values.subarray(0, column.count)]).toEqual(numbers);
});

test('marks of many columns restore each to its own end', () => {
  fc.assert(
    fc.property(fc.array(push), fc.array(push), fc.array(push), (kept, cut, after) => {
      const column = new StringColumn();
      const dictionary = new DictionaryColumn();
      const numbers = new Uint32Column(1);
      const parts = [column, dictionary, numbers];
      const add = (pushes: readonly { text: string; way: string }[]): void => {
        pushAll(column, pushes);
        pushAll(dictionary, pushes);
        for (const each of pushes) numbers.push(each.text.length);
      };
      add(kept);
      const mark = markAll(parts);
      add(cut);
      restoreAll(parts, mark);
      add(after);
      const expected = values([...kept, ...after]);
      expect(strings(column)).toEqual(expected);
      expect(texts(dictionary)).toEqual(expected);
      expect([...numbers.values.subarray(0, numbers.count)]).toEqual(
        expected.map(({ length }) => length),
      );
    }),
  );
});

test('reset empties every column', () => {
  const column = new StringColumn();
  const dictionary = new DictionaryColumn();
  const numbers = new Uint32Column();
  column.pushText('a');
  dictionary.pushText('a');
  numbers.push(1);
  for (const each of [column, dictionary, numbers]) each.reset();
  dictionary.pushText('b');
  expect([column.count, texts(dictionary), dictionary.dictionary.count, numbers.count]).toEqual([
    0,
    ['b'],
    1,
    0,
  ]);
});
