import type { Logger } from 'pino';
import { destination, pino } from 'pino';

export const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug'] as const;

/** Structured lines on standard error. */
export function createLog(level: (typeof LOG_LEVELS)[number]): Logger {
  return pino(
    { level, base: null, timestamp: () => `,"time":"${new Date().toISOString()}"` },
    destination(2),
  );
}
