import {
  metrics,
  ValueType,
  type Attributes,
  type Context,
  type Histogram,
  type MeterProvider,
} from '@opentelemetry/api';

import type { TokenUsage } from './token-usage.ts';
import { SCOPE_NAME, VERSION } from './version.ts';

/** Bucket boundaries of the GenAI convention. */
const TOKEN_BUCKETS = [
  1, 4, 16, 64, 256, 1024, 4096, 16_384, 65_536, 262_144, 1_048_576, 4_194_304, 16_777_216,
  67_108_864,
];
const SECOND_BUCKETS = [
  0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92,
];

interface Instruments {
  readonly provider: MeterProvider;
  readonly tokens: Histogram;
  readonly seconds: Histogram;
}

let instruments: Instruments | undefined;

/** One point for each direction that was reported. */
export function recordTokens(usage: TokenUsage, attributes: Attributes, within: Context): void {
  const { tokens } = current();
  const record = (type: string, count: number | undefined): void => {
    if (count === undefined) return;
    tokens.record(count, { ...attributes, 'gen_ai.token.type': type }, within);
  };
  record('input', usage.input);
  record('output', usage.output);
  record('cache_read', usage.cacheRead);
  record('cache_creation', usage.cacheCreation);
}

export function recordDuration(seconds: number, attributes: Attributes, within: Context): void {
  current().seconds.record(seconds, attributes, within);
}

/** Made anew when the provider of meters has changed: an instrument stays with the one it was made by. */
function current(): Instruments {
  const provider = metrics.getMeterProvider();
  if (instruments?.provider === provider) return instruments;
  const meter = provider.getMeter(SCOPE_NAME, VERSION);
  instruments = {
    provider,
    tokens: meter.createHistogram('gen_ai.client.token.usage', {
      description: 'Tokens that a model call used, by direction.',
      unit: '{token}',
      valueType: ValueType.INT,
      advice: { explicitBucketBoundaries: TOKEN_BUCKETS },
    }),
    seconds: meter.createHistogram('gen_ai.client.operation.duration', {
      description: 'How long a model call took.',
      unit: 's',
      advice: { explicitBucketBoundaries: SECOND_BUCKETS },
    }),
  };
  return instruments;
}
