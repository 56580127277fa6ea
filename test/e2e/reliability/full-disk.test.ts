import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  closeSync,
  fstatSync,
  mkdtempSync,
  openSync,
  rmdirSync,
  statfsSync,
  truncateSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, test } from 'vitest';

import { eventually } from '../../harness/eventually.ts';
import { startServer } from '../../harness/server.ts';
import type { TestServer } from '../../harness/server.ts';
import { createNumberedRequest, encodeRequest } from './numbered-request.ts';
import { createLedger, send, sendUntil } from './sender.ts';
import type { Ledger } from './sender.ts';
import { compare, countLogs, NO_DISCREPANCY, readStoredItems } from './stored-items.ts';

const DISK_BYTES = 256 * 1024 * 1024;
const RESERVE_BYTES = 48 * 1024 * 1024;

/** A file system of its own, so that it can be filled. */
let disk: string;
let server: TestServer | undefined;

beforeEach(() => {
  disk = mkdtempSync(join(tmpdir(), 'signalbox-disk-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${DISK_BYTES}`, 'tmpfs', disk]);
  } catch (error) {
    throw new Error(
      'a full disk is tested on a small file system, which only root may mount: run the tests as root',
      { cause: error },
    );
  }
});

afterEach(async () => {
  await server?.dispose();
  server = undefined;
  execFileSync('umount', [disk]);
  rmdirSync(disk);
});

const freeBytes = (): number => {
  const { bavail, bsize } = statfsSync(disk);
  return bavail * bsize;
};

const ballastPath = (): string => join(disk, 'ballast');

/** Takes room until no more than `leftBytes` is free. */
function fill(leftBytes: number): void {
  const file = openSync(ballastPath(), 'a');
  const chunk = Buffer.alloc(64 * 1024, 1);
  try {
    while (freeBytes() > leftBytes) {
      writeSync(
        file,
        chunk,
        0,
        Math.min(chunk.length, freeBytes() - leftBytes),
        fstatSync(file).size,
      );
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
  } finally {
    closeSync(file);
  }
}

function makeRoom(): void {
  truncateSync(ballastPath());
}

/** Whether a trace that was stored before can be read. */
async function canRead(running: TestServer): Promise<boolean> {
  const traceId = `${'1'.padStart(16, '0')}${'1'.padStart(16, '0')}`;
  const { status, body } = await running.api('GET', `/api/v1/traces/${traceId}`);
  return status === 200 && (body.data as { spans: unknown[] }).spans.length === 3;
}

async function storeFirst(running: TestServer, ledger: Ledger): Promise<void> {
  const first = encodeRequest('traces', { lane: 0, index: 0 }, { encoding: 'json', gzip: false });
  expect(await send(running.url, first, ledger)).toBe(200);
  await eventually('the first trace', async () => (await canRead(running)) || undefined);
}

test('with less room than the reserve telemetry is refused with 503, reading goes on, and it recovers by itself', async () => {
  server = await startServer({
    dataDir: join(disk, 'data'),
    env: { SIGNALBOX_PIPELINE_DISK_RESERVE_BYTES: String(RESERVE_BYTES) },
  });
  const ledger = createLedger();
  await storeFirst(server, ledger);
  fill(RESERVE_BYTES / 2);
  const { url } = server;
  const refusal = await eventually('a refusal', async () => {
    const request = createNumberedRequest({ lane: 1, index: ledger.sent.size });
    if ((await send(url, request, ledger)) === 200) return undefined;
    const { signal, headers, body } = request;
    return await fetch(`${url}/v1/${signal}`, {
      method: 'POST',
      headers,
      body: body as Uint8Array<ArrayBuffer>,
    });
  });
  expect(refusal.status).toBe(503);
  expect(Number(refusal.headers.get('retry-after'))).toBeGreaterThan(0);
  expect(await refusal.text()).toContain('make room, or lower pipeline.diskReserveBytes');
  expect(await canRead(server)).toBe(true);
  makeRoom();
  const request = createNumberedRequest({ lane: 2, index: 0 });
  await eventually('recovery', async () => (await send(url, request, ledger)) === 200 || undefined);
  expect(await server.stop()).toEqual({ code: 0, signal: null });
  expect(compare(await readStoredItems(server.dataDir), ledger)).toEqual(NO_DISCREPANCY);
});

test('when writes fail for want of room nothing acknowledged is lost, also through a kill, and it recovers by itself', async () => {
  const running = (server = await startServer({
    dataDir: join(disk, 'data'),
    env: {
      SIGNALBOX_PIPELINE_DISK_RESERVE_BYTES: '0',
      SIGNALBOX_PIPELINE_SEGMENT_AGE_MAX_MS: '50',
    },
  }));
  const ledger = createLedger();
  await storeFirst(running, ledger);
  const over = new AbortController();
  const lanes = Promise.all(
    Array.from({ length: 4 }, (_, lane) =>
      sendUntil(
        running.url,
        ledger,
        () => over.signal.aborted,
        (index) =>
          createNumberedRequest({
            lane: lane + 1,
            index,
            items: 20,
            ballast: randomBytes(500).toString('base64'),
          }),
      ),
    ),
  );
  lanes.catch(() => over.abort());
  const count = (status: number): number => ledger.statuses.get(status) ?? 0;
  // Each time the room runs out somewhere else: in the log, in a segment's files, in the engine, in the digests.
  for (const leftBytes of [4_000_000, 1_000_000, 300_000, 50_000, 0]) {
    const [refused, taken] = [count(503), count(200)];
    fill(leftBytes);
    await eventually(
      'refusals',
      () => count(503) > refused + 20 || over.signal.aborted || undefined,
    );
    expect(await canRead(running)).toBe(true);
    if (leftBytes === 50_000 || leftBytes === 4_000_000) {
      await running.kill9();
      await running.restart();
      expect(await canRead(running)).toBe(true);
    }
    makeRoom();
    await eventually(
      'recovery',
      () => count(200) > taken + 20 || over.signal.aborted || undefined,
      30_000,
    );
  }
  over.abort();
  await lanes;
  expect(new Set(ledger.statuses.keys())).toEqual(new Set([0, 200, 503]));
  await eventually('an empty log', () => countLogs(running.dataDir) === 0 || undefined, 30_000);
  expect(await running.stop()).toEqual({ code: 0, signal: null });
  expect(compare(await readStoredItems(running.dataDir), ledger)).toEqual(NO_DISCREPANCY);
});
