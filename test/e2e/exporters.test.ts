import { ROOT_CONTEXT, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { SeverityNumber } from '@opentelemetry/api-logs';
import { OTLPTraceExporter as TraceJson } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { LoggerProvider, SimpleLogRecordProcessor } from '@opentelemetry/sdk-logs';
import {
  AggregationType,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import { BasicTracerProvider, BatchSpanProcessor } from '@opentelemetry/sdk-trace-base';
import type { SpanExporter } from '@opentelemetry/sdk-trace-base';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { eventually } from '../harness/eventually.ts';
import { startServer } from '../harness/server.ts';
import type { TestServer } from '../harness/server.ts';
import { createStockExporters } from './stock-exporters.ts';
import type { Protocol, StockExporters } from './stock-exporters.ts';

interface Stats {
  readonly spans: number;
  readonly log_records: number;
  readonly metric_points: number;
}

interface StoredSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly [field: string]: unknown;
}

/** When the spans begin, in whole seconds since 1970: a minute ago, so that no retention is in the way. */
const BEGIN_S = Math.floor(Date.now() / 1000) - 60;

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(async () => {
  await server?.dispose();
});

async function stats(): Promise<Stats> {
  const { body } = await server.api('GET', '/api/v1/stats');
  return body.data as Stats;
}

async function storedSpans(traceId: string, count: number): Promise<StoredSpan[]> {
  return await eventually(`${count} spans of trace ${traceId}`, async () => {
    const { body } = await server.api('GET', `/api/v1/traces/${traceId}`);
    const spans = (body.data as { spans?: StoredSpan[] } | undefined)?.spans ?? [];
    return spans.length >= count ? spans : undefined;
  });
}

/** Sends a trace of two spans with everything that a span can carry, and returns its ids. */
async function sendTrace(
  exporter: SpanExporter,
  service: string,
): Promise<{ traceId: string; rootId: string; childId: string }> {
  const provider = new BasicTracerProvider({
    resource: resourceFromAttributes({ 'service.name': service, 'host.cpu': 2 }),
    spanProcessors: [new BatchSpanProcessor(exporter)],
  });
  const tracer = provider.getTracer('stock', '1.2.3');
  const root = tracer.startSpan(
    'invoke_agent planner',
    {
      kind: SpanKind.INTERNAL,
      startTime: [BEGIN_S, 123_456_789],
      attributes: {
        'gen_ai.operation.name': 'invoke_agent',
        'gen_ai.agent.name': `planner of ${service}`,
        text: 'Grüße, 世界 🚦',
        whole: 9_007_199_254_740_991,
        fraction: 0.1,
        yes: true,
        list: ['a', 'b'],
      },
    },
    ROOT_CONTEXT,
  );
  const child = tracer.startSpan(
    'chat gpt-4o',
    {
      kind: SpanKind.CLIENT,
      startTime: [BEGIN_S, 200_000_000],
      attributes: { 'gen_ai.operation.name': 'chat', 'gen_ai.request.model': 'gpt-4o' },
      links: [{ context: root.spanContext(), attributes: { why: 'follows' } }],
    },
    trace.setSpan(ROOT_CONTEXT, root),
  );
  child.addEvent('first token', { index: 0 }, [BEGIN_S, 300_000_000]);
  child.setStatus({ code: SpanStatusCode.ERROR, message: 'cut off' });
  child.end([BEGIN_S + 1, 0]);
  root.end([BEGIN_S + 2, 1]);
  await provider.forceFlush();
  await provider.shutdown();
  const { spanId: rootId, traceId } = root.spanContext();
  return { traceId, rootId, childId: child.spanContext().spanId };
}

/** Attributes in OTLP/JSON, as a map from key to value object. */
function attributesOf(span: StoredSpan): Record<string, unknown> {
  const list = span['attributes'] as { key: string; value: unknown }[];
  return Object.fromEntries(list.map(({ key, value }) => [key, value]));
}

async function sendMetrics(exporter: StockExporters['metrics'], service: string): Promise<void> {
  const provider = new MeterProvider({
    resource: resourceFromAttributes({ 'service.name': service }),
    readers: [
      new PeriodicExportingMetricReader({
        exporter,
        exportIntervalMillis: 3_600_000,
        exportTimeoutMillis: 30_000,
      }),
    ],
    views: [
      { instrumentName: 'sizes', aggregation: { type: AggregationType.EXPONENTIAL_HISTOGRAM } },
    ],
  });
  const meter = provider.getMeter('stock', '1.2.3');
  meter.createCounter('requests').add(3, { route: '/a' });
  meter.createUpDownCounter('queue').add(-2);
  meter.createHistogram('latency', { unit: 's' }).record(0.25);
  meter.createHistogram('sizes', { unit: 'By' }).record(4096);
  meter.createGauge('temperature').record(21.5);
  // Shutting down exports once more; flushing before it would send every point twice.
  await provider.shutdown();
}

async function sendLogs(exporter: StockExporters['logs'], service: string): Promise<void> {
  const provider = new LoggerProvider({
    resource: resourceFromAttributes({ 'service.name': service }),
    processors: [new SimpleLogRecordProcessor({ exporter })],
  });
  const logger = provider.getLogger('stock', '1.2.3');
  logger.emit({ severityNumber: SeverityNumber.INFO, severityText: 'INFO', body: 'started' });
  logger.emit({
    severityNumber: SeverityNumber.ERROR,
    body: { reason: 'timeout', tries: 3 },
    eventName: 'tool.failed',
  });
  await provider.forceFlush();
  await provider.shutdown();
}

const PROTOCOLS: readonly Protocol[] = ['http/json', 'http/protobuf', 'grpc'];
const CASES = PROTOCOLS.flatMap((protocol) => [
  { protocol, gzip: false },
  { protocol, gzip: true },
]);

describe.each(CASES)('the stock exporters over $protocol (gzip: $gzip)', ({ gzip, protocol }) => {
  const service = `stock ${protocol} ${gzip}`;
  const exporters = (): StockExporters =>
    createStockExporters(protocol, {
      url: server.url,
      grpcAddress: server.grpcAddress,
      key: server.ingestKey,
      gzip,
    });

  test('deliver spans that read back whole', async () => {
    const { childId, rootId, traceId } = await sendTrace(exporters().spans, service);
    const spans = await storedSpans(traceId, 2);
    expect(spans).toHaveLength(2);
    const root = spans.find(({ spanId }) => spanId === rootId)!;
    const child = spans.find(({ spanId }) => spanId === childId)!;
    expect(root).toMatchObject({
      traceId,
      name: 'invoke_agent planner',
      kind: 1,
      startTimeUnixNano: `${BEGIN_S}123456789`,
      endTimeUnixNano: `${BEGIN_S + 2}000000001`,
    });
    expect(attributesOf(root)).toEqual({
      'gen_ai.operation.name': { stringValue: 'invoke_agent' },
      'gen_ai.agent.name': { stringValue: `planner of ${service}` },
      text: { stringValue: 'Grüße, 世界 🚦' },
      whole: { intValue: '9007199254740991' },
      fraction: { doubleValue: 0.1 },
      yes: { boolValue: true },
      list: { arrayValue: { values: [{ stringValue: 'a' }, { stringValue: 'b' }] } },
    });
    expect(child).toMatchObject({
      traceId,
      parentSpanId: rootId,
      name: 'chat gpt-4o',
      kind: 3,
      startTimeUnixNano: `${BEGIN_S}200000000`,
      endTimeUnixNano: `${BEGIN_S + 1}000000000`,
      status: { code: 2, message: 'cut off' },
      events: [
        {
          name: 'first token',
          timeUnixNano: `${BEGIN_S}300000000`,
          attributes: [{ key: 'index', value: { intValue: '0' } }],
        },
      ],
      links: [
        {
          traceId,
          spanId: rootId,
          attributes: [{ key: 'why', value: { stringValue: 'follows' } }],
        },
      ],
    });
  });

  test('deliver every kind of metric', async () => {
    const before = await stats();
    await sendMetrics(exporters().metrics, service);
    const after = await eventually('five more metric points', async () => {
      const now = await stats();
      return now.metric_points >= before.metric_points + 5 ? now : undefined;
    });
    expect(after).toEqual({ ...before, metric_points: before.metric_points + 5 });
    const query = `sum by (__name__) ({service_name="${service}", __name__!~".*_bucket"})`;
    const answer = await fetch(`${server.url}/prometheus/api/v1/query`, {
      method: 'POST',
      headers: { authorization: `Bearer ${await server.adminToken()}` },
      body: new URLSearchParams({ query }),
    });
    const { data } = (await answer.json()) as {
      data: { result: { metric: { __name__: string }; value: [number, string] }[] };
    };
    const values = data.result.map(({ metric, value }) => [metric.__name__, value[1]]);
    expect(Object.fromEntries(values)).toEqual({
      requests_total: '3',
      queue: '-2',
      latency_seconds_sum: '0.25',
      latency_seconds_count: '1',
      sizes_bytes_sum: '4096',
      sizes_bytes_count: '1',
      temperature: '21.5',
      target_info: '1',
    });
  });

  test('deliver log records', async () => {
    const before = await stats();
    await sendLogs(exporters().logs, service);
    const after = await eventually('two more log records', async () => {
      const now = await stats();
      return now.log_records >= before.log_records + 2 ? now : undefined;
    });
    expect(after).toEqual({ ...before, log_records: before.log_records + 2 });
  });

  test('have their agent wait for review', async () => {
    const name = `planner of ${service}`;
    const agent = await eventually(`the agent ${name}`, async () => {
      const { body } = await server.api('GET', '/api/v1/agents?limit=100');
      const agents = body.data as { name: string; status: string }[];
      return agents.find((candidate) => candidate.name === name);
    });
    expect(agent).toMatchObject({ name, status: 'UNREVIEWED' });
  });
});

test.each(['/api/v1/otel', '/api/v1/ingest', '/api/public/otel'])(
  'the stock exporter delivers to the base %s',
  async (base) => {
    const exporter = new TraceJson({
      url: `${server.url}${base}/v1/traces`,
      headers: { authorization: `Bearer ${server.ingestKey}` },
    });
    const { traceId } = await sendTrace(exporter, `service of ${base}`);
    expect(await storedSpans(traceId, 2)).toHaveLength(2);
  },
);
