import { isAscii } from 'node:buffer';

import type { Strings } from './native-reader.ts';

/** Rows decoded together: those of one trace are mostly side by side. A text keeps no more than these in memory. */
const ROWS = 32;
/** More is decoded alone. */
const BYTES_MAX = 8 * 1024;

/**
 * The hex digits of a column of ids, for some rows at once: to ask the runtime for each alone costs several times as much.
 */
export class ColumnIds {
  readonly #bytes: Buffer;
  readonly #width: number;
  #part = -1;
  #digits = '';

  constructor(bytes: Buffer, width: number) {
    this.#bytes = bytes;
    this.#width = width;
  }

  at(row: number): string {
    const part = Math.floor(row / ROWS);
    if (part !== this.#part) {
      const from = part * ROWS * this.#width;
      this.#digits = this.#bytes.toString('hex', from, from + ROWS * this.#width);
      this.#part = part;
    }
    const from = (row - part * ROWS) * this.#width * 2;
    return this.#digits.slice(from, from + this.#width * 2);
  }
}

/** The texts of a column, for some rows at once where they are short and plain. */
export class ColumnTexts {
  readonly #strings: Strings;
  #part = -1;
  #text = '';
  /** Where the part begins in the bytes; -1 when its rows are decoded alone. */
  #from = -1;

  constructor(strings: Strings) {
    this.#strings = strings;
  }

  at(row: number): string {
    const { starts, ends, bytes } = this.#strings;
    const start = starts[row]!;
    const end = ends[row]!;
    if (start === end) return '';
    const part = Math.floor(row / ROWS);
    if (part !== this.#part) this.#decode(part);
    if (this.#from === -1) return bytes.toString('utf8', start, end);
    return this.#text.slice(start - this.#from, end - this.#from);
  }

  /** What stands between the texts are their lengths, which are plain, too, where they are below 128. */
  #decode(part: number): void {
    const { starts, ends, bytes } = this.#strings;
    const from = starts[part * ROWS]!;
    const to = ends[Math.min(ends.length, (part + 1) * ROWS) - 1]!;
    this.#part = part;
    const isPlain = to - from <= BYTES_MAX && isAscii(bytes.subarray(from, to));
    this.#from = isPlain ? from : -1;
    this.#text = isPlain ? bytes.toString('latin1', from, to) : '';
  }
}
