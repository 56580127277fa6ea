import { ByteBuilder } from '../../base/byte-builder.ts';
import type { DictionaryColumn } from '../../base/dictionary-column.ts';
import type { StringColumn } from '../../base/string-column.ts';
import type { Uint32Column } from '../../base/number-column.ts';
import type { AttributeColumns } from '../../model/attribute-columns.ts';
import type { NullableColumn } from '../../model/genai-columns.ts';
import type { ListColumn } from '../../model/metric-columns.ts';

/** `SharedDictionariesWithAdditionalKeys`: the only version of the serialisation. */
const LOW_CARDINALITY_VERSION = 1;
const HAS_ADDITIONAL_KEYS = 512;
const MAP_TYPE = 'Map(LowCardinality(String), String)';

/**
 * Builds one block in ClickHouse's Native format, column by column, as a list of buffers to be written one
 * after the other. Column data is referred to, not copied: the columns must stay as they are until the
 * buffers have been written. https://clickhouse.com/docs/interfaces/formats/Native
 */
export class NativeBlock {
  readonly chunks: Buffer[] = [];
  readonly #rows: number;
  #columns = 0;

  constructor(rows: number) {
    this.#rows = rows;
  }

  /** Fixed-width values, one after the other, little-endian. */
  fixed(name: string, type: string, bytes: Buffer): void {
    this.#header(name, type);
    this.chunks.push(bytes);
  }

  /** The same 32-bit number in every row. */
  constant32(name: string, type: string, value: number): void {
    const bytes = Buffer.allocUnsafe(this.#rows * 4);
    for (let row = 0; row < this.#rows; row++) bytes.writeUInt32LE(value, row * 4);
    this.fixed(name, type, bytes);
  }

  strings(name: string, column: StringColumn): void {
    this.#header(name, 'String');
    this.chunks.push(column.data.view());
  }

  nullable(name: string, type: string, column: NullableColumn): void {
    this.#header(name, `Nullable(${type})`);
    this.chunks.push(column.nulls.view(), column.values.view());
  }

  lowCardinality(name: string, column: DictionaryColumn): void {
    this.#header(name, 'LowCardinality(String)');
    this.chunks.push(u64(LOW_CARDINALITY_VERSION));
    this.#dictionary(column);
  }

  /** The dictionary's strings without their numbers: a plain String column. */
  expanded(name: string, column: DictionaryColumn): void {
    this.#header(name, 'String');
    const out = new ByteBuilder(4096);
    const { dictionary, ids } = column;
    for (let row = 0; row < ids.count; row++) {
      const id = ids.values[row]!;
      out.varint(dictionary.endOf(id) - dictionary.startOf(id));
      out.copy(dictionary.data.bytes, dictionary.startOf(id), dictionary.endOf(id));
    }
    this.chunks.push(out.view());
  }

  map(name: string, column: AttributeColumns): void {
    this.#header(name, MAP_TYPE);
    // Inside a map the dictionary's version comes before the map's offsets.
    this.chunks.push(u64(LOW_CARDINALITY_VERSION), offsets(column.ends));
    if (column.keys.ids.count > 0) this.#dictionary(column.keys);
    this.chunks.push(column.values.data.view());
  }

  list(name: string, type: string, column: ListColumn): void {
    this.#header(name, `Array(${type})`);
    this.chunks.push(offsets(column.ends), column.values.view());
  }

  /** The finished block. */
  finish(): Buffer[] {
    const head = new ByteBuilder(16);
    head.varint(this.#columns);
    head.varint(this.#rows);
    return [head.view(), ...this.chunks];
  }

  #header(name: string, type: string): void {
    const head = new ByteBuilder(name.length + type.length + 8);
    head.varint(name.length);
    head.text(name);
    head.varint(type.length);
    head.text(type);
    this.chunks.push(head.view());
    this.#columns++;
  }

  #dictionary(column: DictionaryColumn): void {
    const { dictionary, ids } = column;
    const size = dictionary.count;
    // 0, 1, 2: indexes of one, two or four bytes.
    const width = size <= 0x100 ? 0 : size <= 0x10000 ? 1 : 2;
    this.chunks.push(u64(HAS_ADDITIONAL_KEYS | width), u64(size));
    const keys = new ByteBuilder(dictionary.data.length + size * 2 + 16);
    for (let id = 0; id < size; id++) {
      keys.varint(dictionary.endOf(id) - dictionary.startOf(id));
      keys.copy(dictionary.data.bytes, dictionary.startOf(id), dictionary.endOf(id));
    }
    this.chunks.push(keys.view(), u64(ids.count), indexes(ids, width));
  }
}

function indexes(ids: Uint32Column, width: number): Buffer {
  const values = ids.values.subarray(0, ids.count);
  if (width === 2) return Buffer.from(values.buffer, values.byteOffset, values.byteLength);
  const narrow = width === 0 ? new Uint8Array(values) : new Uint16Array(values);
  return Buffer.from(narrow.buffer, narrow.byteOffset, narrow.byteLength);
}

function offsets(ends: Uint32Column): Buffer {
  const bytes = Buffer.alloc(ends.count * 8);
  const halves = new Uint32Array(bytes.buffer, bytes.byteOffset, ends.count * 2);
  for (let row = 0; row < ends.count; row++) halves[row * 2] = ends.values[row]!;
  return bytes;
}

function u64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeUInt32LE(value, 0);
  return bytes;
}
