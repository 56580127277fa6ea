import type { AnyValue, KeyValue } from './trace-query.ts';

/**
 * Reads the JSON in which arrays and key-value lists are stored back into OTLP/JSON. Ints have no point or
 * exponent, doubles have one; `{"$bytes": …}` and `{"$double": …}` are what JSON lacks; a key that begins with
 * `$$` began with `$`. Numbers are read from their digits, so that 64 bits survive, and members one by one, so
 * that their order and a key sent twice survive too. Undefined for text that is not such JSON.
 */
export function parseTypedJson(text: string): AnyValue | undefined {
  const reader: Reader = { text, at: 0 };
  try {
    const value = readValue(reader, 0);
    return reader.at === text.length ? value : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

interface Reader {
  readonly text: string;
  at: number;
}

/** What stores it goes no deeper than 64 levels. */
const DEPTH_MAX = 128;
const NUMBER = /-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const WORDS: readonly (readonly [string, AnyValue])[] = [
  ['null', {}],
  ['true', { boolValue: true }],
  ['false', { boolValue: false }],
];

function readValue(reader: Reader, depth: number): AnyValue {
  if (depth > DEPTH_MAX) throw new SyntaxError('nested too deep');
  const first = reader.text[reader.at];
  if (first === '"') return { stringValue: readString(reader) };
  if (first === '[') return readArray(reader, depth);
  if (first === '{') return readObject(reader, depth);
  for (const [word, value] of WORDS) {
    if (!reader.text.startsWith(word, reader.at)) continue;
    reader.at += word.length;
    return value;
  }
  return readNumber(reader);
}

function readNumber(reader: Reader): AnyValue {
  NUMBER.lastIndex = reader.at;
  const digits = NUMBER.exec(reader.text)?.[0];
  if (digits === undefined) throw new SyntaxError(`no value at ${reader.at}`);
  reader.at += digits.length;
  return /[.eE]/.test(digits) ? { doubleValue: toDouble(digits) } : { intValue: digits };
}

function readString(reader: Reader): string {
  const { text, at: start } = reader;
  if (text[start] !== '"') throw new SyntaxError(`no string at ${start}`);
  let at = start + 1;
  while (text[at] !== '"') {
    if (at >= text.length) throw new SyntaxError(`the string at ${start} does not end`);
    at += text[at] === '\\' ? 2 : 1;
  }
  reader.at = at + 1;
  return JSON.parse(text.slice(start, at + 1)) as string;
}

function readArray(reader: Reader, depth: number): AnyValue {
  const values: AnyValue[] = [];
  readItems(reader, ']', () => values.push(readValue(reader, depth + 1)));
  return { arrayValue: { values } };
}

function readObject(reader: Reader, depth: number): AnyValue {
  const values: KeyValue[] = [];
  readItems(reader, '}', () => {
    const key = readString(reader);
    if (reader.text[reader.at] !== ':') throw new SyntaxError(`no colon at ${reader.at}`);
    reader.at++;
    values.push({ key, value: readValue(reader, depth + 1) });
  });
  const [only] = values;
  const text = only?.value.stringValue;
  if (values.length === 1 && text !== undefined) {
    if (only!.key === '$bytes') return { bytesValue: text };
    if (only!.key === '$double') return { doubleValue: toDouble(text) };
  }
  return {
    kvlistValue: {
      values: values.map(({ key, value }) => ({
        key: key.startsWith('$$') ? key.slice(1) : key,
        value,
      })),
    },
  };
}

function readItems(reader: Reader, close: string, readItem: () => void): void {
  reader.at++;
  if (reader.text[reader.at] === close) {
    reader.at++;
    return;
  }
  for (;;) {
    readItem();
    const separator = reader.text[reader.at++];
    if (separator === close) return;
    if (separator !== ',') throw new SyntaxError(`no comma at ${reader.at - 1}`);
  }
}

/** OTLP/JSON writes as a string what JSON numbers cannot say: what is not finite, and the negative zero. */
export function toDouble(text: string): number | string {
  const number = Number(text);
  if (Number.isFinite(number)) return Object.is(number, -0) ? '-0' : number;
  return text;
}
