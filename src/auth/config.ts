import { z } from 'zod';

/** The first administrator, created when an installation has none. */
export const authConfigSchema = z.strictObject({
  adminUsername: z
    .string()
    .min(1)
    .max(128)
    .default('admin')
    .describe('Name of the first administrator, who is made on the first start.'),
  adminPassword: z
    .string()
    .min(1)
    .max(1_024)
    .optional()
    .describe('Password of the first administrator; made up and printed once when unset.'),
  ingestKey: z
    .string()
    .regex(/^sbx_[\w-]{32,128}$/, 'write sbx_ and 32 to 128 random letters and digits')
    .optional()
    .describe(
      'The first ingest key, made on the first start; made up and printed once when unset.',
    ),
});

export type AuthConfig = z.infer<typeof authConfigSchema>;
