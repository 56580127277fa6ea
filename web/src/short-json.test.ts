import { expect, test } from 'vitest';

import { shortJson } from './short-json.ts';

test('what is short stands on a line, strings untouched', () => {
  expect(shortJson({ args: ['a [ b', '1\n 2'], none: {}, list: [], flag: null })).toBe(
    '{ "args": ["a [ b", "1\\n 2"], "none": {}, "list": [], "flag": null }',
  );
});

test('what is long is indented, and what is nothing is empty', () => {
  const long = { text: 'x'.repeat(100) };
  expect(shortJson(long)).toBe(JSON.stringify(long, null, 2));
  expect(shortJson(undefined)).toBe('');
});
