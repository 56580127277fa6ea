/** Whether an agent shows signs of life. */

export const HEALTH_STATES = ['healthy', 'degraded', 'down', 'unknown'] as const;
/** `unknown`: nothing was ever heard of it. */
export type HealthState = (typeof HEALTH_STATES)[number];

/** How long ago the last activity may be; milliseconds, the first no more than the second. */
export interface HealthBounds {
  readonly healthyWithinMs: number;
  readonly degradedWithinMs: number;
}

export const DEFAULT_HEALTH_BOUNDS: HealthBounds = {
  healthyWithinMs: 2 * 60_000,
  degradedWithinMs: 5 * 60_000,
};

/** An activity that is said to be in the future is one now. */
export function healthOf(
  lastActivityMs: number | null,
  nowMs: number,
  bounds: HealthBounds = DEFAULT_HEALTH_BOUNDS,
): HealthState {
  if (lastActivityMs === null) return 'unknown';
  const silentMs = nowMs - lastActivityMs;
  if (silentMs <= bounds.healthyWithinMs) return 'healthy';
  return silentMs <= bounds.degradedWithinMs ? 'degraded' : 'down';
}
