import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';

import { AppError } from '../errors.ts';
import type { Signal } from '../model/signal.ts';
import { syncDirectory } from '../base/sync-directory.ts';
import type { WalRecord } from './wal-record.ts';
import { digestOf } from './wal-record.ts';

/** A request that was acknowledged and could not be stored. */
export interface DeadLetter {
  readonly id: string;
  readonly project: string;
  readonly signal: Signal;
  readonly reason: string;
  readonly receivedAtMs: number;
  readonly failedAtMs: number;
  readonly bytes: number;
}

/** What a letter takes on disk beside its bytes: two files. */
const LETTER_OVERHEAD_BYTES = 8192;

export function deadLetterDirectory(directory: string): string {
  return join(directory, 'dead-letters');
}

/** The same content is the same letter. */
export function letterIdOf({ signal, project, body }: WalRecord): string {
  return digestOf(signal, project, body).toString('hex', 0, 16);
}

/**
 * Requests that cannot be stored, each as two files: `<id>.otlp` holds the protobuf body, `<id>.json` the rest.
 * The second is written last: without it a letter does not exist.
 */
export class DeadLetterStore {
  readonly #directory: string;
  readonly #bytesMax: number;

  constructor(directory: string, bytesMax: number) {
    this.#directory = directory;
    this.#bytesMax = bytesMax;
    mkdirSync(directory, { recursive: true });
    syncDirectory(dirname(directory));
  }

  /** Keeps a record durably. The same record kept twice is one letter, with its first reason. */
  add(record: WalRecord, reason: string, failedAtMs: number): DeadLetter {
    const id = letterIdOf(record);
    const letters = this.list();
    const known = letters.find((letter) => letter.id === id);
    if (known !== undefined) return known;
    const { signal, project, receivedAtMs, body } = record;
    const bytes = body.length;
    const letter: DeadLetter = { id, project, signal, reason, receivedAtMs, failedAtMs, bytes };
    const held = letters.reduce((sum, other) => sum + other.bytes + LETTER_OVERHEAD_BYTES, 0);
    if (held + bytes + LETTER_OVERHEAD_BYTES > this.#bytesMax) {
      throw new AppError(
        'BACKLOG_FULL',
        `dead letters hold ${held} of ${this.#bytesMax} bytes: retry or remove some, or raise pipeline.deadLetterBytesMax`,
      );
    }
    writeDurably(join(this.#directory, `${id}.otlp`), body);
    writeDurably(join(this.#directory, `${id}.json`), Buffer.from(JSON.stringify(letter)));
    syncDirectory(this.#directory);
    return letter;
  }

  /** All letters, newest first. */
  list(): DeadLetter[] {
    const letters = readdirSync(this.#directory)
      .filter((name) => name.endsWith('.json'))
      .map((name) => readLetter(join(this.#directory, name)))
      .filter((letter) => letter !== undefined);
    return letters.sort((a, b) => b.failedAtMs - a.failedAtMs || (a.id < b.id ? -1 : 1));
  }

  get(id: string): { letter: DeadLetter; body: Buffer } | undefined {
    const path = this.#pathOf(id);
    const letter = path === undefined ? undefined : readLetter(`${path}.json`);
    return letter && { letter, body: readFileSync(`${path}.otlp`) };
  }

  /** False when there is no such letter. */
  remove(id: string): boolean {
    const path = this.#pathOf(id);
    if (path === undefined || !existsSync(`${path}.json`)) return false;
    rmSync(`${path}.json`, { force: true });
    rmSync(`${path}.otlp`, { force: true });
    syncDirectory(this.#directory);
    return true;
  }

  /** Deletes what an interrupted `add` or `remove` left. Nothing else may be under way. */
  removeLeftovers(): void {
    const names = new Set(readdirSync(this.#directory));
    for (const name of names) {
      const isOrphan = name.endsWith('.otlp') && !names.has(name.replace(/otlp$/, 'json'));
      if (isOrphan || name.endsWith('.new')) rmSync(join(this.#directory, name), { force: true });
    }
  }

  /** Ids come from users: nothing but a digest's digits may become part of a path. */
  #pathOf(id: string): string | undefined {
    return /^[0-9a-f]{32}$/.test(id) ? join(this.#directory, id) : undefined;
  }
}

/** Undefined when another thread has removed the letter. */
function readLetter(path: string): DeadLetter | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as DeadLetter;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function writeDurably(path: string, content: Buffer): void {
  const temporary = `${path}.new`;
  const file = openSync(temporary, 'w');
  try {
    writeFileSync(file, content);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(temporary, path);
}
