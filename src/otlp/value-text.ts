import type { StringColumn } from '../base/string-column.ts';
import { ATTRIBUTE_TYPE } from '../model/attribute-columns.ts';
import { VALUE_KIND } from '../model/value-kind.ts';
import { writeArrayJson, writeKeyValueListJson } from './any-value-json.ts';
import type { ValuePosition } from './any-value.ts';
import { formatDouble, formatInt64 } from './any-value.ts';
import { JsonWriter } from './json-writer.ts';

/** Type letters by kind. */
export const TYPE_LETTERS: readonly number[] = [
  ATTRIBUTE_TYPE.empty,
  ATTRIBUTE_TYPE.string,
  ATTRIBUTE_TYPE.bool,
  ATTRIBUTE_TYPE.int,
  ATTRIBUTE_TYPE.double,
  ATTRIBUTE_TYPE.array,
  ATTRIBUTE_TYPE.kvlist,
  ATTRIBUTE_TYPE.bytes,
].map((letter) => letter.charCodeAt(0));

const json = new JsonWriter();

/** The value as its stored text, for all kinds but strings, whose bytes are taken as they are. */
export function formatValue(buffer: Buffer, value: ValuePosition): string {
  switch (value.kind) {
    case VALUE_KIND.string:
      return buffer.toString('utf8', value.start, value.end);
    case VALUE_KIND.bool:
      return value.low === 0 ? 'false' : 'true';
    case VALUE_KIND.int:
      return formatInt64(value.low, value.high);
    case VALUE_KIND.double:
      return formatDouble(value.number);
    case VALUE_KIND.bytes:
      return buffer.toString('base64', value.start, value.end);
    case VALUE_KIND.array:
      json.reset();
      writeArrayJson(json, buffer, value.start, value.end, 0);
      return json.text();
    case VALUE_KIND.kvlist:
      json.reset();
      writeKeyValueListJson(json, buffer, value.start, value.end, 0);
      return json.text();
    default:
      return '';
  }
}

/** Appends the value's stored text to the column. */
export function pushValue(column: StringColumn, buffer: Buffer, value: ValuePosition): void {
  if (value.kind === VALUE_KIND.int && value.high === 0 && value.low < 0x80000000) {
    column.pushDigits(value.low);
  } else if (value.kind === VALUE_KIND.string) column.push(buffer, value.start, value.end);
  else if (value.kind === VALUE_KIND.empty) column.pushEmpty();
  else column.pushText(formatValue(buffer, value));
}

/** Any value as text; for readers outside this room that have only a position. */
export function renderValue(buffer: Uint8Array, kind: number, start: number, end: number): string {
  const bytes = buffer as Buffer;
  return formatValue(bytes, { kind, start, end, low: 0, high: 0, number: 0 });
}
