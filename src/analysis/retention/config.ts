import { z } from 'zod';

/** Telemetry is removed by days, so a day is the least. */
export const TELEMETRY_DAYS_MIN = 1;
/** Budgets are of a month. */
export const RUNS_DAYS_MIN = 31;
export const RETENTION_DAYS_MAX = 36_500;

const days = (least: number) => z.number().int().min(least).max(RETENTION_DAYS_MAX).nullable();

/** How long what came is kept; what people set in the web page or by the API goes before it. */
export const retentionConfigSchema = z.strictObject({
  spansDays: days(TELEMETRY_DAYS_MIN)
    .default(null)
    .describe('Days for which spans and their large values are kept; without it, for good.'),
  logRecordsDays: days(TELEMETRY_DAYS_MIN)
    .default(null)
    .describe('Days for which log records are kept; without it, for good.'),
  metricsDays: days(TELEMETRY_DAYS_MIN)
    .default(null)
    .describe('Days for which metrics are kept; without it, for good.'),
  runsDays: days(RUNS_DAYS_MIN)
    .default(null)
    .describe(
      'Days for which runs, their costs and quality results are kept, by whole months; without it, for good.',
    ),
});

export type RetentionConfig = z.infer<typeof retentionConfigSchema>;
