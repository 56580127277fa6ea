import { VALUE_KIND } from '../model/value-kind.ts';
import { MalformedError, ProtobufReader, WIRE } from './protobuf-reader.ts';

/** Where a value's content is, and what it is. One object, filled anew for each value. */
export interface ValuePosition {
  /** One of `VALUE_KIND`. */
  kind: number;
  /** The content of strings, bytes and messages. */
  start: number;
  end: number;
  /** The two halves of an int; `low` is 0 or 1 for a bool. */
  low: number;
  high: number;
  /** The value of an int (rounded beyond 2^53), a double or a bool. */
  number: number;
}

const reader = new ProtobufReader();

/** Reads the `AnyValue` at `[start, end)` into `into`. Throws `MalformedError`. */
export function scanAnyValue(
  buffer: Buffer,
  start: number,
  end: number,
  into: ValuePosition,
): void {
  reader.open(buffer, start, end);
  into.kind = VALUE_KIND.empty;
  into.start = start;
  into.end = start;
  into.number = 0;
  while (reader.tag()) {
    switch (reader.field) {
      case VALUE_KIND.string:
      case VALUE_KIND.array:
      case VALUE_KIND.kvlist:
      case VALUE_KIND.bytes:
        into.kind = reader.field;
        reader.bytes();
        into.start = reader.start;
        into.end = reader.end;
        break;
      case VALUE_KIND.bool:
        into.kind = VALUE_KIND.bool;
        into.low = reader.uint32() === 0 ? 0 : 1;
        into.number = into.low;
        break;
      case VALUE_KIND.int:
        if (reader.wire !== WIRE.varint)
          throw new MalformedError('an int value of the wrong wire type');
        into.kind = VALUE_KIND.int;
        reader.varint64();
        into.low = reader.low;
        into.high = reader.high;
        into.number = (into.high | 0) * 2 ** 32 + into.low;
        break;
      case VALUE_KIND.double:
        into.kind = VALUE_KIND.double;
        into.number = reader.double();
        break;
      default:
        reader.skip();
    }
  }
}

/** Decimal digits of a signed 64-bit number given as two unsigned halves. */
export function formatInt64(low: number, high: number): string {
  if (high === 0) return String(low);
  const number = (high | 0) * 2 ** 32 + low;
  if (Number.isSafeInteger(number)) return String(number);
  return String(BigInt.asIntN(64, (BigInt(high) << 32n) | BigInt(low)));
}

export function formatDouble(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (value === Infinity) return 'Infinity';
  if (value === -Infinity) return '-Infinity';
  return Object.is(value, -0) ? '-0' : String(value);
}
