import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';

import { AppError } from '../../errors.ts';
import type { Engine } from './engine.ts';
import { sql } from './sql.ts';

const DIRECTORY = new URL('./sql/migrations/', import.meta.url);

/**
 * Brings the tables to this version: runs the files of `sql/migrations` that have not been run, in the order of
 * their names. A file that was run and has changed since is refused: its effect is in the data.
 */
export async function migrate(engine: Engine, directory: URL = DIRECTORY): Promise<void> {
  await engine.command(
    'CREATE TABLE IF NOT EXISTS migrations (name String, checksum String, applied DateTime DEFAULT now()) ENGINE = MergeTree ORDER BY name SETTINGS fsync_after_insert = 1',
  );
  const applied = new Map(
    (
      await engine.query<{ name: string; checksum: string }>(
        'SELECT name, checksum FROM migrations',
      )
    ).map(({ name, checksum }) => [name, checksum]),
  );
  const names = readdirSync(directory)
    .filter((name) => name.endsWith('.sql'))
    .sort();
  refuseNewer(applied, names);
  for (const name of names) {
    const text = readFileSync(new URL(name, directory), 'utf8');
    const checksum = createHash('sha256').update(text).digest('hex');
    const known = applied.get(name);
    if (known === checksum) continue;
    if (known !== undefined) {
      throw new AppError(
        'SCHEMA_MISMATCH',
        `the tables were made by another text of ${name}; start the Signalbox that made them, or choose another --data-dir`,
      );
    }
    await engine.command(text.replace(/^CREATE TABLE /, 'CREATE TABLE IF NOT EXISTS '));
    await engine.command(
      sql`INSERT INTO migrations (name, checksum) VALUES (${name}, ${checksum})`.text,
    );
  }
}

function refuseNewer(applied: ReadonlyMap<string, string>, names: readonly string[]): void {
  const unknown = [...applied.keys()].find((name) => !names.includes(name));
  if (unknown === undefined) return;
  throw new AppError(
    'SCHEMA_MISMATCH',
    `the tables were made by a newer Signalbox (${unknown}); start that one, or choose another --data-dir`,
  );
}
