import { afterEach, expect, test } from 'vitest';

import { startServer } from '../../harness/server.ts';
import type { TestServer } from '../../harness/server.ts';
import { createNumberedRequest } from './numbered-request.ts';
import { createLedger, send } from './sender.ts';
import { compare, NO_DISCREPANCY, readStoredItems } from './stored-items.ts';

let server: TestServer;
afterEach(async () => {
  await server.dispose();
});

test('a request that is sent again is acknowledged and stored once, also after a restart and a kill', async () => {
  server = await startServer();
  const ledger = createLedger();
  const requests = Array.from({ length: 8 }, (_, index) =>
    createNumberedRequest({ lane: 0, index }),
  );
  const sendAll = async (): Promise<number[]> =>
    await Promise.all(requests.map((request) => send(server.url, request, ledger)));
  const allFine = requests.map(() => 200);
  // Twice at once, then again once they are on disk.
  expect(await Promise.all([sendAll(), sendAll()])).toEqual([allFine, allFine]);
  expect(await sendAll()).toEqual(allFine);
  await server.kill9();
  await server.restart();
  expect(await sendAll()).toEqual(allFine);
  await server.stop();
  await server.restart();
  expect(await sendAll()).toEqual(allFine);
  await server.stop();
  expect(ledger.acknowledged.size).toBe(24);
  expect(compare(await readStoredItems(server.dataDir), ledger)).toEqual(NO_DISCREPANCY);
});
