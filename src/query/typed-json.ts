import type { AnyValue } from './trace-query.ts';

/**
 * Reads the JSON in which arrays and key-value lists are stored back into OTLP/JSON. Ints have no point or
 * exponent, doubles have one; `{"$bytes": …}` and `{"$double": …}` are what JSON lacks; a key that begins with
 * `$$` began with `$`. Numbers are read from their digits, so that 64 bits survive.
 */
export function parseTypedJson(text: string): AnyValue | undefined {
  const marked = markInts(text);
  try {
    return toAnyValue(JSON.parse(marked));
  } catch {
    // A payload of it has expired, or it was cut: callers show the text.
    return undefined;
  }
}

const INT = '$int';
const DOUBLE = '$double';
const BYTES = '$bytes';

/** Wraps every number outside strings, so that its digits reach `toAnyValue` unrounded. */
function markInts(text: string): string {
  return text.replace(/"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g, (token) => {
    if (token.startsWith('"')) return token;
    return /[.eE]/.test(token) ? `{"${DOUBLE}":"${token}"}` : `{"${INT}":"${token}"}`;
  });
}

function toAnyValue(value: unknown): AnyValue {
  if (value === null || value === undefined) return {};
  if (typeof value === 'string') return { stringValue: value };
  if (typeof value === 'boolean') return { boolValue: value };
  if (Array.isArray(value)) return { arrayValue: { values: value.map(toAnyValue) } };
  return objectValue(value as Record<string, unknown>);
}

function objectValue(value: Record<string, unknown>): AnyValue {
  const entries = Object.entries(value);
  const [key, inner] = entries[0] ?? ['', undefined];
  if (entries.length === 1 && typeof inner === 'string') {
    if (key === INT) return { intValue: inner };
    if (key === BYTES) return { bytesValue: inner };
    if (key === DOUBLE)
      return { doubleValue: Number.isFinite(Number(inner)) ? Number(inner) : inner };
  }
  const values = entries.map(([name, item]) => ({
    key: name.startsWith('$$') ? name.slice(1) : name,
    value: toAnyValue(item),
  }));
  return { kvlistValue: { values } };
}
