import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, expect, test } from 'vitest';

import type { TestTelemetryStore } from '../../../test/harness/telemetry-store.ts';
import { openTelemetryStore, RECEIVED_MS } from '../../../test/harness/telemetry-store.ts';
import { TelemetryColumns } from '../../model/telemetry-columns.ts';
import { encodeSegment } from './encode-segment.ts';
import { InsertNotes } from './insert-notes.ts';

let opened: TestTelemetryStore;
let path: string;
beforeAll(async () => {
  opened = await openTelemetryStore();
  path = join(opened.directory, 'block.native');
  const columns = new TelemetryColumns();
  columns.payloads.project = 'default';
  columns.payloads.add(Buffer.alloc(16, 1), '01'.repeat(16), Buffer.from('content'), 0, 7);
  writeFileSync(path, Buffer.concat(encodeSegment(columns, RECEIVED_MS)[0]!.chunks));
});
afterAll(async () => {
  await opened.close();
});

/** Rows inserted, each as often as it was: merges take none away while they are stopped. */
async function countRows(): Promise<number> {
  const [row] = await opened.engine.query<{ rows: string }>(
    `SELECT sum(rows) AS rows FROM system.parts WHERE table = 'payloads' AND active`,
  );
  return Number(row!.rows);
}

test('an insert that is repeated is made once, whether it was noted only, had failed, or was done', async () => {
  const { engine, directory } = opened;
  await engine.command('SYSTEM STOP MERGES payloads');
  const insert = (token: string, from = path): Promise<void> =>
    engine.insertNative('payloads', from, token);
  await insert('first');
  await insert('first');
  expect(await countRows()).toBe(1);
  // What a crash leaves that comes after the note and before the rows.
  await expect(insert('second', join(directory, 'no such file'))).rejects.toThrow(/./);
  await insert('second');
  await insert('second');
  expect(await countRows()).toBe(2);
  await insert('third');
  expect(await countRows()).toBe(3);
});

test('a note outlives the process, and one whose writing was cut off is none', () => {
  const directory = mkdtempSync(join(tmpdir(), 'signalbox-notes-'));
  const note = { token: 'run-1-00000001/spans', block: 2 ** 40 };
  const notes = new InsertNotes(directory);
  expect(notes.get('spans')).toBeUndefined();
  notes.set('spans', { token: 'a much longer token than the next one has', block: 1 });
  notes.set('spans', note);
  expect(notes.get('spans')).toEqual(note);
  expect(new InsertNotes(directory).get('spans')).toEqual(note);
  const file = join(directory, 'spans');
  const bytes = readFileSync(file);
  bytes[12]! ^= 1;
  writeFileSync(file, bytes);
  expect(new InsertNotes(directory).get('spans')).toBeUndefined();
  writeFileSync(file, bytes.subarray(0, 100));
  expect(new InsertNotes(directory).get('spans')).toBeUndefined();
  rmSync(directory, { recursive: true });
});
