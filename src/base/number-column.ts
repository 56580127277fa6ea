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
    this.count = 0;
    if (this.values.length > 1 << 20) this.values = new Uint32Array(1024);
  }
}
