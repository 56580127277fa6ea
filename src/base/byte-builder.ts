import type { Markable } from './mark.ts';

/**
 * A growing run of bytes, written by position and cut back to an earlier length.
 * Multi-byte numbers are little-endian.
 */
export class ByteBuilder implements Markable {
  bytes: Buffer;
  length = 0;
  #initialCapacity: number;

  constructor(capacity = 1024) {
    this.#initialCapacity = capacity;
    this.bytes = Buffer.allocUnsafeSlow(capacity);
  }

  /** Makes room for `count` more bytes. */
  reserve(count: number): void {
    const needed = this.length + count;
    if (needed <= this.bytes.length) return;
    let capacity = this.bytes.length * 2;
    while (capacity < needed) capacity *= 2;
    const grown = Buffer.allocUnsafeSlow(capacity);
    this.bytes.copy(grown, 0, 0, this.length);
    this.bytes = grown;
  }

  u8(value: number): void {
    this.reserve(1);
    this.bytes[this.length++] = value;
  }

  u32(value: number): void {
    this.reserve(4);
    const { bytes, length } = this;
    bytes[length] = value;
    bytes[length + 1] = value >>> 8;
    bytes[length + 2] = value >>> 16;
    bytes[length + 3] = value >>> 24;
    this.length = length + 4;
  }

  /** An unsigned 64-bit number given as two unsigned halves. */
  u64(low: number, high: number): void {
    this.u32(low);
    this.u32(high);
  }

  f64(value: number): void {
    this.reserve(8);
    this.bytes.writeDoubleLE(value, this.length);
    this.length += 8;
  }

  /** An unsigned LEB128 number below 2^53. */
  varint(value: number): void {
    this.reserve(10);
    let rest = value;
    while (rest >= 0x80) {
      this.bytes[this.length++] = (rest % 0x80) | 0x80;
      rest = Math.floor(rest / 0x80);
    }
    this.bytes[this.length++] = rest;
  }

  /** Copies `source[start, end)`. */
  copy(source: Uint8Array, start: number, end: number): void {
    const count = end - start;
    this.reserve(count);
    const target = this.bytes;
    const at = this.length;
    // Short runs are copied by hand: the call into the runtime costs more than the copy.
    if (count < 40) {
      for (let i = 0; i < count; i++) target[at + i] = source[start + i]!;
    } else {
      target.set(source.subarray(start, end), at);
    }
    this.length = at + count;
  }

  text(value: string): void {
    const bytesMax = value.length * 3;
    this.reserve(bytesMax);
    this.length += this.bytes.write(value, this.length, 'utf8');
  }

  fill(value: number, count: number): void {
    this.reserve(count);
    this.bytes.fill(value, this.length, this.length + count);
    this.length += count;
  }

  mark(into: number[]): void {
    into.push(this.length);
  }

  restore(from: readonly number[], at: number): number {
    this.length = from[at]!;
    return at + 1;
  }

  /** Empties the builder and gives back memory that one large use had taken. */
  reset(): void {
    this.length = 0;
    if (this.bytes.length > this.#initialCapacity * 64) {
      this.bytes = Buffer.allocUnsafeSlow(this.#initialCapacity);
    }
  }

  /** The bytes written so far; valid until the next write. */
  view(): Buffer {
    return this.bytes.subarray(0, this.length);
  }
}
