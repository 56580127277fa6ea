import { ByteBuilder } from '../../src/base/byte-builder.ts';

/** Writes protocol buffers messages: only what the generators of benchmark traffic need. */
export class ProtobufWriter {
  readonly out = new ByteBuilder(1 << 16);

  varint(field: number, value: number): void {
    this.out.varint(field * 8);
    this.out.varint(value);
  }

  fixed64(field: number, value: bigint): void {
    this.out.varint(field * 8 + 1);
    this.out.u64(Number(value & 0xffffffffn), Number(value >> 32n));
  }

  double(field: number, value: number): void {
    this.out.varint(field * 8 + 1);
    this.out.f64(value);
  }

  bytes(field: number, value: Uint8Array): void {
    this.out.varint(field * 8 + 2);
    this.out.varint(value.length);
    this.out.copy(value, 0, value.length);
  }

  text(field: number, value: string): void {
    this.bytes(field, Buffer.from(value, 'utf8'));
  }

  message(field: number, write: (inner: ProtobufWriter) => void): void {
    const inner = new ProtobufWriter();
    write(inner);
    this.bytes(field, inner.out.view());
  }

  finish(): Buffer {
    return Buffer.from(this.out.view());
  }
}

export type AttributeValue =
  | string
  | number
  | boolean
  | { readonly double: number }
  | readonly string[];

/** A `KeyValue`; whole numbers become ints. */
export function writeAttribute(
  out: ProtobufWriter,
  field: number,
  key: string,
  value: AttributeValue,
): void {
  out.message(field, (attribute) => {
    attribute.text(1, key);
    attribute.message(2, (any) => writeAnyValue(any, value));
  });
}

function writeAnyValue(out: ProtobufWriter, value: AttributeValue): void {
  if (typeof value === 'string') out.text(1, value);
  else if (typeof value === 'boolean') out.varint(2, value ? 1 : 0);
  else if (typeof value === 'number') out.varint(3, value);
  else if ('double' in value) out.double(4, value.double);
  else
    out.message(5, (list) => value.forEach((item) => list.message(1, (any) => any.text(1, item))));
}
