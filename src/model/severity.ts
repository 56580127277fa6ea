/**
 * Ranges of severity numbers
 * (https://opentelemetry.io/docs/specs/otel/logs/data-model/#field-severitynumber), least first; `unset` where a
 * record tells none.
 */
export const SEVERITY_LEVELS = [
  'unset',
  'trace',
  'debug',
  'info',
  'warn',
  'error',
  'fatal',
] as const;

export type SeverityLevel = (typeof SEVERITY_LEVELS)[number];

/** What loggers call their levels, in upper case, for records that tell no number. */
export const LEVEL_WORDS: Readonly<Record<Exclude<SeverityLevel, 'unset'>, readonly string[]>> = {
  trace: ['TRACE', 'FINEST', 'VERBOSE', 'SILLY'],
  debug: ['DEBUG', 'FINE', 'FINER'],
  info: ['INFO', 'INFORMATION', 'INFORMATIONAL', 'NOTICE', 'LOG'],
  warn: ['WARN', 'WARNING'],
  error: ['ERROR', 'ERR', 'SEVERE', 'EXCEPTION'],
  fatal: ['FATAL', 'CRITICAL', 'CRIT', 'ALERT', 'EMERGENCY', 'EMERG', 'PANIC'],
};
