import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import type { Clock } from '../../base/clock.ts';
import type { Engine } from './engine.ts';
import { toStorageError } from './engine-errors.ts';

/** Inserts a block in Native format: all or nothing. Throws `AppError`. */
export type InsertBlock = (table: string, chunks: readonly Buffer[]) => Promise<void>;

export interface BlockInserterOptions {
  readonly engine: Engine;
  /** Where blocks are written for the engine to read; emptied first. */
  readonly directory: string;
  readonly clock: Clock;
}

/** For tables that are written a few hundred rows at a time. Inserts into one table MUST be made one after the other. */
export function createBlockInserter({
  engine,
  directory,
  clock,
}: BlockInserterOptions): InsertBlock {
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory, { recursive: true });
  const boot = clock.now();
  let count = 0;
  return async (table, chunks) => {
    const path = join(directory, `${table}-${boot}-${count++}.native`);
    writeFileSync(path, Buffer.concat(chunks));
    try {
      // Who writes here reads what is stored before it tries again.
      await engine.insertNative(table, path);
    } catch (error) {
      throw toStorageError(error);
    } finally {
      rmSync(path, { force: true });
    }
  };
}
