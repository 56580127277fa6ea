import { ByteBuilder } from './byte-builder.ts';
import type { Markable } from './mark.ts';

const LENGTH_IN_ONE_BYTE = 0x7f;

/**
 * A column of byte strings, each stored as its LEB128 length and its bytes: the form in which
 * both protocol buffers and column stores write strings, so that neither side converts.
 */
export class StringColumn implements Markable {
  readonly data: ByteBuilder;
  count = 0;

  constructor(capacity = 4096) {
    this.data = new ByteBuilder(capacity);
  }

  push(source: Uint8Array, start: number, end: number): void {
    const { data } = this;
    const length = end - start;
    data.reserve(length + 10);
    if (length < 0x80) data.bytes[data.length++] = length;
    else data.varint(length);
    data.copy(source, start, end);
    this.count++;
  }

  pushEmpty(): void {
    this.data.u8(0);
    this.count++;
  }

  pushText(value: string): void {
    const { data } = this;
    if (value.length > LENGTH_IN_ONE_BYTE / 3) {
      const bytes = Buffer.from(value, 'utf8');
      this.push(bytes, 0, bytes.length);
      return;
    }
    // Whatever the characters, the length fits the one byte left for it.
    const at = data.length;
    data.u8(0);
    data.text(value);
    data.bytes[at] = data.length - at - 1;
    this.count++;
  }

  /** The decimal digits of a whole number from 0 to 2^31 - 1. */
  pushDigits(value: number): void {
    const { data } = this;
    const at = data.length;
    data.u8(0);
    data.digits(value);
    data.bytes[at] = data.length - at - 1;
    this.count++;
  }

  mark(into: number[]): void {
    into.push(this.count, this.data.length);
  }

  restore(from: readonly number[], at: number): number {
    this.count = from[at]!;
    this.data.length = from[at + 1]!;
    return at + 2;
  }

  reset(): void {
    this.count = 0;
    this.data.reset();
  }
}
