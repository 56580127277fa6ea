import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { afterEach, expect, test } from 'vitest';

import { eventually } from '../../harness/eventually.ts';
import { startServer } from '../../harness/server.ts';
import type { TestServer } from '../../harness/server.ts';
import { createNumberedRequest, encodeRequest } from './numbered-request.ts';
import { createLedger, send } from './sender.ts';
import { compare, NO_DISCREPANCY, readStoredItems } from './stored-items.ts';

/** Far less than one block of 50 MB needs, and enough for small ones. */
const LITTLE_MEMORY = String(96 * 1024 * 1024);
const ENOUGH_MEMORY = String(1024 * 1024 * 1024);

interface Letter {
  readonly id: string;
  readonly signal: string;
  readonly reason: string;
  readonly bytes: number;
}

let server: TestServer;
afterEach(async () => {
  await server.dispose();
});

async function listLetters(): Promise<Letter[]> {
  const { body } = await server.api('GET', '/api/v1/dead-letters');
  return body.data as Letter[];
}

async function oneLetter(): Promise<Letter> {
  return await eventually('a dead letter', async () => (await listLetters())[0], 60_000);
}

test('a request that the store refuses becomes a dead letter, its neighbours are stored, and a retry stores it', async () => {
  server = await startServer({
    env: {
      SIGNALBOX_STORAGE_MEMORY_BYTES_MAX: LITTLE_MEMORY,
      // All requests are of one segment.
      SIGNALBOX_PIPELINE_SEGMENT_AGE_MAX_MS: '3000',
    },
  });
  const [neighbours, poison] = [createLedger(), createLedger()];
  for (let index = 0; index < 6; index++) {
    await send(server.url, createNumberedRequest({ lane: 0, index }), neighbours);
    if (index !== 2) continue;
    const huge = { lane: 1, index: 0, items: 25, ballast: 'x'.repeat(2_000_000) };
    await send(
      server.url,
      encodeRequest('traces', huge, { encoding: 'protobuf', gzip: true }),
      poison,
    );
  }
  expect([...neighbours.statuses, ...poison.statuses]).toEqual([
    [200, 6],
    [200, 1],
  ]);
  const letter = await oneLetter();
  expect(letter).toMatchObject({ signal: 'traces', bytes: expect.any(Number) as number });
  expect(letter.reason).toMatch(/memory limit/i);
  expect(await server.stop()).toEqual({ code: 0, signal: null });
  expect(compare(await readStoredItems(server.dataDir), neighbours)).toEqual(NO_DISCREPANCY);

  await server.restart({ SIGNALBOX_STORAGE_MEMORY_BYTES_MAX: ENOUGH_MEMORY });
  expect(await listLetters()).toEqual([letter]);
  const retry = async (): Promise<number> =>
    (await server.api('POST', `/api/v1/dead-letters/${letter.id}/retry`)).status;
  // A second click while the first is under way is the same retry, and a later one finds nothing.
  const [first, second] = await Promise.all([retry(), retry()]);
  expect([200, 404]).toContain(first);
  expect([200, 404]).toContain(second);
  expect([first, second]).toContain(200);
  expect(await listLetters()).toEqual([]);
  expect(await retry()).toBe(404);
  expect(await server.stop()).toEqual({ code: 0, signal: null });
  const all = {
    sent: new Set([...neighbours.sent, ...poison.sent]),
    acknowledged: new Set([...neighbours.acknowledged, ...poison.acknowledged]),
  };
  expect(compare(await readStoredItems(server.dataDir), all)).toEqual(NO_DISCREPANCY);
});

test('a record that is damaged on disk becomes a dead letter, and its neighbours are stored', async () => {
  server = await startServer({ env: { SIGNALBOX_PIPELINE_SEGMENT_AGE_MAX_MS: '60000' } });
  const [neighbours, damaged] = [createLedger(), createLedger()];
  for (let index = 0; index < 5; index++) {
    const request = encodeRequest('traces', { lane: 0, index }, { encoding: 'json', gzip: true });
    await send(server.url, request, index === 2 ? damaged : neighbours);
  }
  await server.kill9();
  const wal = join(server.dataDir, 'telemetry', 'wal');
  const [name, ...more] = readdirSync(wal);
  expect(more).toEqual([]);
  const log = readFileSync(join(wal, name!));
  log[log.indexOf('traces-0-2-1')]! ^= 1;
  writeFileSync(join(wal, name!), log);
  await server.restart();
  const letter = await oneLetter();
  expect(letter).toMatchObject({
    signal: 'traces',
    reason: 'the write-ahead log is damaged here: this is not what was written',
  });
  // Its sender may send it again: what is damaged is not taken for stored.
  await server.stop();
  expect(compare(await readStoredItems(server.dataDir), neighbours)).toEqual(NO_DISCREPANCY);
});
