import { ByteBuilder } from '../base/byte-builder.ts';
import { DictionaryColumn } from '../base/dictionary-column.ts';
import type { Markable } from '../base/mark.ts';
import { StringColumn } from '../base/string-column.ts';

/** The byte before each payload reference in a stored text; the hash follows as 32 hex digits. */
export const PAYLOAD_MARK = 0x01;
export const PAYLOAD_HASH_BYTES = 16;

/**
 * Large contents, each once per segment, addressed by the first 16 bytes of their SHA-256. A value that
 * refers to them keeps its place in the row as text in which every large part is `\x01` and its hash.
 */
export class PayloadColumns {
  /** The project that the contents added next belong to. */
  project = '';
  readonly projects = new DictionaryColumn();
  readonly hashes = new ByteBuilder(4096);
  readonly contents = new StringColumn(64 * 1024);
  readonly #known = new Set<string>();
  readonly parts: readonly Markable[] = [this.projects, this.hashes, this.contents];

  get count(): number {
    return this.contents.count;
  }

  /** Adds the content unless the segment has it; `hash` is its address, `hex` the same in hex. */
  add(hash: Uint8Array, hex: string, content: Uint8Array, start: number, end: number): void {
    const key = `${this.project}/${hex}`;
    if (this.#known.has(key)) return;
    this.#known.add(key);
    this.projects.pushText(this.project);
    this.hashes.copy(hash, 0, PAYLOAD_HASH_BYTES);
    this.contents.push(content, start, end);
  }

  /** After a cut-back, what is known is what is left. */
  relearn(): void {
    this.#known.clear();
    for (let row = 0; row < this.count; row++) {
      const project = this.projects.dictionary.textOf(this.projects.ids.values[row]!);
      const at = row * PAYLOAD_HASH_BYTES;
      this.#known.add(
        `${project}/${this.hashes.bytes.toString('hex', at, at + PAYLOAD_HASH_BYTES)}`,
      );
    }
  }

  reset(): void {
    this.projects.reset();
    this.hashes.reset();
    this.contents.reset();
    this.#known.clear();
  }
}
