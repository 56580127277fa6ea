import { ProtobufReader } from './protobuf-reader.ts';

/**
 * Visits the content of every occurrence of a length-delimited field in the message at `[start, end)`. Messages
 * are walked a second time for their lists rather than remembering places: a list of empty elements has
 * many times more places than bytes.
 */
export function eachField(
  buffer: Buffer,
  range: { readonly start: number; readonly end: number },
  field: number,
  visit: (start: number, end: number) => void,
): void {
  const reader = new ProtobufReader();
  reader.open(buffer, range.start, range.end);
  while (reader.tag()) {
    if (reader.field !== field) {
      reader.skip();
      continue;
    }
    reader.bytes();
    visit(reader.start, reader.end);
  }
}
