import { setTimeout as sleep } from 'node:timers/promises';

import { afterEach, expect, test } from 'vitest';

import { startServer } from '../../harness/server.ts';
import type { TestServer } from '../../harness/server.ts';
import { createNumberedRequest } from './numbered-request.ts';
import { createLedger, sendUntil } from './sender.ts';
import { compare, NO_DISCREPANCY, readStoredItems } from './stored-items.ts';

/** More of them in the long campaign: `npm run crash-campaign -- --kills 1000`. */
const KILLS = Number(process.env['SIGNALBOX_TEST_KILLS'] ?? 24);
const SEED = Number(process.env['SIGNALBOX_TEST_SEED'] ?? 1);
const LANES = 6;

let server: TestServer | undefined;
afterEach(async () => {
  await server?.dispose();
  server = undefined;
});

/** Park and Miller's generator: the same kills for the same seed. */
function createRandom(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
}

/** Kills the server while it serves, or while it starts and replays what the last kill left. */
async function killOnce(running: TestServer, random: () => number): Promise<void> {
  const whileStarting = random() < 0.4;
  if (whileStarting) {
    await running.kill9();
    const starting = running.restart().catch(() => undefined);
    await sleep(random() * 900);
    await running.kill9();
    await starting;
  } else {
    await sleep(random() * 1_200);
    await running.kill9();
  }
  await running.restart();
}

test(
  `after each of ${KILLS} kills under load, what was acknowledged is stored exactly once`,
  { timeout: 120_000 + KILLS * 10_000 },
  async () => {
    const random = createRandom(SEED);
    const ledger = createLedger();
    const running = (server = await startServer({
      env: { SIGNALBOX_PIPELINE_SEGMENT_AGE_MAX_MS: '60' },
    }));
    const over = new AbortController();
    const lanes = Array.from({ length: LANES }, (_, lane) =>
      sendUntil(
        running.url,
        ledger,
        () => over.signal.aborted,
        (index) => createNumberedRequest({ lane, index }),
      ),
    );
    const failed = Promise.all(lanes);
    failed.catch(() => over.abort());
    for (let kill = 1; kill <= KILLS && !over.signal.aborted; kill++) {
      await killOnce(running, random);
      if (process.env['SIGNALBOX_TEST_KILLS'] !== undefined) {
        process.stderr.write(`kill ${kill} of ${KILLS}: ${ledger.acknowledged.size} items\n`);
      }
    }
    over.abort();
    await failed;
    expect(await running.stop()).toEqual({ code: 0, signal: null });
    expect(ledger.acknowledged.size).toBeGreaterThan(KILLS);
    expect(compare(await readStoredItems(running.dataDir), ledger)).toEqual(NO_DISCREPANCY);
  },
);
