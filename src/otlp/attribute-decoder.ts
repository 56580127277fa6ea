import { Interner } from '../base/interner.ts';
import type { StringColumn } from '../base/string-column.ts';
import type { AttributeColumns } from '../model/attribute-columns.ts';
import type { PayloadColumns } from '../model/payload-columns.ts';
import { VALUE_KIND } from '../model/value-kind.ts';
import type { ValuePosition } from './any-value.ts';
import { scanAnyValue } from './any-value.ts';
import { DoubleTexts } from './double-texts.ts';
import { PAYLOAD_BYTES_MIN, pushLargeValue } from './payload-split.ts';
import { MalformedError, ProtobufReader } from './protobuf-reader.ts';
import { formatValue, pushValue, TYPE_LETTERS } from './value-text.ts';

/** More attributes on one item are refused; SDKs stop at 128. */
export const ATTRIBUTES_MAX = 16_384;
const UPPER = 0x20;
/** Tags of `KeyValue.key` and `KeyValue.value`. */
const KEY_TAG = 0x0a;
const VALUE_TAG = 0x12;
/** Longer arrays are not kept: they would hardly come again. */
const ARRAY_KEPT_BYTES_MAX = 64;

/**
 * Reads the attributes of one item after the other. Positions are collected while the item's message is
 * read (`add`), and written as a row once the item is known to be good (`commit`).
 */
export class AttributeDecoder {
  count = 0;
  /** Key numbers in `keys`, by attribute. */
  readonly keyIds = new Uint32Array(ATTRIBUTES_MAX);
  readonly keys: Interner;
  readonly kinds = new Uint8Array(ATTRIBUTES_MAX);
  readonly starts = new Uint32Array(ATTRIBUTES_MAX);
  readonly ends = new Uint32Array(ATTRIBUTES_MAX);
  readonly numbers = new Float64Array(ATTRIBUTES_MAX);
  readonly #lows = new Uint32Array(ATTRIBUTES_MAX);
  readonly #highs = new Uint32Array(ATTRIBUTES_MAX);
  readonly #letters = new Uint8Array(ATTRIBUTES_MAX);
  /** The key that last followed each key: items of one instrumentation repeat their order. */
  #next = new Int32Array(1024).fill(-1);
  readonly #arrays = new Interner();
  readonly #arrayTexts: string[] = [];
  readonly #doubles = new DoubleTexts();
  readonly #reader = new ProtobufReader();
  readonly #value: ValuePosition = { kind: 0, start: 0, end: 0, low: 0, high: 0, number: 0 };

  constructor(keys: Interner) {
    this.keys = keys;
  }

  begin(): void {
    this.count = 0;
  }

  /** Notes the `KeyValue` at `[start, end)`. Throws `MalformedError`. */
  add(buffer: Buffer, start: number, end: number): void {
    const at = this.count;
    if (at === ATTRIBUTES_MAX)
      throw new MalformedError(`more than ${ATTRIBUTES_MAX} attributes on one item`);
    // Nearly all senders write a short key, then a short value; the general way costs twice as much.
    const keyLength = buffer[start + 1]!;
    const valueTag = start + 2 + keyLength;
    const plain =
      buffer[start] === KEY_TAG &&
      keyLength < 0x80 &&
      valueTag + 2 <= end &&
      buffer[valueTag] === VALUE_TAG &&
      buffer[valueTag + 1] === end - valueTag - 2 &&
      end - valueTag - 2 < 0x80;
    if (!plain) {
      this.#addGeneral(at, buffer, start, end);
      return;
    }
    this.#note(at, buffer, valueTag + 2, end);
    this.keyIds[at] = this.#keyId(buffer, start + 2, valueTag);
    this.count = at + 1;
  }

