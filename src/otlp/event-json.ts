import { formatInt64 } from './any-value.ts';
import { eachField } from './each-field.ts';
import type { JsonWriter } from './json-writer.ts';
import { writeKeyValue } from './otlp-json.ts';
import { ProtobufReader } from './protobuf-reader.ts';

// Events hold no events, so that one reader serves them all.
const messageReader = new ProtobufReader();

/** `attributes` in OTLP JSON, from the message at `[start, end)` that has them in `field`. */
function writeAttributes(
  out: JsonWriter,
  buffer: Buffer,
  range: { readonly start: number; readonly end: number },
  field: number,
): void {
  let separator = ',"attributes":[';
  eachField(buffer, range, field, (start, end) => {
    out.raw(separator);
    separator = ',';
    writeKeyValue(out, buffer, start, end);
  });
  out.raw(']');
}

/** The `Span.Event` at `[start, end)` in OTLP JSON; returns its name. */
export function writeEvent(out: JsonWriter, buffer: Buffer, start: number, end: number): string {
  const reader = messageReader;
  reader.open(buffer, start, end);
  let time = '0';
  let name = '';
  let dropped = 0;
  let hasAttributes = false;
  while (reader.tag()) {
    switch (reader.field) {
      case 1:
        time = formatUint64(buffer, reader.fixed64());
        break;
      case 2:
        reader.bytes();
        name = buffer.toString('utf8', reader.start, reader.end);
        break;
      case 3:
        reader.bytes();
        hasAttributes = true;
        break;
      case 4:
        dropped = reader.uint32();
        break;
      default:
        reader.skip();
    }
  }
  out.raw(`{"timeUnixNano":"${time}","name":`);
  out.string(name);
  if (hasAttributes) writeAttributes(out, buffer, { start, end }, 3);
  out.raw(dropped === 0 ? '}' : `,"droppedAttributesCount":${dropped}}`);
  return name;
}

/** The `Span.Link` at `[start, end)` in OTLP JSON. */
export function writeLink(out: JsonWriter, buffer: Buffer, start: number, end: number): void {
  const reader = messageReader;
  reader.open(buffer, start, end);
  let traceId = '';
  let spanId = '';
  let traceState = '';
  let dropped = 0;
  let flags = 0;
  let hasAttributes = false;
  while (reader.tag()) {
    switch (reader.field) {
      case 1:
        reader.bytes();
        traceId = buffer.toString('hex', reader.start, reader.end);
        break;
      case 2:
        reader.bytes();
        spanId = buffer.toString('hex', reader.start, reader.end);
        break;
      case 3:
        reader.bytes();
        traceState = buffer.toString('utf8', reader.start, reader.end);
        break;
      case 4:
        reader.bytes();
        hasAttributes = true;
        break;
      case 5:
        dropped = reader.uint32();
        break;
      case 6:
        flags = reader.fixed32();
        break;
      default:
        reader.skip();
    }
  }
  out.raw(`{"traceId":"${traceId}","spanId":"${spanId}"`);
  if (traceState !== '') {
    out.raw(',"traceState":');
    out.string(traceState);
  }
  if (hasAttributes) writeAttributes(out, buffer, { start, end }, 4);
  if (dropped !== 0) out.raw(`,"droppedAttributesCount":${dropped}`);
  out.raw(flags === 0 ? '}' : `,"flags":${flags}}`);
}

/** Decimal digits of the unsigned 64-bit number at a position. */
export function formatUint64(buffer: Buffer, at: number): string {
  const low = buffer.readUInt32LE(at);
  const high = buffer.readUInt32LE(at + 4);
  return high < 0x80000000 ? formatInt64(low, high) : String(buffer.readBigUInt64LE(at));
}

/** `exception.type` of the `Span.Event` at `[start, end)`, or '' when it has none. */
export function exceptionTypeOf(buffer: Buffer, start: number, end: number): string {
  const reader = new ProtobufReader();
  reader.open(buffer, start, end);
  while (reader.tag()) {
    if (reader.field !== 3) {
      reader.skip();
      continue;
    }
    reader.bytes();
    const found = stringAttribute(buffer, reader.start, reader.end, 'exception.type');
    if (found !== '') return found;
  }
  return '';
}

function stringAttribute(buffer: Buffer, start: number, end: number, wanted: string): string {
  const reader = new ProtobufReader();
  reader.open(buffer, start, end);
  let matches = false;
  let value = '';
  while (reader.tag()) {
    if (reader.field === 1) {
      reader.bytes();
      matches = buffer.toString('utf8', reader.start, reader.end) === wanted;
    } else if (reader.field === 2) {
      reader.bytes();
      const inner = new ProtobufReader();
      inner.open(buffer, reader.start, reader.end);
      if (inner.tag() && inner.field === 1) {
        inner.bytes();
        value = buffer.toString('utf8', inner.start, inner.end);
      }
    } else reader.skip();
  }
  return matches ? value : '';
}
