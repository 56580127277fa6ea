import {
  appendFileSync,
  closeSync,
  existsSync,
  fdatasyncSync,
  openSync,
  readFileSync,
  renameSync,
} from 'node:fs';
import { join } from 'node:path';

const ENTRY_BYTES = 16;
const WORDS = 4;

/** Sixteen-byte values in flat memory: as many as it was made for. */
class FlatSet {
  size = 0;
  readonly #words: Uint32Array;
  readonly #mask: number;

  constructor(capacity: number) {
    let slots = 1;
    while (slots < capacity * 2) slots *= 2;
    this.#words = new Uint32Array(slots * WORDS);
    this.#mask = slots - 1;
  }

  has(digest: Buffer): boolean {
    return this.#words[this.#find(digest) * WORDS + 3] !== 0;
  }

  add(digest: Buffer): void {
    const at = this.#find(digest) * WORDS;
    if (this.#words[at + 3] !== 0) return;
    for (let word = 0; word < WORDS; word++) this.#words[at + word] = digest.readUInt32LE(word * 4);
    // Zero in the last word marks a free slot.
    if (this.#words[at + 3] === 0) this.#words[at + 3] = 1;
    this.size++;
  }

  #find(digest: Buffer): number {
    const w0 = digest.readUInt32LE(0);
    const w1 = digest.readUInt32LE(4);
    const w2 = digest.readUInt32LE(8);
    const w3 = digest.readUInt32LE(12) || 1;
    let slot = w0 & this.#mask;
    for (;;) {
      const at = slot * WORDS;
      const last = this.#words[at + 3];
      if (last === 0) return slot;
      if (
        last === w3 &&
        this.#words[at] === w0 &&
        this.#words[at + 1] === w1 &&
        this.#words[at + 2] === w2
      ) {
        return slot;
      }
      slot = (slot + 1) & this.#mask;
    }
  }
}

/**
 * Remembers the digests of the requests stored last, in memory and on disk, so that a request sent again is
 * recognised, also after a restart. Holds between one and two times `capacity` digests: when the present
 * generation is full it becomes the previous one, and the one before that is forgotten.
 */
export class DigestSet {
  readonly #capacity: number;
  readonly #currentPath: string;
  readonly #previousPath: string;
  #current: FlatSet;
  #previous: FlatSet;

  constructor(directory: string, capacity: number) {
    this.#capacity = capacity;
    this.#currentPath = join(directory, 'digests.current');
    this.#previousPath = join(directory, 'digests.previous');
    this.#current = load(this.#currentPath, capacity);
    this.#previous = load(this.#previousPath, capacity);
  }

  has(digest: Buffer): boolean {
    return this.#current.has(digest) || this.#previous.has(digest);
  }

  /** Remembers at once; `persist` makes it last. */
  add(digest: Buffer): void {
    this.#current.add(digest);
  }

  /** Makes the digests outlive the process, durably. Repeating one does no harm. */
  persist(digests: readonly Buffer[]): void {
    if (digests.length === 0) return;
    const bytes = Buffer.concat(digests.map((digest) => digest.subarray(0, ENTRY_BYTES)));
    const file = openSync(this.#currentPath, 'a');
    try {
      appendFileSync(file, bytes);
      fdatasyncSync(file);
    } finally {
      closeSync(file);
    }
    if (this.#current.size >= this.#capacity) this.#rotate();
  }

  #rotate(): void {
    renameSync(this.#currentPath, this.#previousPath);
    this.#previous = this.#current;
    this.#current = new FlatSet(this.#capacity);
  }
}

function load(path: string, capacity: number): FlatSet {
  const bytes = existsSync(path) ? readFileSync(path) : Buffer.alloc(0);
  const count = Math.floor(bytes.length / ENTRY_BYTES);
  // A file may hold a little more than the capacity: digests of one last segment.
  const set = new FlatSet(Math.max(capacity * 2, count * 2));
  for (let i = 0; i < count; i++) set.add(bytes.subarray(i * ENTRY_BYTES, (i + 1) * ENTRY_BYTES));
  return set;
}
