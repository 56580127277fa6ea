/** Thrown for bytes that are not the message they should be; `message` says where and why. */
export class MalformedError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'MalformedError';
  }
}

export const WIRE = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const;

/**
 * Reads the protocol buffers wire format by position. All reads are checked against `limit`, so that
 * no message can reach beyond its own bytes. https://protobuf.dev/programming-guides/encoding/
 */
export class ProtobufReader {
  buffer: Buffer = Buffer.alloc(0);
  position = 0;
  limit = 0;
  /** Set by `tag`: the field's number and its wire type. */
  field = 0;
  wire = 0;
  /** Set by `varint64`: the two halves, unsigned. */
  low = 0;
  high = 0;
  /** Set by `bytes`: where the field's content is. */
  start = 0;
  end = 0;

  open(buffer: Buffer, start: number, end: number): void {
    this.buffer = buffer;
    this.position = start;
    this.limit = end;
  }

  /** Reads a field's tag; false at the end of the message. */
  tag(): boolean {
    if (this.position >= this.limit) return false;
    const first = this.buffer[this.position]!;
    let tag = first;
    if (first < 0x80) this.position++;
    else tag = this.varint32();
    this.field = tag >>> 3;
    this.wire = tag & 7;
    if (this.field === 0) throw new MalformedError(`a field number of 0 at byte ${this.position}`);
    return true;
  }

  /** A varint of which only the low 32 bits are wanted. */
  varint32(): number {
    this.varint64();
    return this.low;
  }

  varint64(): void {
    const { buffer, limit } = this;
    let low = 0;
    let high = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      if (this.position >= limit)
        throw new MalformedError(`the bytes end inside a number at byte ${limit}`);
      const byte = buffer[this.position++]!;
      const bits = byte & 0x7f;
      if (shift < 28) low |= bits << shift;
      else if (shift === 28) {
        low |= bits << 28;
        high |= bits >>> 4;
      } else high |= bits << (shift - 32);
      if (byte < 0x80) {
        this.low = low >>> 0;
        this.high = high >>> 0;
        return;
      }
    }
    throw new MalformedError(`a number of more than ten bytes at byte ${this.position}`);
  }

  /** A length-delimited field: sets `start` and `end` and goes behind it. */
  bytes(): void {
    if (this.wire !== WIRE.bytes) this.#wrongWire('a length-delimited field');
    const length = this.varint32();
    const start = this.position;
    const end = start + length;
    if (this.high !== 0 || end > this.limit) {
      throw new MalformedError(
        `field ${this.field} claims ${length} bytes where ${this.limit - start} are left`,
      );
    }
    this.start = start;
    this.end = end;
    this.position = end;
  }

  /** Eight bytes: returns their position and goes behind them. */
  fixed64(): number {
    if (this.wire !== WIRE.fixed64) this.#wrongWire('eight bytes');
    return this.#fixed(8);
  }

  /** Four bytes as an unsigned number. */
  fixed32(): number {
    if (this.wire !== WIRE.fixed32) this.#wrongWire('four bytes');
    return this.buffer.readUInt32LE(this.#fixed(4));
  }

  double(): number {
    return this.buffer.readDoubleLE(this.fixed64());
  }

  /** An unsigned 32-bit or enum field. */
  uint32(): number {
    if (this.wire !== WIRE.varint) this.#wrongWire('a number');
    return this.varint32();
  }

  /** A signed, zigzag-coded 32-bit field. */
  sint32(): number {
    const value = this.uint32();
    return (value >>> 1) ^ -(value & 1);
  }

  skip(): void {
    switch (this.wire) {
      case WIRE.varint:
        this.varint64();
        return;
      case WIRE.fixed64:
        this.#fixed(8);
        return;
      case WIRE.bytes:
        this.bytes();
        return;
      case WIRE.fixed32:
        this.#fixed(4);
        return;
      default:
        throw new MalformedError(`wire type ${this.wire} of field ${this.field} is not supported`);
    }
  }

  #fixed(size: number): number {
    const at = this.position;
    if (at + size > this.limit)
      throw new MalformedError(`the bytes end inside field ${this.field}`);
    this.position = at + size;
    return at;
  }

  #wrongWire(expected: string): never {
    throw new MalformedError(
      `field ${this.field} has wire type ${this.wire} where ${expected} is due`,
    );
  }
}
