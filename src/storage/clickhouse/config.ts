import { z } from 'zod';

/** Settings of the embedded telemetry engine. */
export const clickhouseConfigSchema = z.strictObject({
  /** What the engine may use for all its work; bytes. */
  memoryBytesMax: z
    .number()
    .int()
    .min(64 << 20)
    .default(640 * 1024 * 1024),
  /** Index marks kept in memory; bytes. */
  markCacheBytes: z
    .number()
    .int()
    .min(1 << 20)
    .default(64 * 1024 * 1024),
  /** What one reading query may use; bytes. */
  queryMemoryBytesMax: z
    .number()
    .int()
    .min(16 << 20)
    .default(384 * 1024 * 1024),
  /** How long one reading query may take. */
  queryTimeoutMs: z.number().int().min(100).default(30_000),
  /** Reading queries that run side by side; others wait. */
  readers: z.number().int().min(1).max(64).default(4),
  /** Threads of one reading query. */
  queryThreads: z.number().int().min(1).max(64).default(2),
});

export type ClickHouseConfig = z.infer<typeof clickhouseConfigSchema>;
