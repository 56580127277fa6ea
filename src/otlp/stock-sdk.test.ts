import {
  context,
  SpanKind,
  SpanStatusCode,
  trace,
  TraceFlags,
  ValueType,
} from '@opentelemetry/api';
import { SeverityNumber } from '@opentelemetry/api-logs';
import {
  JsonLogsSerializer,
  JsonMetricsSerializer,
  JsonTraceSerializer,
  ProtobufLogsSerializer,
  ProtobufMetricsSerializer,
  ProtobufTraceSerializer,
} from '@opentelemetry/otlp-transformer';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  InMemoryLogRecordExporter,
  LoggerProvider,
  SimpleLogRecordProcessor,
} from '@opentelemetry/sdk-logs';
import {
  AggregationTemporality,
  AggregationType,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import { expect, test } from 'vitest';

import { plainColumns } from '../../test/fixtures/otlp/plain-columns.ts';
import type { Signal } from '../model/signal.ts';
import { TelemetryColumns } from '../model/telemetry-columns.ts';
import { DIALECTS } from '../semconv/dialects.ts';
import { RUN_ROOT_NAMES } from '../semconv/run-root.ts';
import type { DecodeOutcome } from './decode-outcome.ts';
import { TelemetryDecoder } from './telemetry-decoder.ts';
import { transcodeJson } from './transcode-json.ts';

const CONTEXT = { project: 'default', receivedAtMs: 1_790_000_000_000 };

// The columns' plain form is asserted on by its paths.
// eslint-disable-next-line typescript/no-explicit-any -- parsed JSON, compared whole
type Plain = any;

function decode(signal: Signal, body: Uint8Array): { outcome: DecodeOutcome; columns: Plain } {
  const decoder = new TelemetryDecoder(new TelemetryColumns(), {
    dialects: DIALECTS,
    runRootNames: RUN_ROOT_NAMES,
  });
  const outcome = decoder.decode(signal, Buffer.from(body), CONTEXT);
  return { outcome, columns: plainColumns(decoder.columns) };
}

const fromJson = (signal: Signal, body: Uint8Array): ReturnType<typeof decode> =>
  decode(signal, transcodeJson(signal, Buffer.from(body)));

const resource = resourceFromAttributes({
  'service.name': 'stock',
  'service.version': '2.1',
  tags: ['a', 'b'],
});
const PARENT = {
  traceId: '0af7651916cd43dd8448eb211c80319c',
  spanId: 'b7ad6b7169203331',
  traceFlags: TraceFlags.SAMPLED,
  isRemote: true,
};

test('spans of the stock SDK give the same rows in both encodings', async () => {
  const exporter = new InMemorySpanExporter();
  const provider = new BasicTracerProvider({
    resource,
    spanProcessors: [new SimpleSpanProcessor(exporter)],
  });
  const tracer = provider.getTracer('stock.scope', '1.2.3');
  const span = tracer.startSpan(
    'chat gpt-4o',
    {
      kind: SpanKind.CLIENT,
      startTime: [1_790_000_000, 123_456_789],
      attributes: {
        'gen_ai.operation.name': 'chat',
        'gen_ai.usage.input_tokens': 12,
        temperature: 0.7,
        big: 2 ** 40 + 1,
        negative: -7,
        stream: true,
        mixed: ['x', 'y'],
      },
      links: [{ context: PARENT, attributes: { why: 'retry' } }],
    },
    trace.setSpanContext(context.active(), PARENT),
  );
  span.addEvent('first token', { ms: 120 }, [1_790_000_000, 200_000_000]);
  span.recordException(new TypeError('no such tool'), [1_790_000_001, 0]);
  span.setStatus({ code: SpanStatusCode.ERROR, message: 'failed' });
  span.end([1_790_000_002, 5]);
  const spans = exporter.getFinishedSpans();
  await provider.shutdown();

  const binary = decode('traces', ProtobufTraceSerializer.serializeRequest(spans)!);
  expect(fromJson('traces', JsonTraceSerializer.serializeRequest(spans)!)).toEqual(binary);
  expect(binary.outcome).toMatchObject({ accepted: 1, rejected: 0 });
  expect(binary.columns.spans).toMatchObject({
    traceId: [PARENT.traceId],
    parentSpanId: [PARENT.spanId],
    name: ['chat gpt-4o'],
    kind: [3],
    start: ['1790000000123456789'],
    end: ['1790000002000000005'],
    statusCode: [2],
    statusMessage: ['failed'],
    service: ['stock'],
    scopeName: ['stock.scope'],
    attributes: [
      [
        ['gen_ai.operation.name', 's', 'chat'],
        ['gen_ai.usage.input_tokens', 'i', '12'],
        ['temperature', 'd', '0.7'],
        ['big', 'i', '1099511627777'],
        ['negative', 'i', '-7'],
        ['stream', 'b', 'true'],
        ['mixed', 'a', '["x","y"]'],
      ],
    ],
  });
  expect(JSON.parse(binary.columns.spans.links[0])).toMatchObject([
    { traceId: PARENT.traceId, spanId: PARENT.spanId },
  ]);
  expect(
    JSON.parse(binary.columns.spans.events[0]).map((event: { name: string }) => event.name),
  ).toEqual(['first token', 'exception']);
});

test('log records of the stock SDK give the same rows in both encodings', async () => {
  const exporter = new InMemoryLogRecordExporter();
  const provider = new LoggerProvider({
    resource,
    processors: [new SimpleLogRecordProcessor({ exporter })],
  });
  const logger = provider.getLogger('com.anthropic.claude_code', '1.0');
  logger.emit({
    eventName: 'gen_ai.client.inference.operation.details',
    timestamp: [1_790_000_000, 7],
    observedTimestamp: [1_790_000_000, 9],
    severityNumber: SeverityNumber.INFO,
    severityText: 'INFO',
    body: { role: 'user', parts: [{ type: 'text', content: 'Grüße 😀' }], n: 3 },
    attributes: { 'session.id': 's-1', cost: 0.25 },
  });
  logger.emit({
    timestamp: [1_790_000_000, 8],
    body: 'claude_code.user_prompt',
    attributes: { 'event.name': 'user_prompt' },
  });
  const records = exporter.getFinishedLogRecords();
  await provider.shutdown();

  const binary = decode('logs', ProtobufLogsSerializer.serializeRequest(records)!);
  expect(fromJson('logs', JsonLogsSerializer.serializeRequest(records)!)).toEqual(binary);
  expect(binary.outcome.sightings.map(({ name }) => name)).toEqual(['stock']);
  expect(binary.columns.logs).toMatchObject({
    time: ['1790000000000000007', '1790000000000000008'],
    severityNumber: [9, 0],
    severityText: ['INFO', ''],
    eventName: ['gen_ai.client.inference.operation.details', 'user_prompt'],
    body: [
      '{"role":"user","parts":[{"type":"text","content":"Grüße 😀"}],"n":3}',
      'claude_code.user_prompt',
    ],
    bodyType: ['k', 's'],
    scopeName: ['com.anthropic.claude_code', 'com.anthropic.claude_code'],
  });
});

test('metrics of the stock SDK give the same rows in both encodings', async () => {
  const exporter = new InMemoryMetricExporter(AggregationTemporality.DELTA);
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 60_000 });
  const provider = new MeterProvider({
    resource,
    readers: [reader],
    views: [
      {
        instrumentName: 'exponential',
        aggregation: { type: AggregationType.EXPONENTIAL_HISTOGRAM },
      },
    ],
  });
  const meter = provider.getMeter('stock.meter');
  meter.createCounter('calls', { unit: '{call}', description: 'Calls.' }).add(3, { tool: 'sql' });
  meter.createUpDownCounter('open').add(-2.5);
  meter.createGauge('load', { valueType: ValueType.INT }).record(41);
  const explicit = meter.createHistogram('explicit', {
    unit: 's',
    advice: { explicitBucketBoundaries: [0.1, 1, 10] },
  });
  for (const value of [0.05, 0.5, 5, 50]) explicit.record(value);
  const exponential = meter.createHistogram('exponential');
  for (const value of [0, 1, 2, 1000]) exponential.record(value);
  await reader.forceFlush();
  const metrics = exporter.getMetrics()[0]!;
  await provider.shutdown();

  const binary = decode('metrics', ProtobufMetricsSerializer.serializeRequest(metrics)!);
  expect(fromJson('metrics', JsonMetricsSerializer.serializeRequest(metrics)!)).toEqual(binary);
  expect(binary.outcome).toMatchObject({ accepted: 5, rejected: 0 });
  expect(binary.columns.metrics).toMatchObject({
    name: ['exponential', 'calls', 'open', 'load', 'explicit'],
    unit: ['', '{call}', '', '', 's'],
    type: [10, 7, 7, 5, 9],
    temporality: [1, 1, 1, 0, 1],
    monotonic: [0, 1, 0, 0, 0],
    value: [null, 3, -2.5, 41, null],
    pointCount: ['4', '0', '0', '0', '4'],
    sum: [1003, null, null, null, 55.55],
    min: [0, null, null, null, 0.05],
    max: [1000, null, null, null, 50],
    bucketCounts: [[], [], [], [], ['1', '1', '1', '1']],
    explicitBounds: [[], [], [], [], [0.1, 1, 10]],
    zeroCount: ['1', '0', '0', '0', '0'],
  });
});
