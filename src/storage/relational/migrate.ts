import { createHash } from 'node:crypto';

import { sql } from 'kysely';

import type { Clock } from '../../base/clock.ts';
import { AppError } from '../../errors.ts';
import type { Migration } from './migration.ts';
import { MIGRATIONS } from './migrations.ts';
import type { ControlDatabase, ControlTransaction } from './schema.ts';

export type EngineKind = 'sqlite' | 'postgres';

const WORDS: Readonly<Record<EngineKind, { readonly text: string; readonly identity: string }>> = {
  sqlite: { text: 'TEXT', identity: 'INTEGER PRIMARY KEY AUTOINCREMENT' },
  postgres: {
    text: 'TEXT COLLATE "C"',
    identity: 'BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY',
  },
};

/** Any number: replicas that start at once take the steps one after the other. */
const POSTGRES_LOCK = 7_361_802_144;

interface MigrateOptions {
  readonly kind: EngineKind;
  readonly clock: Clock;
  readonly migrations?: readonly Migration[];
}

/**
 * Takes the steps that the database has not taken yet, each in its own transaction, and answers their numbers.
 * Throws `SCHEMA_MISMATCH` when the database has taken a step that is unknown here or was different.
 */
export async function migrate(
  database: ControlDatabase,
  { kind, clock, migrations = MIGRATIONS }: MigrateOptions,
): Promise<readonly number[]> {
  await underLock(database, kind, async (transaction) => {
    await sql`CREATE TABLE IF NOT EXISTS schema_migrations (
      number INTEGER PRIMARY KEY, name TEXT NOT NULL, checksum TEXT NOT NULL, applied_at_ms BIGINT NOT NULL
    )`.execute(transaction);
  });
  const taken: number[] = [];
  for (const migration of migrations) {
    const isNew = await underLock(database, kind, (transaction) =>
      takeStep(transaction, migration, { kind, clock }),
    );
    if (isNew) taken.push(migration.number);
  }
  await refuseUnknownSteps(database, migrations);
  return taken;
}

function underLock<T>(
  database: ControlDatabase,
  kind: EngineKind,
  work: (transaction: ControlTransaction) => Promise<T>,
): Promise<T> {
  return database.transaction().execute(async (transaction) => {
    if (kind === 'postgres') {
      await sql`SELECT pg_advisory_xact_lock(${sql.lit(POSTGRES_LOCK)})`.execute(transaction);
    }
    return work(transaction);
  });
}

async function takeStep(
  transaction: ControlTransaction,
  migration: Migration,
  { kind, clock }: MigrateOptions,
): Promise<boolean> {
  const checksum = checksumOf(migration);
  const recorded = await transaction
    .selectFrom('schema_migrations')
    .select('checksum')
    .where('number', '=', migration.number)
    .executeTakeFirst();
  if (recorded !== undefined) {
    if (recorded.checksum === checksum) return false;
    throw new AppError(
      'SCHEMA_MISMATCH',
      `migration ${migration.number} (${migration.name}) differs from the one that this database has taken; use the version of Signalbox that wrote it, or a newer one`,
    );
  }
  for (const statement of [...migration.statements, ...(migration[kind] ?? [])]) {
    const words = WORDS[kind];
    const text = statement
      .replaceAll('{text}', words.text)
      .replaceAll('{identity}', words.identity);
    await sql.raw(text).execute(transaction);
  }
  await transaction
    .insertInto('schema_migrations')
    .values({
      number: migration.number,
      name: migration.name,
      checksum,
      applied_at_ms: clock.now(),
    })
    .execute();
  return true;
}

async function refuseUnknownSteps(
  database: ControlDatabase,
  migrations: readonly Migration[],
): Promise<void> {
  const known = new Set(migrations.map((migration) => migration.number));
  const recorded = await database
    .selectFrom('schema_migrations')
    .select(['number', 'name'])
    .orderBy('number')
    .execute();
  const unknown = recorded.find((row) => !known.has(row.number));
  if (unknown === undefined) return;
  throw new AppError(
    'SCHEMA_MISMATCH',
    `the database has taken migration ${unknown.number} (${unknown.name}), which this version does not know; use the version of Signalbox that wrote it, or a newer one`,
  );
}

function checksumOf(migration: Migration): string {
  const { statements, sqlite = [], postgres = [] } = migration;
  return createHash('sha256')
    .update(JSON.stringify([statements, sqlite, postgres]))
    .digest('hex');
}
