import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';

import type { TestTelemetryStore } from '../../../test/harness/telemetry-store.ts';
import { openTelemetryStore } from '../../../test/harness/telemetry-store.ts';
import { clickhouseConfigSchema } from './config.ts';
import { openEmbeddedEngine } from './engine-embedded.ts';
import { migrate } from './migrate.ts';

let opened: TestTelemetryStore;
let folder: string;
beforeAll(async () => {
  opened = await openTelemetryStore();
});
afterAll(async () => {
  await opened?.close();
});
beforeEach(async () => {
  for (const table of ['migrations', 'first', 'second']) {
    await opened.engine.command(`DROP TABLE IF EXISTS ${table}`);
  }
  folder = mkdtempSync(join(tmpdir(), 'signalbox-migrations-'));
  write('0001-first.sql', 'CREATE TABLE first\n(\n    a UInt8\n)\nENGINE = MergeTree ORDER BY a\n');
  return () => rmSync(folder, { recursive: true });
});

const write = (name: string, text: string): void => writeFileSync(join(folder, name), text);
const run = (): Promise<void> => migrate(opened.engine, pathToFileURL(`${folder}/`));
const applied = async (): Promise<string[]> =>
  (await opened.engine.query<{ name: string }>('SELECT name FROM migrations ORDER BY name')).map(
    ({ name }) => name,
  );

test('runs what has not been run, once, in the order of names', async () => {
  await run();
  await opened.engine.command('INSERT INTO first VALUES (1)');
  await run();
  write('0002-second.sql', 'CREATE TABLE second AS first');
  await run();
  expect(await applied()).toEqual(['0001-first.sql', '0002-second.sql']);
  expect(await opened.engine.query('SELECT a FROM first')).toEqual([{ a: 1 }]);
});

test('goes on where a former start was cut off between a table and its record', async () => {
  await opened.engine.command('CREATE TABLE first (a UInt8) ENGINE = MergeTree ORDER BY a');
  await opened.engine.command('INSERT INTO first VALUES (2)');
  await run();
  expect(await applied()).toEqual(['0001-first.sql']);
  expect(await opened.engine.query('SELECT a FROM first')).toEqual([{ a: 2 }]);
});

test('refuses tables that were made by another text', async () => {
  await run();
  write('0001-first.sql', 'CREATE TABLE first (a UInt16) ENGINE = MergeTree ORDER BY a');
  await expect(run()).rejects.toMatchObject({
    code: 'SCHEMA_MISMATCH',
    message: expect.stringContaining('another text of 0001-first.sql') as unknown,
  });
});

test('refuses tables of a newer version before it changes anything', async () => {
  write('0002-second.sql', 'CREATE TABLE second AS first');
  await run();
  rmSync(join(folder, '0002-second.sql'));
  write('0001-later.sql', 'CREATE TABLE third AS first');
  await expect(run()).rejects.toMatchObject({
    code: 'SCHEMA_MISMATCH',
    message: expect.stringContaining('newer Signalbox (0002-second.sql)') as unknown,
  });
  expect(await opened.engine.query("SELECT name FROM system.tables WHERE name = 'third'")).toEqual(
    [],
  );
});

test('the real migrations are one table each that fsyncs what it takes, or change one, and can run twice', () => {
  const directory = new URL('./sql/migrations/', import.meta.url);
  for (const name of readdirSync(directory)) {
    const text = readFileSync(new URL(name, directory), 'utf8');
    if (text.startsWith('ALTER TABLE ')) {
      const added = text.match(/\bADD (?:COLUMN|INDEX|PROJECTION)\b/g) ?? [];
      expect(text.match(/\bIF NOT EXISTS\b/g) ?? [], name).toHaveLength(added.length);
      continue;
    }
    expect(text, name).toMatch(/^CREATE TABLE \w+\n/);
    expect(text, name).toContain('fsync_after_insert = 1');
    expect(text, name).toContain('fsync_part_directory = 1');
  }
});

test('a directory that the engine cannot use is refused with what to do', async () => {
  // The engine allows a process one directory: a second is as good as one that another process has.
  const other = join(opened.directory, 'other');
  await expect(openEmbeddedEngine(other, clickhouseConfigSchema.parse({}))).rejects.toMatchObject({
    code: 'DATA_DIRECTORY_LOCKED',
    message: expect.stringContaining('choose another --data-dir') as unknown,
  });
  expect(await opened.engine.query('SELECT 1 AS one')).toEqual([{ one: 1 }]);
});
