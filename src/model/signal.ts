export const SIGNALS = ['traces', 'metrics', 'logs'] as const;

/** A kind of telemetry. */
export type Signal = (typeof SIGNALS)[number];
