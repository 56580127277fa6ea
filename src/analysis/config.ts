import { z } from 'zod';

/** Settings of what is computed from stored telemetry. */
export const analysisConfigSchema = z.strictObject({
  abandonAfterMs: z
    .number()
    .int()
    .min(1_000)
    .default(1_800_000)
    .describe(
      'A run without an end is shown as abandoned when none of its spans came for so long.',
    ),
  traceSpansMax: z
    .number()
    .int()
    .min(1_000)
    .max(1_000_000)
    .default(150_000)
    .describe('Spans of one trace that are looked at for runs; a run of a larger trace says so.'),
  pendingTracesMax: z
    .number()
    .int()
    .min(1_000)
    .default(100_000)
    .describe('Traces that wait to be analysed in memory; more wait on disk.'),
});

export type AnalysisConfig = z.infer<typeof analysisConfigSchema>;
