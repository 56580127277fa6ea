import { setTimeout as sleep } from 'node:timers/promises';

const INTERVAL_MS = 25;

/**
 * Asks until `probe` gives something, and returns it. For what another process does in its own time;
 * gives up with the last failure after `timeoutMs`.
 */
export async function eventually<T>(
  what: string,
  probe: () => Promise<T | undefined> | T | undefined,
  timeoutMs = 15_000,
): Promise<T> {
  const deadline = performance.now() + timeoutMs;
  let last: unknown = 'it stayed absent';
  while (performance.now() < deadline) {
    try {
      const found = await probe();
      if (found !== undefined) return found;
    } catch (error) {
      last = error;
    }
    await sleep(INTERVAL_MS);
  }
  throw new Error(`waited ${timeoutMs} ms for ${what}: ${String(last)}`, { cause: last });
}
