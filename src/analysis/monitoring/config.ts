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
  anomalyIntervalMs: z
    .number()
    .int()
    .min(100)
    .max(3_600_000)
    .default(60_000)
    .describe('How often agents that were seen are looked at for anomalies.'),
  baselineIntervalMs: z
    .number()
    .int()
    .min(100)
    .max(86_400_000)
    .default(3_600_000)
    .describe('How often what is usual of an agent is reckoned anew.'),
  baselineDays: z
    .number()
    .int()
    .min(1)
    .max(365)
    .default(30)
    .describe('How many days of runs say what is usual of an agent.'),
});

export type MonitoringConfig = z.infer<typeof monitoringConfigSchema>;
