import { z } from 'zod';

/** Settings of the way from an acknowledged request to a stored row. */
export const pipelineConfigSchema = z.strictObject({
  /** Requests being received or waiting to be decoded may hold this much memory. */
  inflightBytesMax: z
    .number()
    .int()
    .min(1 << 20)
    .default(192 * 1024 * 1024),
  /** A request after decompression. https://opentelemetry.io/docs/specs/otlp/ recommends 64 MiB. */
  requestBytesMax: z
    .number()
    .int()
    .min(1024)
    .default(64 * 1024 * 1024),
  /** A segment is closed when its requests hold this many bytes … */
  segmentBytesMax: z
    .number()
    .int()
    .min(1024)
    .default(32 * 1024 * 1024),
  /** … or when its first request is this old. Bounds how long stored telemetry stays invisible. */
  segmentAgeMaxMs: z.number().int().min(10).max(60_000).default(400),
  /** Closed segments that wait to be stored may hold this much disk; then telemetry is refused. */
  backlogBytesMax: z
    .number()
    .int()
    .min(1 << 20)
    .default(2 * 1024 * 1024 * 1024),
  /** Telemetry is refused when the disk has less room than this. */
  diskReserveBytes: z
    .number()
    .int()
    .min(0)
    .default(256 * 1024 * 1024),
  /** Digests of the requests stored last are kept to recognise one that is sent again: this many, to twice as many. */
  digestCapacity: z.number().int().min(1024).default(262_144),
  /** Dead letters may hold this much disk; then telemetry that cannot be stored holds up what follows. */
  deadLetterBytesMax: z
    .number()
    .int()
    .min(1 << 20)
    .default(1024 * 1024 * 1024),
});

export type PipelineConfig = z.infer<typeof pipelineConfigSchema>;
