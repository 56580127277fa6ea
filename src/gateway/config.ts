import { z } from 'zod';

/** What the server is told of a gateway inside it; the rest stands in the gateway's own file. */
export const gatewayConfigSchema = z.strictObject({
  gateway: z
    .string()
    .min(1)
    .optional()
    .describe('A gateway file: tool calls go through a gateway inside the server, as it says.'),
});
