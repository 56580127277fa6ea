import { AppError } from '../errors.ts';

/** The sort key of a page's last row, as an opaque word that clients send back to get the next page. */
export function encodeCursor(key: readonly (string | number)[]): string {
  return Buffer.from(JSON.stringify(key)).toString('base64url');
}

/** Throws `VALIDATION_ERROR` for a word that `encodeCursor` did not make with as many parts. */
export function decodeCursor(cursor: string, parts: number): readonly (string | number)[] {
  const key = parse(cursor);
  const valid =
    Array.isArray(key) &&
    key.length === parts &&
    key.every((part) => typeof part === 'string' || typeof part === 'number');
  if (valid) return key;
  throw new AppError(
    'VALIDATION_ERROR',
    `the cursor "${cursor.slice(0, 40)}" is not one of ours; send meta.next_cursor as it was answered`,
  );
}

function parse(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
  } catch {
    return undefined;
  }
}
