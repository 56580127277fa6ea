import { DictionaryColumn } from '../../base/dictionary-column.ts';
import { StringColumn } from '../../base/string-column.ts';
import { NativeBlock } from './native-block.ts';

const PICO_DIGITS = 12;

/** Builds a block in Native format from rows that are objects: for tables that are written by the hundred, not the million. */
export class RowBlock<Row> {
  readonly #rows: readonly Row[];
  readonly #block: NativeBlock;

  constructor(rows: readonly Row[]) {
    this.#rows = rows;
    this.#block = new NativeBlock(rows.length);
  }

  /** `LowCardinality(String)`. */
  word(name: string, of: (row: Row) => string): void {
    const column = new DictionaryColumn();
    for (const row of this.#rows) column.pushText(of(row));
    this.#block.lowCardinality(name, column);
  }

  text(name: string, of: (row: Row) => string): void {
    const column = new StringColumn();
    for (const row of this.#rows) column.pushText(of(row));
    this.#block.strings(name, column);
  }

  /** `FixedString`: hex digits of as many bytes, or '' for zeros. */
  id(name: string, bytes: number, of: (row: Row) => string): void {
    const out = Buffer.alloc(this.#rows.length * bytes);
    this.#rows.forEach((row, index) => out.write(of(row), index * bytes, bytes, 'hex'));
    this.#block.fixed(name, `FixedString(${bytes})`, out);
  }

  u8(name: string, type: string, of: (row: Row) => number): void {
    this.#block.fixed(name, type, Buffer.from(this.#rows.map((row) => of(row) & 0xff)));
  }

  u32(name: string, of: (row: Row) => number, type = 'UInt32'): void {
    const out = Buffer.alloc(this.#rows.length * 4);
    this.#rows.forEach((row, index) => out.writeUInt32LE(of(row), index * 4));
    this.#block.fixed(name, type, out);
  }

  i64(name: string, type: string, of: (row: Row) => bigint): void {
    this.#block.fixed(name, type, this.#wide(of));
  }

  nullable64(name: string, type: string, of: (row: Row) => number | bigint | null): void {
    const values = this.#wide((row) => BigInt(of(row) ?? 0));
    this.#block.fixed(name, `Nullable(${type})`, Buffer.concat([this.#nulls(of), values]));
  }

  nullableDouble(name: string, of: (row: Row) => number | null): void {
    const out = Buffer.alloc(this.#rows.length * 8);
    this.#rows.forEach((row, index) => out.writeDoubleLE(of(row) ?? 0, index * 8));
    this.#block.fixed(name, 'Nullable(Float64)', Buffer.concat([this.#nulls(of), out]));
  }

  /** Whole picodollars as `Nullable(Decimal(38, 12))`. */
  money(name: string, of: (row: Row) => bigint | null): void {
    const out = Buffer.alloc(this.#rows.length * 16);
    this.#rows.forEach((row, index) => {
      const amount = of(row) ?? 0n;
      out.writeBigUInt64LE(BigInt.asUintN(64, amount), index * 16);
      out.writeBigInt64LE(BigInt.asIntN(64, amount >> 64n), index * 16 + 8);
    });
    const type = `Nullable(Decimal(38, ${PICO_DIGITS}))`;
    this.#block.fixed(name, type, Buffer.concat([this.#nulls(of), out]));
  }

  texts(name: string, of: (row: Row) => readonly string[]): void {
    const lists = this.#rows.map(of);
    const column = new StringColumn();
    for (const value of lists.flat()) column.pushText(value);
    this.#block.fixed(
      name,
      'Array(String)',
      Buffer.concat([offsets(lists.map((list) => list.length)), column.data.view()]),
    );
  }

  /** `Map(String, UInt32)`. */
  counts(name: string, of: (row: Row) => Readonly<Record<string, number>>): void {
    const lists = this.#rows.map((row) => Object.entries(of(row)));
    const items = lists.flat();
    const keys = new StringColumn();
    for (const [key] of items) keys.pushText(key);
    const values = Buffer.alloc(items.length * 4);
    items.forEach(([, value], index) => values.writeUInt32LE(value, index * 4));
    const ends = offsets(lists.map((list) => list.length));
    const bytes = Buffer.concat([ends, keys.data.view(), values]);
    this.#block.fixed(name, 'Map(String, UInt32)', bytes);
  }

  finish(): Buffer[] {
    return this.#block.finish();
  }

  #wide(of: (row: Row) => bigint): Buffer {
    const out = Buffer.alloc(this.#rows.length * 8);
    this.#rows.forEach((row, index) =>
      out.writeBigUInt64LE(BigInt.asUintN(64, of(row)), index * 8),
    );
    return out;
  }

  #nulls(of: (row: Row) => unknown): Buffer {
    return Buffer.from(this.#rows.map((row) => (of(row) === null ? 1 : 0)));
  }
}

function offsets(lengths: readonly number[]): Buffer {
  const out = Buffer.alloc(lengths.length * 8);
  let end = 0;
  lengths.forEach((length, index) => {
    end += length;
    out.writeUInt32LE(end, index * 8);
  });
  return out;
}
