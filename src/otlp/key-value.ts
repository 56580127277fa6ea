import type { JsonWriter } from './json-writer.ts';
import { ProtobufReader } from './protobuf-reader.ts';

/** Where a `KeyValue`'s parts are. */
export interface KeyValuePosition {
  key: string;
  /** The `AnyValue`; empty when there is none. */
  start: number;
  end: number;
}

// Read out by the caller before it looks at the value, so that every level can use the same.
const position: KeyValuePosition = { key: '', start: 0, end: 0 };
const pairReader = new ProtobufReader();

/** The parts of the `KeyValue` at `[start, end)`; valid until the next call. Throws `MalformedError`. */
export function readKeyValue(
  buffer: Buffer,
  start: number,
  end: number,
): Readonly<KeyValuePosition> {
  position.key = '';
  position.start = end;
  position.end = end;
  pairReader.open(buffer, start, end);
  while (pairReader.tag()) {
    if (pairReader.field === 1) {
      pairReader.bytes();
      position.key = buffer.toString('utf8', pairReader.start, pairReader.end);
    } else if (pairReader.field === 2) {
      pairReader.bytes();
      position.start = pairReader.start;
      position.end = pairReader.end;
    } else pairReader.skip();
  }
  return position;
}

/** Field 1 of the message at `[start, end)`, once for each time it occurs, with commas between. */
export function writeRepeated(
  out: JsonWriter,
  buffer: Buffer,
  start: number,
  end: number,
  write: (from: number, to: number) => void,
): void {
  const reader = new ProtobufReader();
  reader.open(buffer, start, end);
  let first = true;
  while (reader.tag()) {
    if (reader.field !== 1) {
      reader.skip();
      continue;
    }
    reader.bytes();
    if (!first) out.raw(',');
    first = false;
    write(reader.start, reader.end);
  }
}
