import { closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';

import type { SqliteDatabase, SqliteStatement } from 'kysely';
import Database from 'libsql';

import { AppError, messageOf, type ErrorCode } from '../../errors.ts';

/**
 * Opens the file with libsql, as the database that Kysely's SQLite dialect asks for (docs/adr/relational-store.md).
 * The file holds secrets, so only its owner may read it. Commits are synced to the disk.
 */
export function openSqliteDatabase(path: string): SqliteDatabase {
  mkdirSync(dirname(path), { recursive: true });
  closeSync(openSync(path, 'a', 0o600));
  const database = translateErrors(() => new Database(path));
  for (const pragma of [
    'busy_timeout = 5000',
    'journal_mode = WAL',
    'synchronous = FULL',
    'foreign_keys = ON',
  ]) {
    translateErrors(() => database.pragma(pragma));
  }
  let open = true;
  return {
    prepare: (sql) => prepare(database, sql),
    close: () => {
      if (!open) return;
      open = false;
      database.close();
    },
  };
}

function prepare(database: Database.Database, sql: string): SqliteStatement {
  // A write that upgrades a read transaction cannot wait for another process; one that starts as a write can.
  const text = sql === 'begin' ? 'begin immediate' : sql;
  // After a full disk SQLite has rolled back by itself, and another rollback would hide why.
  if (sql === 'rollback' && !database.inTransaction) return emptyStatement;
  const statement = translateErrors(() => database.prepare(text));
  return {
    reader: statement.reader,
    all: (parameters) => translateErrors(() => statement.all(checked(parameters))),
    run: (parameters) => translateErrors(() => statement.run(checked(parameters))),
    iterate: (parameters) => translateErrors(() => statement.iterate(checked(parameters))),
  };
}

const emptyStatement: SqliteStatement = {
  reader: false,
  all: () => [],
  run: () => ({ changes: 0, lastInsertRowid: 0 }),
  iterate: () => [][Symbol.iterator](),
};

/** libsql aborts the process on a boolean, cuts text at NUL, and stores NaN and undefined as NULL. */
function checked(parameters: readonly unknown[]): unknown[] {
  for (const [index, value] of parameters.entries()) {
    const bindable =
      value === null ||
      (typeof value === 'string' && !value.includes('\0')) ||
      (typeof value === 'number' && Number.isFinite(value));
    if (!bindable) {
      throw new TypeError(
        `cannot bind parameter ${index + 1}: ${typeof value === 'string' ? 'text with a NUL character' : typeof value}`,
      );
    }
  }
  return [...parameters];
}

function translateErrors<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    const code = codeOf(error);
    if (code === undefined) throw error;
    throw new AppError(code, `cannot use the control database: ${messageOf(error)}`, {
      cause: error,
    });
  }
}

function codeOf(error: unknown): ErrorCode | undefined {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (code === 'SQLITE_FULL') return 'STORAGE_FULL';
  return /^SQLITE_(BUSY|LOCKED|IOERR|CANTOPEN|CORRUPT|NOTADB|READONLY)/.test(code)
    ? 'STORAGE_UNAVAILABLE'
    : undefined;
}
