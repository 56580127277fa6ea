import { expect, test } from 'vitest';

import { isLogAttributeFilter, parseLogsSearch } from './logs-search.ts';

test('what makes no sense in the address is left out', () => {
  expect(
    parseLogsSearch({
      q: ' disk ',
      level: ['error', 'loud'],
      trace: 'AB'.repeat(16),
      span: 'short',
      attr: ['a=b', 'nothing', 'c!=d', 'e~f'],
      around: '12-3-4',
      open: 'x',
      live: 'true',
      wrap: 'no',
    }),
  ).toEqual({
    q: 'disk',
    level: ['error'],
    trace: 'ab'.repeat(16),
    attr: ['a=b', 'c!=d', 'e~f'],
    around: '12-3-4',
    live: true,
  });
});

test('a condition on an attribute has a key and a sign', () => {
  expect(['k=', 'k!=v', 'k~v', '=v', '!=v', '~v', 'k', ''].map(isLogAttributeFilter)).toEqual([
    true,
    true,
    true,
    false,
    false,
    false,
    false,
    false,
  ]);
});
