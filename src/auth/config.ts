import { z } from 'zod';

/** The first administrator, created when an installation has none. */
export const authConfigSchema = z.strictObject({
  /** `SIGNALBOX_ADMIN_USERNAME` */
  adminUsername: z.string().min(1).max(128).default('admin'),
  /** `SIGNALBOX_ADMIN_PASSWORD`; made up and printed once when unset. */
  adminPassword: z.string().min(1).max(1_024).optional(),
});

export type AuthConfig = z.infer<typeof authConfigSchema>;
