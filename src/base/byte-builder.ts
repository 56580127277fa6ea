import { viewOf } from './data-view.ts';
import type { Markable } from './mark.ts';

/** Copying this many bytes one by one is faster than asking the runtime to. */
const HAND_COPIED_MAX = 96;
/** Less memory than this is always kept. */
const KEPT_BYTES = 256 * 1024;

/**
 * A growing run of bytes, written by position and cut back to an earlier length.
 * Multi-byte numbers are little-endian.
 */
export class ByteBuilder implements Markable {
  bytes: Buffer;
  length = 0;
  #initialCapacity: number;
  #view: DataView;

  constructor(capacity = 1024) {
    this.#initialCapacity = capacity;
    this.bytes = Buffer.allocUnsafeSlow(capacity);
    this.#view = new DataView(this.bytes.buffer);
  }

  /** Makes room for `count` more bytes. */
  reserve(count: number): void {
    const needed = this.length + count;
    if (needed <= this.bytes.length) return;
    let capacity = this.bytes.length * 2;
    while (capacity < needed) capacity *= 2;
    const grown = Buffer.allocUnsafeSlow(capacity);
    this.bytes.copy(grown, 0, 0, this.length);
    this.#use(grown);
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
    const at = this.length;
    this.length = at + count;
    if (count >= HAND_COPIED_MAX) {
      this.bytes.set(source.subarray(start, end), at);
      return;
    }
    // Short runs are copied by hand, if possible four bytes at a time: calling the runtime costs more.
    const target = this.bytes;
    const from = viewOf(source);
    let i = 0;
    if (from !== undefined) {
      const to = this.#view;
      for (; i + 4 <= count; i += 4) to.setUint32(at + i, from.getUint32(start + i));
    }
    for (; i < count; i++) target[at + i] = source[start + i]!;
  }

  text(value: string): void {
    const { length } = value;
    this.reserve(length * 3);
    const { bytes } = this;
    if (length < HAND_COPIED_MAX) {
      const at = this.length;
      let i = 0;
      for (; i < length; i++) {
        const code = value.charCodeAt(i);
        if (code > 0x7f) break;
        bytes[at + i] = code;
      }
      if (i === length) {
        this.length = at + length;
        return;
      }
    }
    this.length += bytes.write(value, this.length, 'utf8');
  }

  /** The decimal digits of a whole number below 2^31. */
  digits(value: number): void {
    this.reserve(10);
    const { bytes } = this;
    let at = this.length;
    let unit = 1;
    while (unit * 10 <= value) unit *= 10;
    for (let rest = value; unit >= 1; unit = (unit / 10) | 0) {
      const digit = (rest / unit) | 0;
      bytes[at++] = 0x30 + digit;
      rest -= digit * unit;
    }
    this.length = at;
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

  /**
   * Empties the builder. Memory is kept for the next use, which is mostly like the last; what one unusual
   * use had taken is given back after a use that needed far less.
   */
  reset(): void {
    const { length } = this;
    this.length = 0;
    if (this.bytes.length > KEPT_BYTES && length < this.bytes.length / 16) {
      this.#use(Buffer.allocUnsafeSlow(Math.max(this.#initialCapacity, length * 2)));
    }
  }

  /** The bytes written so far; valid until the next write. */
  view(): Buffer {
    return this.bytes.subarray(0, this.length);
  }

  /** For reading several bytes at once; valid until the next write. */
  dataView(): DataView {
    return this.#view;
  }

  #use(bytes: Buffer): void {
    this.bytes = bytes;
    this.#view = new DataView(bytes.buffer);
  }
}
