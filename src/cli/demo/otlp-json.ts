import { SPAN_STATUS } from '../../model/outgoing-telemetry.ts';
import { encodeAttributes, encodeTraces } from '../../otlp/encode-telemetry.ts';
import type { Attributes } from '../../model/outgoing-telemetry.ts';
import { SEVERITY } from './run.ts';
import type { DemoLog, ModelCall, Run } from './run.ts';

/** A run and the moment it began, in milliseconds since 1970. */
export interface PlacedRun {
  readonly run: Run;
  readonly startedAtMs: number;
}

function nanos(ms: number): bigint {
  return BigInt(Math.round(ms * 1000)) * 1000n;
}

/** An ExportTraceServiceRequest with one entry per run. */
export function encodeSpans(runs: readonly PlacedRun[]): object {
  return encodeTraces(
    runs.map(({ run, startedAtMs }) => ({
      origin: { resource: run.resource, scope: run.scope },
      spans: run.spans.map((span) => ({
        ...span,
        startNs: nanos(startedAtMs + span.startMs),
        endNs: nanos(startedAtMs + span.endMs),
        events: span.events.map(({ name, atMs, attributes }) => ({
          name,
          timeNs: nanos(startedAtMs + atMs),
          attributes,
        })),
        status:
          span.failure === undefined
            ? { code: SPAN_STATUS.unset }
            : { code: SPAN_STATUS.error, message: span.failure },
      })),
    })),
  );
}

/** An ExportLogsServiceRequest with the runs that logged anything. */
export function encodeLogs(runs: readonly PlacedRun[]): object {
  return {
    resourceLogs: runs
      .filter(({ run }) => run.logs.length > 0)
      .map(({ run, startedAtMs }) => ({
        resource: { attributes: encodeAttributes(run.resource) },
        scopeLogs: [
          {
            scope: run.scope,
            logRecords: run.logs.map((log) => ({
              timeUnixNano: String(nanos(startedAtMs + log.atMs)),
              observedTimeUnixNano: String(nanos(startedAtMs + log.atMs)),
              severityNumber: log.severity,
              severityText: severityText(log.severity),
              body: bodyOf(log.body),
              attributes: encodeAttributes(log.attributes),
              traceId: log.traceId,
              spanId: log.spanId,
              ...(log.eventName === undefined ? {} : { eventName: log.eventName }),
            })),
          },
        ],
      })),
  };
}

function severityText(severity: number): string {
  if (severity >= SEVERITY.error) return 'ERROR';
  if (severity >= SEVERITY.warn) return 'WARN';
  return severity >= SEVERITY.info ? 'INFO' : 'DEBUG';
}

function bodyOf(body: DemoLog['body']): object {
  return typeof body === 'string'
    ? { stringValue: body }
    : { kvlistValue: { values: encodeAttributes(body) } };
}

/** Bucket bounds that the GenAI conventions give for the two client histograms. */
const TOKEN_BOUNDS = [
  1, 4, 16, 64, 256, 1024, 4096, 16_384, 65_536, 262_144, 1_048_576, 4_194_304, 16_777_216,
  67_108_864,
];
const SECONDS_BOUNDS = [
  0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92,
];

interface Sample {
  readonly attributes: Attributes;
  readonly value: number;
}

function samplesOf(calls: readonly ModelCall[]): { tokens: Sample[]; seconds: Sample[] } {
  const common = (call: ModelCall): Attributes => ({
    'gen_ai.operation.name': call.operation,
    'gen_ai.provider.name': call.provider,
    'gen_ai.request.model': call.model,
  });
  return {
    seconds: calls.map((call) => ({ attributes: common(call), value: call.durationMs / 1000 })),
    tokens: calls.flatMap((call) => [
      { attributes: { ...common(call), 'gen_ai.token.type': 'input' }, value: call.inputTokens },
      { attributes: { ...common(call), 'gen_ai.token.type': 'output' }, value: call.outputTokens },
    ]),
  };
}

function histogramPoints(
  samples: readonly Sample[],
  bounds: readonly number[],
  window: readonly [number, number],
): object[] {
  const streams = new Map<string, Sample[]>();
  for (const sample of samples) {
    const key = JSON.stringify(sample.attributes);
    const stream = streams.get(key);
    if (stream) stream.push(sample);
    else streams.set(key, [sample]);
  }
  return [...streams.values()].map((stream) => {
    const values = stream.map(({ value }) => value);
    const counts = Array.from({ length: bounds.length + 1 }, () => 0);
    for (const value of values) {
      const bucket = bounds.findIndex((bound) => value <= bound);
      counts[bucket === -1 ? bounds.length : bucket]! += 1;
    }
    return {
      attributes: encodeAttributes(stream[0]!.attributes),
      startTimeUnixNano: String(nanos(window[0])),
      timeUnixNano: String(nanos(window[1])),
      count: String(values.length),
      sum: values.reduce((sum, value) => sum + value, 0),
      min: Math.min(...values),
      max: Math.max(...values),
      bucketCounts: counts.map(String),
      explicitBounds: bounds,
    };
  });
}

/** An ExportMetricsServiceRequest: per run, its model calls' tokens and durations as delta histograms. */
export function encodeMetrics(runs: readonly PlacedRun[]): object {
  const delta = 1;
  return {
    resourceMetrics: runs
      .filter(({ run }) => run.modelCalls.length > 0)
      .map(({ run, startedAtMs }) => {
        const { seconds, tokens } = samplesOf(run.modelCalls);
        const window = [startedAtMs, startedAtMs + run.durationMs] as const;
        const metric = (name: string, unit: string, dataPoints: object[]): object => ({
          name,
          unit,
          histogram: { aggregationTemporality: delta, dataPoints },
        });
        return {
          resource: { attributes: encodeAttributes(run.resource) },
          scopeMetrics: [
            {
              scope: run.scope,
              metrics: [
                metric(
                  'gen_ai.client.token.usage',
                  '{token}',
                  histogramPoints(tokens, TOKEN_BOUNDS, window),
                ),
                metric(
                  'gen_ai.client.operation.duration',
                  's',
                  histogramPoints(seconds, SECONDS_BOUNDS, window),
                ),
              ],
            },
          ],
        };
      }),
  };
}
