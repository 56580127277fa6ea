/** Values of one width, one after the other, little-endian. */
export interface FixedValues {
  readonly view: DataView;
  /** Where the first begins. */
  readonly at: number;
  readonly width: number;
}

export interface NullableValues {
  readonly nulls: Uint8Array;
  readonly values: FixedValues;
}

/** Byte strings within the block's bytes. */
export interface Strings {
  readonly bytes: Buffer;
  readonly starts: Uint32Array;
  readonly ends: Uint32Array;
}

/** Strings of which few are distinct. */
export interface Words {
  readonly texts: readonly string[];
  /** Which of the texts each row has. */
  readonly ids: Uint8Array | Uint16Array | Uint32Array;
}

/** `Map(LowCardinality(String), String)`: the rows' pairs one after the other. */
export interface Pairs {
  /** Where each row's pairs end; they begin where those of the row before end. */
  readonly ends: Uint32Array;
  readonly keys: Words;
  readonly values: Strings;
}

type Column =
  | { readonly kind: 'fixed'; readonly column: FixedValues }
  | { readonly kind: 'nullable'; readonly column: NullableValues }
  | { readonly kind: 'strings'; readonly column: Strings }
  | { readonly kind: 'words'; readonly column: Words }
  | { readonly kind: 'pairs'; readonly column: Pairs };

type Kind = Column['kind'];
type ColumnOf<K extends Kind> = Extract<Column, { readonly kind: K }>['column'];

/** A block of a table in ClickHouse's Native format, as an insert sends it and a query answers it. */
export class NativeColumns {
  readonly rows: number;
  readonly #columns: ReadonlyMap<string, Column>;

  constructor(rows: number, columns: ReadonlyMap<string, Column>) {
    this.rows = rows;
    this.#columns = columns;
  }

  /** Throws a `TypeError` for a column that is not there, or of another kind. */
  get<K extends Kind>(kind: K, name: string): ColumnOf<K> {
    const found = this.#columns.get(name);
    if (found?.kind !== kind) {
      throw new TypeError(`the block has ${found?.kind ?? 'nothing'} for ${name}, not ${kind}`);
    }
    return found.column as ColumnOf<K>;
  }

  /** All bytes of a column of fixed width. */
  bytesOf(name: string): Buffer {
    const { view, at, width } = this.get('fixed', name);
    return Buffer.from(view.buffer as ArrayBuffer, view.byteOffset + at, width * this.rows);
  }
}

/**
 * Takes apart the blocks of Native format, without copying: columns refer to `bytes`. Throws a `RangeError` where
 * they end too soon and a `TypeError` for types that no table of ours has.
 * https://clickhouse.com/docs/interfaces/formats/Native
 */
export function readNativeBlocks(bytes: Uint8Array): NativeColumns[] {
  const cursor = new Cursor(bytes);
  const blocks: NativeColumns[] = [];
  while (cursor.at < bytes.length) {
    const count = cursor.varint();
    const rows = cursor.varint();
    const columns = new Map<string, Column>();
    for (let index = 0; index < count; index++) {
      const name = cursor.text();
      const type = cursor.text();
      columns.set(name, readColumn(cursor, type, rows));
    }
    blocks.push(new NativeColumns(rows, columns));
  }
  return blocks;
}

const MAP_TYPE = 'Map(LowCardinality(String), String)';
/** Of the serialisation's version, and of a dictionary's head and size. */
const U64_BYTES = 8;

function readColumn(cursor: Cursor, type: string, rows: number): Column {
  if (type === 'String') return { kind: 'strings', column: readStrings(cursor, rows) };
  if (type === 'LowCardinality(String)') {
    if (rows > 0) cursor.skip(U64_BYTES);
    return { kind: 'words', column: readWords(cursor, rows) };
  }
  if (type === MAP_TYPE) return { kind: 'pairs', column: readPairs(cursor, rows) };
  const inner = /^Nullable\((.+)\)$/.exec(type)?.[1];
  if (inner === undefined) return { kind: 'fixed', column: cursor.fixed(widthOf(type), rows) };
  const nulls = cursor.take(rows);
  return { kind: 'nullable', column: { nulls, values: cursor.fixed(widthOf(inner), rows) } };
}

