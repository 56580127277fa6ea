import {
  closeSync,
  existsSync,
  fdatasyncSync,
  ftruncateSync,
  openSync,
  readFileSync,
  renameSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';

import { syncDirectory } from '../base/sync-directory.ts';

/** As much of a digest as is remembered. */
export const DIGEST_ENTRY_BYTES = 16;
const WORDS = 4;

/** Sixteen-byte values in flat memory. */
class FlatSet {
  size = 0;
  #words: Uint32Array;
  #mask: number;

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
    if (this.size * 2 > this.#mask) this.#grow();
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

  #grow(): void {
    const old = this.#words;
    this.#words = new Uint32Array(old.length * 2);
    this.#mask = this.#words.length / WORDS - 1;
    for (let at = 0; at < old.length; at += WORDS) {
      if (old[at + 3] === 0) continue;
      let slot = old[at]! & this.#mask;
      while (this.#words[slot * WORDS + 3] !== 0) slot = (slot + 1) & this.#mask;
      this.#words.set(old.subarray(at, at + WORDS), slot * WORDS);
    }
  }
}

/**
 * Remembers the digests of the requests stored last, in memory and on disk, so that a request sent again is
 * recognised, also after a restart. Holds between one and two times `capacity` digests, and those of all
 * requests that are not stored yet: when the present generation is full it becomes the previous one, and
 * the one before that is forgotten.
 */
export class DigestSet {
  readonly #directory: string;
  readonly #capacity: number;
  readonly #unsaved: () => Iterable<Buffer>;
  readonly #currentPath: string;
  readonly #previousPath: string;
  #current: FlatSet;
  #previous: FlatSet;
  /** Of the current file: whole entries that are durable. */
  #length: number;

  /** `unsaved` yields entries that were added and are not persisted yet: no rotation may forget them. */
  constructor(directory: string, capacity: number, unsaved: () => Iterable<Buffer> = () => []) {
    this.#directory = directory;
    this.#capacity = capacity;
    this.#unsaved = unsaved;
    this.#currentPath = join(directory, 'digests.current');
    this.#previousPath = join(directory, 'digests.previous');
    const current = readEntries(this.#currentPath);
    this.#length = current.length;
    this.#current = load(current, capacity);
    this.#previous = load(readEntries(this.#previousPath), 1);
  }

  has(digest: Buffer): boolean {
    return this.#current.has(digest) || this.#previous.has(digest);
  }

  /** Remembers at once; `persist` makes it last. */
  add(digest: Buffer): void {
    this.#current.add(digest);
  }

  /**
   * Makes digests outlive the process, durably: their first 16 bytes one after the other. Repeating it does no
   * harm. When it throws, the file is as it was.
   */
  persist(entries: Buffer): void {
    if (entries.length === 0) return;
    const isNew = !existsSync(this.#currentPath);
    const file = openSync(this.#currentPath, isNew ? 'w' : 'r+');
    try {
      // What a torn write left behind would shift all that follows.
      ftruncateSync(file, this.#length);
      writeAll(file, entries, this.#length);
      fdatasyncSync(file);
    } finally {
      closeSync(file);
    }
    if (isNew) syncDirectory(this.#directory);
    this.#length += entries.length;
    addAll(this.#current, entries);
    if (this.#length / DIGEST_ENTRY_BYTES >= this.#capacity) this.#rotate();
  }

  #rotate(): void {
    renameSync(this.#currentPath, this.#previousPath);
    syncDirectory(this.#directory);
    this.#length = 0;
    this.#previous = this.#current;
    this.#current = new FlatSet(this.#capacity);
    for (const entries of this.#unsaved()) addAll(this.#current, entries);
  }
}

function readEntries(path: string): Buffer {
  const bytes = existsSync(path) ? readFileSync(path) : Buffer.alloc(0);
  return bytes.subarray(0, bytes.length - (bytes.length % DIGEST_ENTRY_BYTES));
}

function load(entries: Buffer, capacity: number): FlatSet {
  const set = new FlatSet(Math.max(capacity, entries.length / DIGEST_ENTRY_BYTES));
  addAll(set, entries);
  return set;
}

function addAll(set: FlatSet, entries: Buffer): void {
  for (let at = 0; at < entries.length; at += DIGEST_ENTRY_BYTES) {
    set.add(entries.subarray(at, at + DIGEST_ENTRY_BYTES));
  }
}

function writeAll(file: number, bytes: Buffer, position: number): void {
  for (let at = 0; at < bytes.length;) {
    at += writeSync(file, bytes, at, bytes.length - at, position + at);
  }
}
