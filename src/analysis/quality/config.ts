import { z } from 'zod';

/** The judge: a model that answers questions about runs. Off without an endpoint. */
export const judgeConfigSchema = z.strictObject({
  baseUrl: z
    .url({ protocol: /^https?$/, error: 'write an address such as https://api.openai.com/v1' })
    .optional()
    .describe(
      'Address of an OpenAI-compatible endpoint for the judge of outputs, as `https://api.openai.com/v1`; off when unset.',
    ),
  apiKey: z
    .string()
    .min(1)
    .max(1_024)
    .optional()
    .describe('Key of that endpoint. It is sent there alone, and shown nowhere.'),
  timeoutMs: z
    .int()
    .min(100)
    .max(600_000)
    .default(30_000)
    .describe('How long the judge may take to answer.'),
});

export type JudgeConfig = z.infer<typeof judgeConfigSchema>;
