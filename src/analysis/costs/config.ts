import { z } from 'zod';

/** Settings of what calls of models cost. */
export const costsConfigSchema = z.strictObject({
  preferReported: z
    .boolean()
    .default(false)
    .describe(
      'The cost that a sender reports goes before the one that is computed from tokens and prices.',
    ),
});

export type CostsConfig = z.infer<typeof costsConfigSchema>;
