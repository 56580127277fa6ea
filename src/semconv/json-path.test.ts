import { expect, test } from 'vitest';

import { parseJson, parseNotation, unquote, valueAt } from './json-path.ts';

test('a path leads through objects, and through an array to the first element that has the rest', () => {
  const root = { a: { b: 1 }, list: [null, { c: 'x' }, { c: 'y', d: [{ e: 2 }] }], n: null };
  const at = (path: string): unknown => valueAt(root, path.split('.'));
  expect(['a.b', 'list.*.c', 'list.*.d.*.e'].map(at)).toEqual([1, 'x', 2]);
});

test('a path that leads to nothing, or to what is no string or number, gives nothing', () => {
  const root = { a: { b: true }, list: [], s: 'text' };
  const paths = ['a', 'a.b', 'a.c', 'list.*.c', 'a.*.b', 's.length', 'constructor.name', 'x.y'];
  expect(paths.map((path) => valueAt(root, path.split('.')))).toEqual(paths.map(() => undefined));
  expect([undefined, null, 3].map((other) => valueAt(other, ['a']))).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
});

test('what is no JSON has no parts', () => {
  expect([parseJson('{"a":1}'), parseJson('{a:1}'), parseJson('')]).toEqual([
    { a: 1 },
    undefined,
    undefined,
  ]);
});

test('only a JSON-encoded string loses its quotes', () => {
  const texts = ['"gpt-4o"', '"say \\"hi\\""', 'plain', '"', '""', '"half', '"bad\\x"', '["a"]'];
  expect(texts.map(unquote)).toEqual([
    'gpt-4o',
    'say "hi"',
    'plain',
    '"',
    '',
    '"half',
    'bad\\x',
    '["a"]',
  ]);
});

test("Python's notation of a dictionary is read, where no string needs other quotes", () => {
  expect(parseNotation("{'a': None, 'b': [True, False], 'c': {'d': 1.5, 'e': 'text'}}")).toEqual({
    a: null,
    b: [true, false],
    c: { d: 1.5, e: 'text' },
  });
  expect(parseNotation('{"a": "None"}')).toEqual({ a: 'None' });
  expect(parseNotation(`{'a': "it's"}`)).toBeUndefined();
  expect(parseNotation(`{'a': '${'x'.repeat(16_384)}'}`)).toBeUndefined();
});
