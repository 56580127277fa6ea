import {
  closeSync,
  fdatasync,
  ftruncateSync,
  openSync,
  readFileSync,
  rmSync,
  writev,
} from 'node:fs';
import { dirname } from 'node:path';
import { promisify } from 'node:util';

import { syncDirectory } from '../base/sync-directory.ts';
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
  /** What could not be undone: the file may hold more than was acknowledged, and takes no more. */
  #broken: unknown;
  #file: number | undefined;

  constructor(path: string) {
    this.path = path;
  }

  /** Appends the records and returns once they are on disk. On failure the log is as it was. */
  async append(records: readonly WalRecord[]): Promise<void> {
    if (this.#broken !== undefined) throw this.#broken;
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
      this.#cutBack(file);
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

  /** Deletes the file, if there is one, durably: a log that came back would be stored again. */
  remove(): void {
    this.close();
    rmSync(this.path, { force: true });
    syncDirectory(dirname(this.path));
  }

  #cutBack(file: number): void {
    try {
      ftruncateSync(file, this.length);
    } catch (error) {
      this.#broken = error;
    }
  }
}

/** A new file whose name, too, survives the loss of power. */
function createDurably(path: string): number {
  const file = openSync(path, 'w');
  try {
    syncDirectory(dirname(path));
  } catch (error) {
    closeSync(file);
    throw error;
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
