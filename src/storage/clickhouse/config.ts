import { z } from 'zod';

/** Settings of the embedded telemetry engine. */
export const clickhouseConfigSchema = z.strictObject({
  memoryBytesMax: z
    .number()
    .int()
    .min(64 << 20)
    .default(640 * 1024 * 1024)
    .describe('What the storage engine may use for all its work.'),
  markCacheBytes: z
    .number()
    .int()
    .min(1 << 20)
    .default(64 * 1024 * 1024)
    .describe('Index marks that the engine keeps in memory.'),
  queryMemoryBytesMax: z
    .number()
    .int()
    .min(16 << 20)
    .default(384 * 1024 * 1024)
    .describe('What one reading query may use.'),
  queryTimeoutMs: z
    .number()
    .int()
    .min(100)
    .default(30_000)
    .describe('How long one reading query may take.'),
  readers: z
    .number()
    .int()
    .min(1)
    .max(64)
    .default(4)
    .describe('Reading queries that run side by side; others wait.'),
  queryThreads: z
    .number()
    .int()
    .min(1)
    .max(64)
    .default(2)
    .describe('Threads of one reading query.'),
});

export type ClickHouseConfig = z.infer<typeof clickhouseConfigSchema>;
