import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { sql } from 'kysely';
import { afterAll, expect, test } from 'vitest';

import { systemClock } from '../../base/clock.ts';
import { describeControlStore } from './conformance.ts';
import { openControlStore, openDatabase } from './control-store.ts';
import { migrate } from './migrate.ts';
import { MIGRATIONS } from './migrations.ts';
import { createSettingStore } from './setting-rows.ts';

const directory = mkdtempSync(join(tmpdir(), 'signalbox-control-'));
afterAll(() => rmSync(directory, { recursive: true }));

describeControlStore('the control store on SQLite', {
  open: () => openControlStore({ kind: 'sqlite', path: join(directory, 'conformance.db') }),
});

const freshPath = (() => {
  let count = 0;
  return () => join(directory, `fresh-${(count += 1)}.db`);
})();

test('takes each migration once', async () => {
  const path = freshPath();
  const database = openDatabase({ kind: 'sqlite', path });
  const options = { kind: 'sqlite', clock: systemClock } as const;
  expect(await migrate(database, options)).toEqual(MIGRATIONS.map(({ number }) => number));
  expect(await migrate(database, options)).toEqual([]);
  await database.destroy();
});

test('refuses a database whose migration was different', async () => {
  const database = openDatabase({ kind: 'sqlite', path: freshPath() });
  const options = { kind: 'sqlite', clock: systemClock } as const;
  const step = { number: 1, name: 'one', statements: ['CREATE TABLE a (b {text})'] };
  await migrate(database, { ...options, migrations: [step] });
  const altered = { ...step, statements: ['CREATE TABLE a (c {text})'] };
  await expect(migrate(database, { ...options, migrations: [altered] })).rejects.toMatchObject({
    code: 'SCHEMA_MISMATCH',
    message:
      'migration 1 (one) differs from the one that this database has taken; use the version of Signalbox that wrote it, or a newer one',
  });
  await database.destroy();
});

test('refuses a database that a newer version has migrated', async () => {
  const path = freshPath();
  await (await openControlStore({ kind: 'sqlite', path })).close();
  const database = openDatabase({ kind: 'sqlite', path });
  await sql`INSERT INTO schema_migrations VALUES (999, 'later', '', 0)`.execute(database);
  await database.destroy();
  await expect(openControlStore({ kind: 'sqlite', path })).rejects.toMatchObject({
    code: 'SCHEMA_MISMATCH',
    message:
      'the database has taken migration 999 (later), which this version does not know; use the version of Signalbox that wrote it, or a newer one',
  });
});

test('leaves nothing behind of a migration that fails', async () => {
  const database = openDatabase({ kind: 'sqlite', path: freshPath() });
  const step = { number: 1, name: 'one', statements: ['CREATE TABLE a (b {text})', 'NONSENSE'] };
  const options = { kind: 'sqlite', clock: systemClock, migrations: [step] } as const;
  await expect(migrate(database, options)).rejects.toThrow(/NONSENSE/);
  const tables = await sql`SELECT name FROM sqlite_master WHERE name = 'a'`.execute(database);
  expect(tables.rows).toEqual([]);
  await database.destroy();
});

test('does not let an audit entry be changed or removed', async () => {
  const path = freshPath();
  const store = await openControlStore({ kind: 'sqlite', path });
  await store.auditLog.append({
    project: 'default',
    atMs: 1,
    actor: { kind: 'user', id: 'usr', name: 'ada' },
    action: 'agent.reviewed',
    target: { kind: 'agent', id: 'agt' },
    reason: null,
    detail: {},
  });
  await store.close();
  const database = openDatabase({ kind: 'sqlite', path });
  for (const statement of [
    sql`UPDATE audit_log SET reason = 'other'`,
    sql`DELETE FROM audit_log`,
    sql`INSERT OR REPLACE INTO audit_log SELECT * FROM audit_log`,
  ]) {
    await expect(statement.execute(database)).rejects.toThrow('the audit log is append-only');
  }
  await database.destroy();
});

test('keeps the file from other users of the machine', async () => {
  const path = freshPath();
  const store = await openControlStore({ kind: 'sqlite', path });
  await store.settings.listByName('any');
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(statSync(`${path}-wal`).mode & 0o777).toBe(0o600);
  await store.close();
});

test('says so when the file cannot be opened', async () => {
  await expect(openControlStore({ kind: 'sqlite', path: directory })).rejects.toThrow(/EISDIR/);
});

test('says so when the disk is full, keeps what it had, and goes on when there is room', async () => {
  const path = freshPath();
  const store = await openControlStore({ kind: 'sqlite', path });
  await store.close();
  const database = openDatabase({ kind: 'sqlite', path });
  const settings = createSettingStore(database);
  const put = (name: string, charactersMax: number) =>
    settings.put('default', name, 'x'.repeat(charactersMax), {
      project: 'default',
      atMs: 1,
      actor: { kind: 'user', id: 'usr', name: 'ada' },
      action: 'setting.changed',
      target: { kind: 'setting', id: name },
      reason: null,
      detail: {},
    });
  await put('before', 10);
  // A bound on the file's pages is answered by SQLite as a full disk is.
  await sql`PRAGMA max_page_count = 60`.execute(database);
  await expect(put('large', 1_000_000)).rejects.toMatchObject({ code: 'STORAGE_FULL' });
  expect(await settings.get('default', 'before')).toBe('x'.repeat(10));
  expect(await settings.get('default', 'large')).toBeUndefined();
  await sql`PRAGMA max_page_count = 10000`.execute(database);
  await put('large', 1_000_000);
  expect(await settings.get('default', 'large')).toHaveLength(1_000_000);
  await database.destroy();
});

test('refuses to bind what the driver would store as something else', async () => {
  const database = openDatabase({ kind: 'sqlite', path: freshPath() });
  for (const value of [true, undefined, Number.NaN, 'a\0b']) {
    await expect(sql`SELECT ${value}`.execute(database)).rejects.toThrow(
      /^cannot bind parameter 1: (boolean|undefined|number|text with a NUL character)$/,
    );
  }
  await database.destroy();
});
