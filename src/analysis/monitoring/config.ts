import { z } from 'zod';

/** Settings of alerts, budgets, baselines and anomalies. */
export const monitoringConfigSchema = z.strictObject({
  alertTimeoutMs: z
    .number()
    .int()
    .min(100)
    .max(60_000)
    .default(10_000)
    .describe('How long a webhook or mail server may take to accept an alert.'),
  budgetIntervalMs: z
    .number()
    .int()
    .min(100)
    .max(3_600_000)
    .default(10_000)
    .describe('How often what is spent of budgets is reckoned anew.'),
});

export type MonitoringConfig = z.infer<typeof monitoringConfigSchema>;
