import { expect, test } from 'vitest';

import { parseRowsInTurns } from './json-rows.ts';

const encode = (rows: readonly unknown[]): Uint8Array =>
  new TextEncoder().encode(rows.map((row) => `${JSON.stringify(row)}\n`).join(''));

test('rows are parsed piece by piece, wherever characters of several bytes and newlines in values stand', async () => {
  const rows = Array.from({ length: 3_000 }, (_, at) => ({
    at,
    text: 'Grüße 🚦\n'.repeat(at % 90),
  }));
  expect(encode(rows).length).toBeGreaterThan(1 << 20);
  expect(await parseRowsInTurns(encode(rows))).toEqual(rows);
});

test('no rows, few rows, and one that is longer than a piece', async () => {
  const long = [{ text: 'ü'.repeat(400_000) }, { text: '' }];
  expect(await parseRowsInTurns(encode([]))).toEqual([]);
  expect(await parseRowsInTurns(encode([{ a: 1 }]))).toEqual([{ a: 1 }]);
  expect(await parseRowsInTurns(encode(long))).toEqual(long);
});
