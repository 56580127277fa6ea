import type { Markable } from './mark.ts';

/** A growing column of unsigned 32-bit numbers. */
export class Uint32Column implements Markable {
  values: Uint32Array;
  count = 0;

  constructor(capacity = 1024) {
    this.values = new Uint32Array(capacity);
  }

  push(value: number): void {
    if (this.count === this.values.length) {
      const grown = new Uint32Array(this.values.length * 2);
      grown.set(this.values);
      this.values = grown;
    }
    this.values[this.count++] = value;
  }

  mark(into: number[]): void {
    into.push(this.count);
  }

  restore(from: readonly number[], at: number): number {
    this.count = from[at]!;
    return at + 1;
  }

  reset(): void {
    const { count } = this;
    this.count = 0;
    // As `ByteBuilder.reset`: memory is kept for a next use like the last.
    if (this.values.length > 1 << 16 && count < this.values.length / 16) {
      this.values = new Uint32Array(Math.max(1024, count * 2));
    }
  }
}
