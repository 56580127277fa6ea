/** Time as a dependency, so that tests decide what time it is. */
export interface Clock {
  /** Milliseconds since 1970-01-01 UTC, as `Date.now()`. */
  now(): number;
}

export const systemClock: Clock = { now: () => Date.now() };
