import { VALUE_KIND } from '../model/value-kind.ts';
import type { ValuePosition } from './any-value.ts';
import { formatDouble, formatInt64, scanAnyValue } from './any-value.ts';
import type { JsonWriter } from './json-writer.ts';
import { readKeyValue, writeRepeated } from './key-value.ts';
import { MalformedError } from './protobuf-reader.ts';

/**
 * Arrays and key-value lists as plain JSON, from which every value can be told again: ints have no
 * point or exponent and doubles always have one; what JSON lacks is an object with one `$` key
 * (`{"$bytes": base64}`, `{"$double": "NaN"}`); a key of the sender that begins with `$` gets another `$`.
 */

/** Deeper values are refused: no sender nests so far, and each level costs a stack frame. */
const DEPTH_MAX = 64;

// Read out before what is inside is looked at, so that every level can use the same.
const position: ValuePosition = { kind: 0, start: 0, end: 0, low: 0, high: 0, number: 0 };

/** The `ArrayValue` at `[start, end)`: `repeated AnyValue values = 1`. */
export function writeArrayJson(
  out: JsonWriter,
  buffer: Buffer,
  start: number,
  end: number,
  depth: number,
): void {
  out.raw('[');
  writeRepeated(out, buffer, start, end, (from, to) =>
    writeValueJson(out, buffer, from, to, depth + 1),
  );
  out.raw(']');
}

/** The `KeyValueList` at `[start, end)`: `repeated KeyValue values = 1`. */
export function writeKeyValueListJson(
  out: JsonWriter,
  buffer: Buffer,
  start: number,
  end: number,
  depth: number,
): void {
  out.raw('{');
  writeRepeated(out, buffer, start, end, (from, to) =>
    writeMemberJson(out, buffer, from, to, depth + 1),
  );
  out.raw('}');
}

/** The `KeyValue` at `[start, end)` as a member of an object. */
export function writeMemberJson(
  out: JsonWriter,
  buffer: Buffer,
  start: number,
  end: number,
  depth: number,
): void {
  const { key, start: valueStart, end: valueEnd } = readKeyValue(buffer, start, end);
  out.string(key.startsWith('$') ? `$${key}` : key);
  out.raw(':');
  writeValueJson(out, buffer, valueStart, valueEnd, depth);
}

export function writeValueJson(
  out: JsonWriter,
  buffer: Buffer,
  start: number,
  end: number,
  depth: number,
): void {
  if (depth > DEPTH_MAX) throw new MalformedError(`a value nested deeper than ${DEPTH_MAX} levels`);
  const value = position;
  scanAnyValue(buffer, start, end, value);
  switch (value.kind) {
    case VALUE_KIND.string:
      out.string(buffer.toString('utf8', value.start, value.end));
      return;
    case VALUE_KIND.bool:
      out.raw(value.low === 0 ? 'false' : 'true');
      return;
    case VALUE_KIND.int:
      out.raw(formatInt64(value.low, value.high));
      return;
    case VALUE_KIND.double:
      writeDouble(out, value.number);
      return;
    case VALUE_KIND.array:
      writeArrayJson(out, buffer, value.start, value.end, depth);
      return;
    case VALUE_KIND.kvlist:
      writeKeyValueListJson(out, buffer, value.start, value.end, depth);
      return;
    case VALUE_KIND.bytes:
      out.raw(`{"$bytes":"${buffer.toString('base64', value.start, value.end)}"}`);
      return;
    default:
      out.raw('null');
  }
}

function writeDouble(out: JsonWriter, value: number): void {
  const text = formatDouble(value);
  if (!Number.isFinite(value)) out.raw(`{"$double":"${text}"}`);
  else out.raw(/[.eE]/.test(text) ? text : `${text}.0`);
}
