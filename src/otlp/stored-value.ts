import type { StringColumn } from '../base/string-column.ts';
import type { PayloadColumns } from '../model/payload-columns.ts';
import { VALUE_KIND } from '../model/value-kind.ts';
import type { ValuePosition } from './any-value.ts';
import { PAYLOAD_BYTES_MIN, pushLargeValue } from './payload-split.ts';
import { formatValue, pushValue, TYPE_LETTERS } from './value-text.ts';

const UPPER = 0x20;

/**
 * Appends the value's stored text to the column and returns its type letter (`ATTRIBUTE_TYPE`): a capital
 * one when the value was large and left the row for `payloads`.
 */
export function pushStoredValue(
  column: StringColumn,
  payloads: PayloadColumns,
  buffer: Buffer,
  value: ValuePosition,
): number {
  const letter = TYPE_LETTERS[value.kind]!;
  if (value.end - value.start < PAYLOAD_BYTES_MIN) {
    pushValue(column, buffer, value);
    return letter;
  }
  if (value.kind === VALUE_KIND.string) {
    pushLargeValue(column, payloads, buffer, value.start, value.end);
  } else {
    const text = Buffer.from(formatValue(buffer, value), 'utf8');
    pushLargeValue(column, payloads, text, 0, text.length);
  }
  return letter - UPPER;
}
