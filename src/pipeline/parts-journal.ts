import {
  closeSync,
  existsSync,
  fdatasyncSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';

import type { Refusal } from './sealed-segment.ts';
import { syncDirectory } from '../base/sync-directory.ts';

/** Records `from` (included) to `to` (not included) of a segment, and the tables that still want their rows. */
export interface Range {
  readonly from: number;
  readonly to: number;
  readonly tables: readonly string[] | 'all';
}

type Entry =
  | { readonly kind: 'begin'; readonly range: Range }
  /** The first range left is stored, or a dead letter. */
  | { readonly kind: 'done' }
  /** The first range left is replaced by its halves. */
  | { readonly kind: 'halve'; readonly tables: readonly string[] | 'all' };

/**
 * How far the storing of a segment in parts has come, durably: after a crash it goes on with the very part that was
 * under way, so that no part is stored as itself and as a part of another one. A file of JSON lines beside
 * the segment's log.
 */
export class PartsJournal {
  readonly path: string;
  /** What is left, the next first. */
  readonly #left: Range[] = [];
  #length = 0;

  private constructor(path: string) {
    this.path = path;
  }

  /** The journal of a segment that was taken apart before; undefined when it was not. */
  static load(path: string): PartsJournal | undefined {
    if (!existsSync(path)) return undefined;
    const journal = new PartsJournal(path);
    const text = readFileSync(path, 'utf8');
    // What follows the last line end is an unfinished write.
    const whole = text.slice(0, text.lastIndexOf('\n') + 1);
    for (const line of whole.split('\n')) {
      if (line !== '') journal.#apply(JSON.parse(line) as Entry);
    }
    journal.#length = Buffer.byteLength(whole);
    return journal;
  }

  static create(path: string, count: number, refusal: Refusal): PartsJournal {
    const journal = new PartsJournal(path);
    const begin: Entry = { kind: 'begin', range: { from: 0, to: count, tables: refusal.tables } };
    const line = Buffer.from(`${JSON.stringify(begin)}\n`);
    const file = openSync(`${path}.new`, 'w');
    try {
      writeSync(file, line);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(`${path}.new`, path);
    syncDirectory(dirname(path));
    journal.#length = line.length;
    journal.#apply(begin);
    return journal;
  }

  get next(): Range | undefined {
    return this.#left[0];
  }

  done(): void {
    this.#append({ kind: 'done' });
  }

  /** Replaces the next range, of two records or more, by its halves, with rows for `tables` alone. */
  halve(tables: readonly string[] | 'all'): void {
    this.#append({ kind: 'halve', tables });
  }

  remove(): void {
    rmSync(this.path, { force: true });
  }

  #append(entry: Entry): void {
    const line = Buffer.from(`${JSON.stringify(entry)}\n`);
    const file = openSync(this.path, 'r+');
    try {
      ftruncateSync(file, this.#length);
      for (let at = 0; at < line.length;) {
        at += writeSync(file, line, at, line.length - at, this.#length + at);
      }
      fdatasyncSync(file);
    } finally {
      closeSync(file);
    }
    this.#length += line.length;
    this.#apply(entry);
  }

  #apply(entry: Entry): void {
    if (entry.kind === 'begin') {
      if (entry.range.to > entry.range.from) this.#left.push(entry.range);
      return;
    }
    const range = this.#left.shift()!;
    if (entry.kind === 'done') return;
    const { from, to } = range;
    const middle = from + Math.ceil((to - from) / 2);
    const { tables } = entry;
    this.#left.unshift({ from, to: middle, tables }, { from: middle, to, tables });
  }
}
