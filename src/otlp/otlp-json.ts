import { VALUE_KIND } from '../model/value-kind.ts';
import type { ValuePosition } from './any-value.ts';
import { formatDouble, formatInt64, scanAnyValue } from './any-value.ts';
import type { JsonWriter } from './json-writer.ts';
import { readKeyValue, writeRepeated } from './key-value.ts';
import { MalformedError } from './protobuf-reader.ts';

/** Pieces of messages in the OTLP JSON encoding (ids in hex, 64-bit numbers as strings). */

const DEPTH_MAX = 64;

// Read out before what is inside is looked at, so that every level can use the same.
const position: ValuePosition = { kind: 0, start: 0, end: 0, low: 0, high: 0, number: 0 };

/** The `AnyValue` at `[start, end)` as `{"stringValue": …}` and so on; `{}` when it is empty. */
export function writeAnyValue(
  out: JsonWriter,
  buffer: Buffer,
  start: number,
  end: number,
  depth = 0,
): void {
  if (depth > DEPTH_MAX) throw new MalformedError(`a value nested deeper than ${DEPTH_MAX} levels`);
  const value = position;
  scanAnyValue(buffer, start, end, value);
  switch (value.kind) {
    case VALUE_KIND.string:
      out.raw('{"stringValue":');
      out.string(buffer.toString('utf8', value.start, value.end));
      out.raw('}');
      return;
    case VALUE_KIND.bool:
      out.raw(value.low === 0 ? '{"boolValue":false}' : '{"boolValue":true}');
      return;
    case VALUE_KIND.int:
      out.raw(`{"intValue":"${formatInt64(value.low, value.high)}"}`);
      return;
    case VALUE_KIND.double:
      out.raw(`{"doubleValue":${doubleJson(value.number)}}`);
      return;
    case VALUE_KIND.bytes:
      out.raw(`{"bytesValue":"${buffer.toString('base64', value.start, value.end)}"}`);
      return;
    case VALUE_KIND.array:
      out.raw('{"arrayValue":{"values":[');
      writeRepeated(out, buffer, value.start, value.end, (from, to) =>
        writeAnyValue(out, buffer, from, to, depth + 1),
      );
      out.raw(']}}');
      return;
    case VALUE_KIND.kvlist:
      out.raw('{"kvlistValue":{"values":[');
      writeRepeated(out, buffer, value.start, value.end, (from, to) =>
        writeKeyValue(out, buffer, from, to, depth + 1),
      );
      out.raw(']}}');
      return;
    default:
      out.raw('{}');
  }
}

export function doubleJson(value: number): string {
  const text = formatDouble(value);
  return Number.isFinite(value) ? text : `"${text}"`;
}

/** The `KeyValue` at `[start, end)` as `{"key": …, "value": …}`. */
export function writeKeyValue(
  out: JsonWriter,
  buffer: Buffer,
  start: number,
  end: number,
  depth = 0,
): void {
  const { key, start: valueStart, end: valueEnd } = readKeyValue(buffer, start, end);
  out.raw('{"key":');
  out.string(key);
  out.raw(',"value":');
  writeAnyValue(out, buffer, valueStart, valueEnd, depth);
  out.raw('}');
}
