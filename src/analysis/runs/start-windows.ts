import type { StartWindow } from '../../storage/run-store.ts';

/** Clocks of two services may differ by so much, and a parent on one be that much later than a child on the other. */
export const SKEW_MS = 600_000;

/** Windows that hold each of these and so much before and after it, by time; those that meet are one. */
export function windowsAround(starts: readonly StartWindow[], aroundMs = SKEW_MS): StartWindow[] {
  const windows: { fromMs: number; toMs: number }[] = [];
  for (const start of starts.toSorted((one, other) => one.fromMs - other.fromMs)) {
    const last = windows.at(-1);
    if (last !== undefined && start.fromMs - aroundMs <= last.toMs) {
      last.toMs = Math.max(last.toMs, start.toMs + aroundMs);
    } else {
      windows.push({ fromMs: start.fromMs - aroundMs, toMs: start.toMs + aroundMs });
    }
  }
  return windows;
}

/** Whether what started then started in the window, to the millisecond. */
export function startsWithin({ fromMs, toMs }: StartWindow, startNs: bigint): boolean {
  const startMs = Number(startNs / 1_000_000n);
  return startMs >= Math.floor(fromMs) && startMs <= toMs;
}
