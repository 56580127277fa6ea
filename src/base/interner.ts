import { randomInt } from 'node:crypto';

import { ByteBuilder } from './byte-builder.ts';
import { viewOf } from './data-view.ts';

const EMPTY = -1;
// Unknown to senders, so that nobody can choose keys that all fall into one slot.
const SEED = randomInt(2 ** 31);

/**
 * Gives equal byte strings the same small number, in order of first sight, starting at 0.
 * Numbers are never taken back; `reset` starts anew.
 */
export class Interner {
  /** The distinct strings one after the other; `starts[id]` to `starts[id + 1]` bounds one. */
  readonly data = new ByteBuilder(4096);
  count = 0;
  #starts = new Uint32Array(1025);
  #hashes = new Int32Array(1024);
  #table = new Int32Array(2048).fill(EMPTY);
  #mask = 2047;
  #texts: (string | undefined)[] = [];
  #byText = new Map<string, number>();

  intern(source: Uint8Array, start: number, end: number): number {
    const hash = hashOf(source, start, end);
    let slot = hash & this.#mask;
    for (;;) {
      const id = this.#table[slot]!;
      if (id === EMPTY) return this.#add(source, start, end, hash, slot);
      if (this.#hashes[id] === hash && this.equals(id, source, start, end)) return id;
      slot = (slot + 1) & this.#mask;
    }
  }

  internText(text: string): number {
    const known = this.#byText.get(text);
    if (known !== undefined) return known;
    const bytes = Buffer.from(text, 'utf8');
    const id = this.intern(bytes, 0, bytes.length);
    this.#byText.set(text, id);
    return id;
  }

  equals(id: number, source: Uint8Array, start: number, end: number): boolean {
    const from = this.#starts[id]!;
    const length = end - start;
    if (this.#starts[id + 1]! - from !== length) return false;
    const { bytes } = this.data;
    const asked = viewOf(source);
    let i = 0;
    if (asked !== undefined) {
      const known = this.data.dataView();
      for (; i + 4 <= length; i += 4) {
        if (known.getUint32(from + i) !== asked.getUint32(start + i)) return false;
      }
    }
    for (; i < length; i++) if (bytes[from + i] !== source[start + i]) return false;
    return true;
  }

  startOf(id: number): number {
    return this.#starts[id]!;
  }

  endOf(id: number): number {
    return this.#starts[id + 1]!;
  }

  /** The string behind a number, decoded once. */
  textOf(id: number): string {
    const known = this.#texts[id];
    if (known !== undefined) return known;
    const text = this.data.bytes.toString('utf8', this.#starts[id], this.#starts[id + 1]);
    this.#texts[id] = text;
    return text;
  }

  reset(): void {
    this.data.reset();
    this.count = 0;
    this.#texts = [];
    this.#byText.clear();
    this.#starts = new Uint32Array(1025);
    this.#hashes = new Int32Array(1024);
    this.#table = new Int32Array(2048).fill(EMPTY);
    this.#mask = 2047;
  }

  #add(source: Uint8Array, start: number, end: number, hash: number, slot: number): number {
    const id = this.count++;
    this.data.copy(source, start, end);
    if (id + 1 >= this.#starts.length) this.#growEntries();
    this.#starts[id + 1] = this.data.length;
    this.#hashes[id] = hash;
    this.#table[slot] = id;
    if (this.count * 2 > this.#table.length) this.#growTable();
    return id;
  }

  #growEntries(): void {
    const hashes = new Int32Array(this.#hashes.length * 2);
    hashes.set(this.#hashes);
    this.#hashes = hashes;
    // One more than entries: the last one's end.
    const starts = new Uint32Array(hashes.length + 1);
    starts.set(this.#starts);
    this.#starts = starts;
  }

  #growTable(): void {
    const table = new Int32Array(this.#table.length * 2).fill(EMPTY);
    const mask = table.length - 1;
    for (let id = 0; id < this.count; id++) {
      let slot = this.#hashes[id]! & mask;
      while (table[slot] !== EMPTY) slot = (slot + 1) & mask;
      table[slot] = id;
    }
    this.#table = table;
    this.#mask = mask;
  }
}

/** Four bytes at a time, each step mixed down so that the low bits, which choose the slot, depend on all. */
function hashOf(source: Uint8Array, start: number, end: number): number {
  const view = viewOf(source);
  let hash = SEED ^ (end - start);
  let i = start;
  for (; i + 4 <= end; i += 4) {
    const word = view === undefined ? wordAt(source, i) : view.getInt32(i);
    hash = Math.imul(hash ^ word, 0x9e3779b1);
    hash ^= hash >>> 15;
  }
  for (; i < end; i++) hash = Math.imul(hash ^ source[i]!, 16777619);
  hash = Math.imul(hash ^ (hash >>> 13), 0x85ebca6b);
  return hash ^ (hash >>> 16);
}

function wordAt(source: Uint8Array, at: number): number {
  return (source[at]! << 24) | (source[at + 1]! << 16) | (source[at + 2]! << 8) | source[at + 3]!;
}
