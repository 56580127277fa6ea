import { BoundedMap } from '../base/bounded-map.ts';
import type { Clock } from '../base/clock.ts';
import { AppError } from '../errors.ts';

interface AttemptLimitOptions {
  readonly clock: Clock;
  readonly attemptsMax: number;
  readonly windowMs: number;
  /** Names it remembers at most; the one longest without an attempt is forgotten first. */
  readonly namesMax?: number;
}

/** Counts attempts by name in fixed windows. */
export interface AttemptLimit {
  /** Counts an attempt before it is made; throws `RATE_LIMITED` with the time to wait when there were too many. */
  take(name: string): void;
  /** Forgets the attempts of a name. */
  forgive(name: string): void;
  /** Takes back one attempt, as one that succeeded. */
  giveBack(name: string): void;
}

export function createAttemptLimit(options: AttemptLimitOptions): AttemptLimit {
  const { clock, attemptsMax, windowMs, namesMax = 10_000 } = options;
  const windows = new BoundedMap<string, { readonly endsAtMs: number; readonly attempts: number }>(
    namesMax,
  );
  return {
    take(name) {
      const nowMs = clock.now();
      const present = windows.get(name);
      const window =
        present === undefined || present.endsAtMs <= nowMs
          ? { endsAtMs: nowMs + windowMs, attempts: 0 }
          : present;
      if (window.attempts >= attemptsMax) {
        const retryAfterSeconds = Math.ceil((window.endsAtMs - nowMs) / 1_000);
        throw new AppError(
          'RATE_LIMITED',
          `too many attempts; try again in ${retryAfterSeconds} seconds`,
          { retryAfterSeconds },
        );
      }
      windows.set(name, { ...window, attempts: window.attempts + 1 });
    },

    forgive(name) {
      windows.delete(name);
    },

    giveBack(name) {
      const window = windows.get(name);
      if (window !== undefined) windows.set(name, { ...window, attempts: window.attempts - 1 });
    },
  };
}
