import { z } from 'zod';

/** Settings of questions in PromQL. */
export const queryConfigSchema = z.strictObject({
  threads: z
    .number()
    .int()
    .min(1)
    .max(16)
    .default(2)
    .describe('Questions in PromQL that are answered side by side, each in a thread; others wait.'),
  timeoutMs: z
    .number()
    .int()
    .min(100)
    .max(3_600_000)
    .default(30_000)
    .describe('How long a question in PromQL may take, with the time that it waits.'),
  heapBytesMax: z
    .number()
    .int()
    .min(32 << 20)
    .default(512 * 1024 * 1024)
    .describe(
      'What a thread that answers in PromQL may use for labels and text; samples are counted apart.',
    ),
});

export type QueryConfig = z.infer<typeof queryConfigSchema>;
