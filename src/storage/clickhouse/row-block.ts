import { DictionaryColumn } from '../../base/dictionary-column.ts';
import { StringColumn } from '../../base/string-column.ts';
import type { Turns } from '../../base/turns.ts';
import { atOnce } from '../../base/turns.ts';
import { NativeBlock } from './native-block.ts';

const PICO_DIGITS = 12;
const TWO_32 = 2 ** 32;
const NARROW_MAX = 2n ** 63n - 1n;
/** Rows gone through by one column before the next column's turn: as many as a core keeps near itself. */
const ROWS_AT_ONCE = 64;

/** A column in the making. */
interface Filling<Row> {
  /** Takes one row's value; rows come in order. */
  readonly take: (row: Row, index: number) => void;
  readonly finish: (block: NativeBlock) => void;
}

/** Builds a block in Native format from rows that are objects. */
export class RowBlock<Row> {
  readonly #rows: readonly Row[];
  readonly #columns: Filling<Row>[] = [];

  constructor(rows: readonly Row[]) {
    this.#rows = rows;
  }

  /** `LowCardinality(String)`. */
  word(name: string, of: (row: Row) => string): void {
    const column = new DictionaryColumn();
    this.#columns.push({
      take: (row) => column.pushText(of(row)),
      finish: (block) => block.lowCardinality(name, column),
    });
  }

  text(name: string, of: (row: Row) => string): void {
    const column = new StringColumn();
    this.#columns.push({
      take: (row) => column.pushText(of(row)),
      finish: (block) => block.strings(name, column),
    });
  }

  /** `FixedString`: hex digits of as many bytes, or '' for zeros. */
  id(name: string, bytes: number, of: (row: Row) => string): void {
    const zeros = '00'.repeat(bytes);
    let digits = '';
    this.#columns.push({
      take: (row) => {
        digits += of(row) || zeros;
      },
      finish: (block) => block.fixed(name, `FixedString(${bytes})`, Buffer.from(digits, 'hex')),
    });
  }

  u8(name: string, type: string, of: (row: Row) => number): void {
    const out = new Uint8Array(this.#rows.length);
    this.#fixed(name, type, out, (row, index) => {
      out[index] = of(row);
    });
  }

  u32(name: string, of: (row: Row) => number, type = 'UInt32'): void {
    const out = new Uint32Array(this.#rows.length);
    this.#fixed(name, type, out, (row, index) => {
      out[index] = of(row);
    });
  }

  /** A `UInt64` that a number holds exactly. */
  u64(name: string, of: (row: Row) => number): void {
    const out = new Uint32Array(this.#rows.length * 2);
    this.#fixed(name, 'UInt64', out, (row, index) => putWide(out, index, of(row)));
  }

  i64(name: string, type: string, of: (row: Row) => bigint): void {
    const out = new BigInt64Array(this.#rows.length);
    this.#fixed(name, type, out, (row, index) => {
      out[index] = of(row);
    });
  }

  nullableI64(name: string, of: (row: Row) => bigint | null): void {
    const out = new BigInt64Array(this.#rows.length);
    this.#nullable(name, 'Int64', out, of, (value, index) => {
      out[index] = value;
    });
  }

  /** A `Nullable(UInt64)` whose values numbers hold exactly. */
  nullableCount(name: string, of: (row: Row) => number | null): void {
    const out = new Uint32Array(this.#rows.length * 2);
    this.#nullable(name, 'UInt64', out, of, (value, index) => putWide(out, index, value));
  }

  nullableDouble(name: string, of: (row: Row) => number | null): void {
    const out = new Float64Array(this.#rows.length);
    this.#nullable(name, 'Float64', out, of, (value, index) => {
      out[index] = value;
    });
  }

  /** Whole picodollars as `Nullable(Decimal(38, 12))`. */
  money(name: string, of: (row: Row) => bigint | null): void {
    const out = new BigInt64Array(this.#rows.length * 2);
    this.#nullable(name, `Decimal(38, ${PICO_DIGITS})`, out, of, (amount, index) => {
      out[index * 2] = amount;
      // The upper half says the sign, and little else.
      if (amount < 0n || amount > NARROW_MAX) out[index * 2 + 1] = amount >> 64n;
    });
  }

  texts(name: string, of: (row: Row) => readonly string[]): void {
    const values = new StringColumn();
    const ends = new Uint32Array(this.#rows.length * 2);
    this.#columns.push({
      take: (row, index) => {
        for (const value of of(row)) values.pushText(value);
        ends[index * 2] = values.count;
      },
      finish: (block) =>
        block.fixed(name, 'Array(String)', Buffer.concat([bytesOf(ends), values.data.view()])),
    });
  }

  /** `Map(String, UInt32)`. */
  counts(name: string, of: (row: Row) => Readonly<Record<string, number>>): void {
    const keys = new StringColumn();
    const values: number[] = [];
    const ends = new Uint32Array(this.#rows.length * 2);
    this.#columns.push({
      take: (row, index) => {
        for (const [key, value] of Object.entries(of(row))) {
          keys.pushText(key);
          values.push(value);
        }
        ends[index * 2] = values.length;
      },
      finish: (block) => {
        const parts = [bytesOf(ends), keys.data.view(), bytesOf(new Uint32Array(values))];
        block.fixed(name, 'Map(String, UInt32)', Buffer.concat(parts));
      },
    });
  }

  finish(): Buffer[] {
    return atOnce(this.finishInTurns());
  }

  /** The same in steps, for tens of thousands of rows. */
  *finishInTurns(): Turns<Buffer[]> {
    const rows = this.#rows;
    for (let from = 0; from < rows.length; from += ROWS_AT_ONCE) {
      const to = Math.min(rows.length, from + ROWS_AT_ONCE);
      for (const { take } of this.#columns) {
        for (let index = from; index < to; index++) take(rows[index]!, index);
      }
      yield;
    }
    const block = new NativeBlock(rows.length);
    for (const column of this.#columns) column.finish(block);
    return block.finish();
  }

  #fixed(name: string, type: string, out: ArrayBufferView, take: Filling<Row>['take']): void {
    this.#columns.push({ take, finish: (block) => block.fixed(name, type, bytesOf(out)) });
  }

  #nullable<T>(
    name: string,
    type: string,
    out: ArrayBufferView,
    of: (row: Row) => T | null,
    put: (value: T, index: number) => void,
  ): void {
    const nulls = new Uint8Array(this.#rows.length);
    this.#columns.push({
      take: (row, index) => {
        const value = of(row);
        if (value === null) nulls[index] = 1;
        else put(value, index);
      },
      finish: (block) =>
        block.fixed(name, `Nullable(${type})`, Buffer.concat([nulls, bytesOf(out)])),
    });
  }
}

/** A whole number below 2^53 as two halves of 32 bits. */
function putWide(out: Uint32Array, index: number, value: number): void {
  out[index * 2] = value;
  out[index * 2 + 1] = value / TWO_32;
}

/** As the machine holds them, which is little-endian wherever Node runs. */
function bytesOf({ buffer, byteOffset, byteLength }: ArrayBufferView): Buffer {
  return Buffer.from(buffer as ArrayBuffer, byteOffset, byteLength);
}
