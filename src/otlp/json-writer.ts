import { ByteBuilder } from '../base/byte-builder.ts';
import type { StringColumn } from '../base/string-column.ts';
import { MalformedError } from './protobuf-reader.ts';

/** How much longer than the bytes it comes from a text may be: sent telemetry stays below five times. */
const GROWTH_MAX = 8;
const TEXT_BYTES_MIN = 1024;

/** Builds JSON text piece by piece. */
export class JsonWriter {
  readonly #out = new ByteBuilder(1024);
  #bytesMax = Infinity;

  raw(text: string): void {
    this.#out.text(text);
    if (this.#out.length > this.#bytesMax) this.#refuse();
  }

  string(value: string): void {
    this.raw(JSON.stringify(value));
  }

  text(): string {
    return this.#out.view().toString('utf8');
  }

  /** Appends the text to the column as a row. */
  appendTo(column: StringColumn): void {
    column.push(this.#out.bytes, 0, this.#out.length);
  }

  /**
   * Begins a new text. When it comes from `sourceBytes` bytes, it throws `MalformedError` as soon as it is
   * out of proportion to them: lists of empty messages would grow to many times what was sent.
   */
  reset(sourceBytes = Infinity): void {
    this.#out.reset();
    this.#bytesMax = TEXT_BYTES_MIN + sourceBytes * GROWTH_MAX;
  }

  #refuse(): never {
    throw new MalformedError('a list of messages that are empty or nearly so');
  }
}
