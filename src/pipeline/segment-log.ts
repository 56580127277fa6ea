import {
  closeSync,
  fdatasync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readFileSync,
  unlinkSync,
  writev,
} from 'node:fs';
import { dirname } from 'node:path';
import { promisify } from 'node:util';

import type { WalRecord } from './wal-record.ts';
import { encodeHeader } from './wal-record.ts';

const writevAsync = promisify(writev) as unknown as (
  file: number,
  buffers: readonly NodeJS.ArrayBufferView[],
  position: number,
) => Promise<{ bytesWritten: number }>;
const fdatasyncAsync = promisify(fdatasync);

/** The write-ahead log of one segment: a file to which groups of records are appended durably. */
export class SegmentLog {
  readonly path: string;
  /** Bytes that are durable. */
  length = 0;
  #file: number | undefined;

  constructor(path: string) {
    this.path = path;
  }

  /** Appends the records and returns once they are on disk. On failure the log is as it was. */
  async append(records: readonly WalRecord[]): Promise<void> {
    this.#file ??= createDurably(this.path);
    const file = this.#file;
    const parts = records.flatMap((record) => [encodeHeader(record), record.body]);
    try {
      let position = this.length;
      for (let rest = parts; rest.length > 0;) {
        const { bytesWritten } = await writevAsync(file, rest, position);
        position += bytesWritten;
        rest = dropWritten(rest, bytesWritten);
      }
      await fdatasyncAsync(file);
      this.length = position;
    } catch (error) {
      ftruncateSync(file, this.length);
      throw error;
    }
  }

  read(): Buffer {
    return readFileSync(this.path);
  }

  close(): void {
    if (this.#file !== undefined) closeSync(this.#file);
    this.#file = undefined;
  }

  remove(): void {
    this.close();
    unlinkSync(this.path);
  }
}

/** A new file whose name, too, survives the loss of power. */
function createDurably(path: string): number {
  const file = openSync(path, 'wx');
  const directory = openSync(dirname(path), 'r');
  try {
    fsyncSync(directory);
  } finally {
    closeSync(directory);
  }
  return file;
}

function dropWritten(buffers: readonly Buffer[], written: number): Buffer[] {
  let left = written;
  for (let i = 0; i < buffers.length; i++) {
    const buffer = buffers[i]!;
    if (left < buffer.length) return [buffer.subarray(left), ...buffers.slice(i + 1)];
    left -= buffer.length;
  }
  return [];
}
