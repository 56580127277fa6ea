import { DictionaryColumn } from '../base/dictionary-column.ts';
import type { Interner } from '../base/interner.ts';
import type { Markable } from '../base/mark.ts';
import { Uint32Column } from '../base/number-column.ts';
import { StringColumn } from '../base/string-column.ts';

/**
 * What a stored attribute value was on the wire, one letter per attribute. Values are stored as text;
 * the letters of a row, in the row's order, give every value its type back. A capital letter says that
 * the text holds payload references (see `payload-columns.ts`).
 */
export const ATTRIBUTE_TYPE = {
  string: 's',
  bool: 'b',
  int: 'i',
  double: 'd',
  /** Array, as JSON text (see `otlp/any-value-json.ts`). */
  array: 'a',
  /** Key-value list, as JSON text. */
  kvlist: 'k',
  /** Bytes, as base64 text. */
  bytes: 'x',
  /** A value without a value. */
  empty: 'e',
} as const;

/** A column of attribute lists: row `r` has the items `ends[r - 1]` to `ends[r]`. */
export class AttributeColumns {
  readonly ends = new Uint32Column();
  readonly keys: DictionaryColumn;
  readonly values = new StringColumn(64 * 1024);
  /** One string of type letters per row. */
  readonly types = new DictionaryColumn();
  readonly parts: readonly Markable[];

  constructor(keys?: Interner) {
    this.keys = new DictionaryColumn(keys);
    this.parts = [this.ends, this.keys, this.values, this.types];
  }

  /** Ends the row: all items pushed since the last row belong to it. */
  endRow(types: Uint8Array, typeCount: number): void {
    this.ends.push(this.keys.ids.count);
    const { dictionary, ids } = this.types;
    // Rows of one instrumentation mostly follow rows like them.
    const last = ids.count === 0 ? -1 : ids.values[ids.count - 1]!;
    if (last !== -1 && dictionary.equals(last, types, 0, typeCount)) ids.push(last);
    else this.types.push(types, 0, typeCount);
  }

  reset(): void {
    this.ends.reset();
    this.keys.reset();
    this.values.reset();
    this.types.reset();
  }
}
