import { expect, test } from 'vitest';

import { decodeCursor, encodeCursor } from './cursor.ts';

test('gives back what was encoded', () => {
  const key = ['1763632800000000001', 'a "trace"', 7];
  expect(decodeCursor(encodeCursor(key), 3)).toEqual(key);
  expect(encodeCursor(key)).toMatch(/^[\w-]+$/);
});

test.each(['', 'nonsense', encodeCursor(['a']), Buffer.from('[null,2]').toString('base64url')])(
  'refuses the cursor %j',
  (cursor) => {
    expect(() => decodeCursor(cursor, 2)).toThrow(/is not one of ours/);
  },
);
