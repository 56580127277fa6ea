import { formatInt64 } from './any-value.ts';
import { eachField } from './each-field.ts';
import { formatUint64 } from './event-json.ts';
import type { JsonWriter } from './json-writer.ts';
import { doubleJson, writeKeyValue } from './otlp-json.ts';
import { ProtobufReader } from './protobuf-reader.ts';

/**
 * The `Exemplar` at `[start, end)` in OTLP JSON. An id that has not its size is left out: the measurement is
 * good without it.
 */
export function writeExemplar(out: JsonWriter, buffer: Buffer, start: number, end: number): void {
  const reader = new ProtobufReader();
  reader.open(buffer, start, end);
  let time = '0';
  let value = '';
  let spanId = '';
  let traceId = '';
  let hasAttributes = false;
  while (reader.tag()) {
    switch (reader.field) {
      case 2:
        time = formatUint64(buffer, reader.fixed64());
        break;
      case 3:
        value = `,"asDouble":${doubleJson(reader.double())}`;
        break;
      case 4:
        spanId = hexOfSize(reader, 8);
        break;
      case 5:
        traceId = hexOfSize(reader, 16);
        break;
      case 6: {
        const at = reader.fixed64();
        value = `,"asInt":"${formatInt64(buffer.readUInt32LE(at), buffer.readUInt32LE(at + 4))}"`;
        break;
      }
      case 7:
        reader.bytes();
        hasAttributes = true;
        break;
      default:
        reader.skip();
    }
  }
  out.raw(`{"timeUnixNano":"${time}"${value}`);
  if (spanId !== '') out.raw(`,"spanId":"${spanId}"`);
  if (traceId !== '') out.raw(`,"traceId":"${traceId}"`);
  if (hasAttributes) {
    let separator = ',"filteredAttributes":[';
    eachField(buffer, { start, end }, 7, (from, to) => {
      out.raw(separator);
      separator = ',';
      writeKeyValue(out, buffer, from, to);
    });
    out.raw(']');
  }
  out.raw('}');
}

function hexOfSize(reader: ProtobufReader, size: number): string {
  reader.bytes();
  if (reader.end - reader.start !== size) return '';
  return reader.buffer.toString('hex', reader.start, reader.end);
}
