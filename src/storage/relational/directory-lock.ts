import { join } from 'node:path';

import Database from 'libsql';

import { AppError } from '../../errors.ts';

export interface DirectoryLock {
  /** Safe to call twice. */
  release(): void;
}

/**
 * Makes this the one process that uses the directory, until it releases it or ends, however it ends: SQLite locks
 * the file with the operating system's own locks, on every platform and between containers. Throws
 * `DATA_DIRECTORY_LOCKED` when another process holds it.
 */
export function lockDirectory(directory: string): DirectoryLock {
  const database = new Database(join(directory, 'lock.db'));
  try {
    // Nothing is written: the lock that this would need is all.
    database.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    database.close();
    if ((error as { code?: unknown }).code !== 'SQLITE_BUSY') throw error;
    throw new AppError(
      'DATA_DIRECTORY_LOCKED',
      `another Signalbox runs on the data directory ${directory}; stop it, or choose another --data-dir`,
      { cause: error },
    );
  }
  return { release: () => void database.close() };
}