  #addGeneral(at: number, buffer: Buffer, start: number, end: number): void {
    const reader = this.#reader;
    reader.open(buffer, start, end);
    let keyStart = start;
    let keyEnd = start;
    let valueStart = end;
    let valueEnd = end;
    while (reader.tag()) {
      if (reader.field === 1) {
        reader.bytes();
        keyStart = reader.start;
        keyEnd = reader.end;
      } else if (reader.field === 2) {
        reader.bytes();
        valueStart = reader.start;
        valueEnd = reader.end;
      } else reader.skip();
    }
    this.#note(at, buffer, valueStart, valueEnd);
    this.keyIds[at] = this.#keyId(buffer, keyStart, keyEnd);
    this.count = at + 1;
  }

  #note(at: number, buffer: Buffer, start: number, end: number): void {
    // By far the most values are one short string; they are read without the general way's cost.
    const length = end - start - 2;
    if (length >= 0 && length < 0x80 && buffer[start] === 0x0a && buffer[start + 1] === length) {
      this.kinds[at] = VALUE_KIND.string;
      this.starts[at] = start + 2;
      this.ends[at] = end;
      return;
    }
    const value = this.#value;
    scanAnyValue(buffer, start, end, value);
    this.kinds[at] = value.kind;
    this.starts[at] = value.start;
    this.ends[at] = value.end;
    this.numbers[at] = value.number;
    this.#lows[at] = value.low;
    this.#highs[at] = value.high;
  }

  #keyId(buffer: Buffer, start: number, end: number): number {
    const previous = this.count === 0 ? 0 : this.keyIds[this.count - 1]! + 1;
    const guess = previous < this.#next.length ? this.#next[previous]! : -1;
    if (guess !== -1 && guess < this.keys.count && this.keys.equals(guess, buffer, start, end))
      return guess;
    const id = this.keys.intern(buffer, start, end);
    if (previous >= this.#next.length) this.#growNext(previous);
    this.#next[previous] = id;
    return id;
  }

  #growNext(needed: number): void {
    const grown = new Int32Array(Math.max(this.#next.length * 2, needed + 1)).fill(-1);
    grown.set(this.#next);
    this.#next = grown;
  }

  /** Writes the noted attributes as a row; large values leave it for `payloads`. */
  commit(buffer: Buffer, into: AttributeColumns, payloads: PayloadColumns): void {
    for (let at = 0; at < this.count; at++) {
      into.keys.ids.push(this.keyIds[at]!);
      this.#letters[at] = this.#commitValue(at, buffer, into, payloads);
    }
    into.endRow(this.#letters, this.count);
  }

  #commitValue(
    at: number,
    buffer: Buffer,
    into: AttributeColumns,
    payloads: PayloadColumns,
  ): number {
    const kind = this.kinds[at]!;
    const letter = TYPE_LETTERS[kind]!;
    const start = this.starts[at]!;
    const end = this.ends[at]!;
    const large = end - start >= PAYLOAD_BYTES_MIN;
    if (kind === VALUE_KIND.string) {
      if (!large) {
        pushShort(into.values, buffer, start, end);
        return letter;
      }
      pushLargeValue(into.values, payloads, buffer, start, end);
      return letter - UPPER;
    }
    if (kind === VALUE_KIND.array && end - start <= ARRAY_KEPT_BYTES_MAX) {
      this.#pushArray(into, buffer, at);
      return letter;
    }
    if (kind === VALUE_KIND.double) {
      into.values.pushText(this.#doubles.textOf(this.numbers[at]!));
      return letter;
    }
    const value = this.valueAt(at);
    if (!large) {
      pushValue(into.values, buffer, value);
      return letter;
    }
    const text = Buffer.from(formatValue(buffer, value), 'utf8');
    pushLargeValue(into.values, payloads, text, 0, text.length);
    return letter - UPPER;
  }

  /** Small arrays, such as finish reasons, are mostly the same few: their text is kept. */
  #pushArray(into: AttributeColumns, buffer: Buffer, at: number): void {
    const id = this.#arrays.intern(buffer, this.starts[at]!, this.ends[at]!);
    const text = (this.#arrayTexts[id] ??= formatValue(buffer, this.valueAt(at)));
    into.values.pushText(text);
  }

  /** The value of a noted attribute; valid until the next call. */
  valueAt(at: number): ValuePosition {
    const value = this.#value;
    value.kind = this.kinds[at]!;
    value.start = this.starts[at]!;
    value.end = this.ends[at]!;
    value.low = this.#lows[at]!;
    value.high = this.#highs[at]!;
    value.number = this.numbers[at]!;
    return value;
  }

  /** Key numbers were given anew. */
  reset(): void {
    this.count = 0;
    this.#next.fill(-1);
    this.#arrays.reset();
    this.#arrayTexts.length = 0;
  }
}

/** A short string mostly stands in the request as it will in the column: behind its one length byte. */
function pushShort(values: StringColumn, buffer: Buffer, start: number, end: number): void {
  const length = end - start;
  if (length < 0x80 && start > 0 && buffer[start - 1] === length) {
    values.data.copy(buffer, start - 1, end);
    values.count++;
  } else values.push(buffer, start, end);
}
