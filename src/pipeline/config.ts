import { z } from 'zod';

import { BENIGN_EXCEPTIONS } from '../model/noise.ts';

const noiseRule = z.strictObject({
  spanNamePrefix: z.string(),
  exceptionTypes: z.array(z.string().min(1)).min(1),
});

/** Settings of the way from an acknowledged request to a stored row. */
export const pipelineConfigSchema = z.strictObject({
  inflightBytesMax: z
    .number()
    .int()
    .min(1 << 20)
    .default(192 * 1024 * 1024)
    .describe('Requests being received or waiting to be decoded may hold this much memory.'),
  requestBytesMax: z
    .number()
    .int()
    .min(1024)
    .default(64 * 1024 * 1024)
    .describe('The largest telemetry request, after decompression; OTLP recommends 64 MiB.'),
  segmentBytesMax: z
    .number()
    .int()
    .min(1024)
    .default(32 * 1024 * 1024)
    .describe(
      'Telemetry is stored in segments; one is closed when its requests hold this many bytes.',
    ),
  segmentAgeMaxMs: z
    .number()
    .int()
    .min(10)
    .max(60_000)
    .default(400)
    .describe(
      'A segment is closed when its first request is this old, too. Bounds how long stored telemetry stays invisible.',
    ),
  backlogBytesMax: z
    .number()
    .int()
    .min(1 << 20)
    .default(2 * 1024 * 1024 * 1024)
    .describe(
      'Closed segments that wait to be stored may hold this much disk; then telemetry is refused.',
    ),
  diskReserveBytes: z
    .number()
    .int()
    .min(0)
    .default(256 * 1024 * 1024)
    .describe('Telemetry is refused when the disk has less room than this.'),
  digestCapacity: z
    .number()
    .int()
    .min(1024)
    .default(262_144)
    .describe(
      'Digests of the requests stored last are kept to recognise one that is sent again: this many, to twice as many.',
    ),
  noise: z
    .array(noiseRule)
    .default(
      BENIGN_EXCEPTIONS.map((rule) => ({ ...rule, exceptionTypes: [...rule.exceptionTypes] })),
    )
    .describe(
      'Spans whose name begins with `spanNamePrefix` and on which only `exceptionTypes` occurred are stored as not failed. A list of such pairs; as a variable, JSON.',
    ),
  deadLetterBytesMax: z
    .number()
    .int()
    .min(1 << 20)
    .default(1024 * 1024 * 1024)
    .describe(
      'Dead letters may hold this much disk; then telemetry that cannot be stored holds up what follows.',
    ),
});

export type PipelineConfig = z.infer<typeof pipelineConfigSchema>;
