import { afterEach, expect, test } from 'vitest';

import { eventually } from '../../harness/eventually.ts';
import { startServer } from '../../harness/server.ts';
import type { TestServer } from '../../harness/server.ts';
import { createNumberedRequest } from './numbered-request.ts';
import { createLedger, send } from './sender.ts';
import { compare, NO_DISCREPANCY, readStoredItems } from './stored-items.ts';

let server: TestServer;
afterEach(async () => {
  await server.dispose();
});

test('SIGTERM under load drains and exits 0 within ten seconds, and the next start has nothing to do', async () => {
  server = await startServer();
  const ledger = createLedger();
  const lanes = Array.from({ length: 8 }, async (_, lane) => {
    for (let index = 0; ; index++) {
      const status = await send(
        server.url,
        createNumberedRequest({ lane, index, items: 50 }),
        ledger,
      );
      if (status === 0) return;
    }
  });
  await eventually('a running load', () => ledger.acknowledged.size > 10_000 || undefined);
  const before = performance.now();
  expect(await server.stop()).toEqual({ code: 0, signal: null });
  expect(performance.now() - before).toBeLessThan(10_000);
  await Promise.all(lanes);
  // What came while it was stopping was refused aloud, not cut off.
  expect([...ledger.statuses.keys()].toSorted((a, b) => a - b)).toSatisfy((statuses: number[]) =>
    statuses.every((status) => [0, 200, 503].includes(status)),
  );
  expect(compare(await readStoredItems(server.dataDir), ledger)).toEqual(NO_DISCREPANCY);
  await server.restart();
  expect(server.stderr()).toBe('');
  expect(await server.stop()).toEqual({ code: 0, signal: null });
  expect(compare(await readStoredItems(server.dataDir), ledger)).toEqual(NO_DISCREPANCY);
});
