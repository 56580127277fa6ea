import {
  closeSync,
  existsSync,
  fdatasyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';

import { syncDirectory } from '../../base/sync-directory.ts';

/** What is known of the last insert that was begun into a table. */
export interface InsertNote {
  readonly token: string;
  /** The table's highest block number before it: with a higher one, the insert is done. */
  readonly block: number;
}

/** A note takes the same bytes of the file each time, so that even a full disk has room for it. */
const NOTE_BYTES = 512;

/**
 * Notes durably which insert is about to begin, a file per table. The engine has its own log of tokens, but
 * writes it before the rows are there: an insert cut off between the two would be taken for done, and its rows
 * lost.
 */
export class InsertNotes {
  readonly #directory: string;
  readonly #notes = new Map<string, InsertNote | undefined>();

  constructor(directory: string) {
    this.#directory = directory;
    mkdirSync(directory, { recursive: true });
  }

  get(table: string): InsertNote | undefined {
    if (!this.#notes.has(table)) this.#notes.set(table, this.#read(table));
    return this.#notes.get(table);
  }

  set(table: string, note: InsertNote): void {
    const text = Buffer.from(JSON.stringify(note));
    const bytes = Buffer.alloc(NOTE_BYTES, ' ');
    bytes.writeUInt32LE(crc32(text), 0);
    bytes.writeUInt16LE(text.length, 4);
    text.copy(bytes, 6);
    const path = this.#pathOf(table);
    const isNew = !existsSync(path);
    const file = openSync(path, isNew ? 'w' : 'r+');
    try {
      writeSync(file, bytes, 0, NOTE_BYTES, 0);
      fdatasyncSync(file);
    } finally {
      closeSync(file);
    }
    if (isNew) syncDirectory(this.#directory);
    this.#notes.set(table, note);
  }

  /** Undefined, too, for a note whose writing was cut off: its insert had not begun. */
  #read(table: string): InsertNote | undefined {
    const path = this.#pathOf(table);
    if (!existsSync(path)) return undefined;
    const bytes = readFileSync(path);
    if (bytes.length < NOTE_BYTES) return undefined;
    const text = bytes.subarray(6, 6 + bytes.readUInt16LE(4));
    if (crc32(text) !== bytes.readUInt32LE(0)) return undefined;
    return JSON.parse(text.toString('utf8')) as InsertNote;
  }

  #pathOf(table: string): string {
    return join(this.#directory, table);
  }
}
