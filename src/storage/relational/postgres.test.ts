import { sql } from 'kysely';
import { beforeAll, describe, expect, test } from 'vitest';

import { describeControlStore } from './conformance.ts';
import { openControlStore, openDatabase } from './control-store.ts';

/** A database that the tests may empty and fill, as `postgres://user@127.0.0.1:5432/signalbox_test`. */
const url = process.env['SIGNALBOX_TEST_POSTGRES_URL'];

test('says so when PostgreSQL does not answer', async () => {
  await expect(
    openControlStore({ kind: 'postgres', url: 'postgres://nobody@127.0.0.1:1/none' }),
  ).rejects.toMatchObject({ code: 'STORAGE_UNAVAILABLE' });
});

describe.runIf(url !== undefined)('with a server', () => {
  const options = { kind: 'postgres', url: url ?? '' } as const;

  beforeAll(async () => {
    const database = openDatabase(options);
    await sql`DROP SCHEMA public CASCADE`.execute(database);
    await sql`CREATE SCHEMA public`.execute(database);
    await database.destroy();
  });

  describeControlStore('the control store on PostgreSQL', {
    open: () => openControlStore(options),
  });

  test('does not let an audit entry be changed or removed', async () => {
    await (await openControlStore(options)).close();
    const database = openDatabase(options);
    for (const statement of [
      sql`UPDATE audit_log SET reason = 'other'`,
      sql`DELETE FROM audit_log`,
      sql`TRUNCATE audit_log`,
    ]) {
      await expect(statement.execute(database)).rejects.toThrow('the audit log is append-only');
    }
    await database.destroy();
  });

  test('migrates once when replicas start at once', async () => {
    const stores = await Promise.all([1, 2, 3].map(() => openControlStore(options)));
    await Promise.all(stores.map((store) => store.close()));
    expect(stores).toHaveLength(3);
  });
});
