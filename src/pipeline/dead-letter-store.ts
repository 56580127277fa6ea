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
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';

import { AppError } from '../errors.ts';
import type { Signal } from '../model/signal.ts';
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

export function deadLetterDirectory(directory: string): string {
  return join(directory, 'dead-letters');
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
  }

  /** Keeps a record durably. The same record kept twice is one letter. */
  add(record: WalRecord, reason: string, failedAtMs: number): DeadLetter {
    const id = digestOf(record.signal, record.project, record.body).toString('hex', 0, 16);
    const letter: DeadLetter = {
      id,
      project: record.project,
      signal: record.signal,
      reason,
      receivedAtMs: record.receivedAtMs,
      failedAtMs,
      bytes: record.body.length,
    };
    const held = this.list().reduce((sum, { bytes }) => sum + bytes, 0);
    if (held + letter.bytes > this.#bytesMax) {
      throw new AppError(
        'BACKLOG_FULL',
        `dead letters hold ${held} of ${this.#bytesMax} bytes: retry or remove some, or raise pipeline.deadLetterBytesMax`,
      );
    }
    writeDurably(join(this.#directory, `${id}.otlp`), record.body);
    writeDurably(join(this.#directory, `${id}.json`), Buffer.from(JSON.stringify(letter)));
    return letter;
  }

  /** All letters, newest first. */
  list(): DeadLetter[] {
    const letters = readdirSync(this.#directory)
      .filter((name) => name.endsWith('.json'))
      .map((name) => JSON.parse(readFileSync(join(this.#directory, name), 'utf8')) as DeadLetter);
    return letters.sort((a, b) => b.failedAtMs - a.failedAtMs || (a.id < b.id ? -1 : 1));
  }

  get(id: string): { letter: DeadLetter; body: Buffer } | undefined {
    const path = this.#pathOf(id);
    if (path === undefined || !existsSync(`${path}.json`)) return undefined;
    const letter = JSON.parse(readFileSync(`${path}.json`, 'utf8')) as DeadLetter;
    return { letter, body: readFileSync(`${path}.otlp`) };
  }

  /** False when there is no such letter. */
  remove(id: string): boolean {
    const path = this.#pathOf(id);
    if (path === undefined || !existsSync(`${path}.json`)) return false;
    rmSync(`${path}.json`);
    rmSync(`${path}.otlp`, { force: true });
    return true;
  }

  /** Ids come from users: nothing but a digest's digits may become part of a path. */
  #pathOf(id: string): string | undefined {
    return /^[0-9a-f]{32}$/.test(id) ? join(this.#directory, id) : undefined;
  }
}

function writeDurably(path: string, content: Buffer): void {
  const temporary = `${path}.new`;
  writeFileSync(temporary, content);
  const file = openSync(temporary, 'r');
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(temporary, path);
  if (statSync(path).size !== content.length) throw new AppError('STORAGE_FULL');
}
