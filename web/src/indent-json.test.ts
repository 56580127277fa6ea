import { expect, it } from 'vitest';
import { indentJson } from './indent-json.ts';

it.each([
  { a: 1, b: [2, { c: 'x, {y}: "z"' }], d: {}, e: [], f: null, g: [[true], -1.5] },
  [1, 2],
  {},
  [],
  { 'k\\"': '\\' },
])('indents %j as JavaScript does', (value) => {
  expect(indentJson(JSON.stringify(value))).toBe(JSON.stringify(value, null, 2));
});

it('changes nothing but white space', () => {
  expect(indentJson('{ "id":9007199254740993,"id":1.0e+2, "u":"\\u0041" }')).toBe(
    '{\n  "id": 9007199254740993,\n  "id": 1.0e+2,\n  "u": "\\u0041"\n}',
  );
});

it.each(['', 'text', '12', '"text"', '{not json', '[1,]', `${'['.repeat(500)}${']'.repeat(500)}`])(
  'leaves %j as it is',
  (text) => {
    expect(indentJson(text)).toBe(text);
  },
);

it('leaves text that is too long to indent as it is', () => {
  const text = JSON.stringify(Array.from({ length: 100_000 }, () => 1));
  expect(indentJson(text)).toBe(text);
});