const WIDTHS: readonly (readonly [RegExp, number])[] = [
  [/^(?:UInt8|Int8|Enum8\(.*\))$/, 1],
  [/^(?:UInt32|Int32|DateTime(?:\('UTC'\))?)$/, 4],
  [/^(?:UInt64|Int64|Float64|DateTime64\(9, 'UTC'\))$/, 8],
];

function widthOf(type: string): number {
  const fixed = /^FixedString\((\d+)\)$/.exec(type)?.[1];
  if (fixed !== undefined) return Number(fixed);
  const known = WIDTHS.find(([pattern]) => pattern.test(type));
  if (known === undefined) throw new TypeError(`columns of type ${type} are not read`);
  return known[1];
}

function readStrings(cursor: Cursor, count: number): Strings {
  const starts = new Uint32Array(count);
  const ends = new Uint32Array(count);
  for (let index = 0; index < count; index++) {
    const length = cursor.varint();
    starts[index] = cursor.at;
    cursor.skip(length);
    ends[index] = cursor.at;
  }
  return { bytes: cursor.bytes, starts, ends };
}

function readWords(cursor: Cursor, rows: number): Words {
  if (rows === 0) return { texts: [], ids: new Uint8Array() };
  const width = cursor.u64() & 0xff;
  const texts = Array.from({ length: cursor.u64() }, () => cursor.text());
  const count = cursor.u64();
  if (count !== rows) throw new RangeError(`a dictionary of ${count} rows in a block of ${rows}`);
  return { texts, ids: cursor.ids(width, rows) };
}

function readPairs(cursor: Cursor, rows: number): Pairs {
  if (rows > 0) cursor.skip(U64_BYTES);
  const ends = new Uint32Array(rows);
  for (let row = 0; row < rows; row++) ends[row] = cursor.u64();
  const count = rows === 0 ? 0 : ends[rows - 1]!;
  return { ends, keys: readWords(cursor, count), values: readStrings(cursor, count) };
}

class Cursor {
  readonly bytes: Buffer;
  readonly #view: DataView;
  at = 0;

  constructor({ buffer, byteOffset, byteLength }: Uint8Array) {
    this.bytes = Buffer.from(buffer as ArrayBuffer, byteOffset, byteLength);
    this.#view = new DataView(buffer, byteOffset, byteLength);
  }

  varint(): number {
    let byte = this.bytes[this.at++]!;
    if (byte < 0x80) return byte;
    let value = byte & 0x7f;
    for (let scale = 0x80; ; scale *= 0x80) {
      byte = this.bytes[this.at++]!;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
      if (!(byte >= 0x80) || scale > 2 ** 42) throw new RangeError(`no length at ${this.at}`);
    }
  }

  /** A whole number below 2^53. */
  u64(): number {
    const low = this.#view.getUint32(this.at, true);
    const high = this.#view.getUint32(this.at + 4, true);
    this.at += 8;
    return high * 2 ** 32 + low;
  }

  text(): string {
    const length = this.varint();
    return this.take(length).toString('utf8');
  }

  take(length: number): Buffer {
    const from = this.at;
    this.skip(length);
    return this.bytes.subarray(from, this.at);
  }

  skip(length: number): void {
    this.at += length;
    // Also false for what is no number, as beyond the end.
    if (!(this.at <= this.bytes.length)) throw new RangeError(`the block ends within a value`);
  }

  fixed(width: number, rows: number): FixedValues {
    const at = this.at;
    this.skip(width * rows);
    return { view: this.#view, at, width };
  }

  /** Numbers of one, two, four bytes, by the engine's code for the width. */
  ids(code: number, count: number): Words['ids'] {
    if (code > 2) throw new TypeError(`a dictionary with indexes of code ${code}`);
    const bytes = this.take(count << code);
    if (code === 0) return bytes;
    // Copied, since the numbers may stand anywhere and typed arrays may not.
    const { buffer } = Uint8Array.from(bytes);
    return code === 1 ? new Uint16Array(buffer) : new Uint32Array(buffer);
  }
}
