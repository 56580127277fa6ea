import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { eventually } from '../harness/eventually.ts';
import { finish } from '../harness/process.ts';
import { startServer } from '../harness/server.ts';
import type { TestServer } from '../harness/server.ts';
import { installGo, installPython, must, PYTHON_SOURCES, readSample } from './programs.ts';
import type { GoPrograms } from './programs.ts';

interface Stats {
  readonly spans: number;
  readonly log_records: number;
  readonly metric_points: number;
}

interface StoredSpan {
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly attributes: readonly { readonly key: string; readonly value: unknown }[];
  readonly [field: string]: unknown;
}

let server: TestServer;
let python: string;
let go: GoPrograms;
beforeAll(async () => {
  python = await installPython();
  go = await installGo();
  server = await startServer();
});
afterAll(async () => {
  await server?.dispose();
});

async function stats(): Promise<Stats> {
  return (await server.api('GET', '/api/v1/stats')).body.data as Stats;
}

async function statsOf(expected: Stats): Promise<void> {
  const reached = async (): Promise<true | undefined> => {
    const now = await stats();
    const keys = ['spans', 'log_records', 'metric_points'] as const;
    return keys.every((key) => now[key] >= expected[key]) ? true : undefined;
  };
  await eventually('what was sent to be stored', reached);
  expect(await stats()).toEqual(expected);
}

async function spansOf(traceId: string, count: number): Promise<StoredSpan[]> {
  return await eventually(`${count} spans of trace ${traceId}`, async () => {
    const { body } = await server.api('GET', `/api/v1/traces/${traceId}`);
    const spans = (body.data as { spans?: StoredSpan[] } | undefined)?.spans ?? [];
    return spans.length >= count ? spans : undefined;
  });
}

/** The spans of the one trace that an agent has sent. */
async function spansOfAgent(name: string, count: number): Promise<StoredSpan[]> {
  const traceId = await eventually(`a trace of ${name}`, async () => {
    const { body } = await server.api('GET', `/api/v1/traces?agent=${encodeURIComponent(name)}`);
    return (body.data as { traceId: string }[])[0]?.traceId;
  });
  return await spansOf(traceId, count);
}

async function agent(name: string): Promise<unknown> {
  const { body } = await server.api('GET', '/api/v1/agents?limit=100');
  return (body.data as { name: string }[]).find((candidate) => candidate.name === name);
}

function attributesOf(span: StoredSpan): Record<string, unknown> {
  return Object.fromEntries(span.attributes.map(({ key, value }) => [key, value]));
}

describe('the samples of other products, as printed but for address and key', () => {
  const PRINTED = 'tracer = trace.get_tracer("my-agent", service_name="invoice-processor")';

  test("Muster's Python sample has one argument that Python refuses", async () => {
    const { code, stderr } = await finish(python, [
      '-c',
      `from opentelemetry import trace\n${PRINTED}`,
    ]);
    expect(code).toBe(1);
    expect(stderr).toContain("unexpected keyword argument 'service_name'");
  });

  test("Muster's Python sample without that argument is stored, and its agent found", async () => {
    const sample = readSample('muster.py', [[PRINTED, 'tracer = trace.get_tracer("my-agent")']]);
    // What the sample leaves to its reader: a model, and somebody who runs the agent.
    const around = [
      'from types import SimpleNamespace as Some',
      'usage = Some(prompt_tokens=1200, completion_tokens=340)',
      'llm = Some(invoke=lambda text: Some(usage=usage, content=text.upper()))',
      sample,
      'print(run_agent("an invoice"))',
    ];
    const token = await server.adminToken();
    const { stdout } = await must(python, ['-c', around.join('\n')], {
      env: {
        OTEL_EXPORTER_OTLP_ENDPOINT: `${server.url}/api/v1/otel`,
        OTEL_EXPORTER_OTLP_HEADERS: `Authorization=Bearer ${token}`,
        OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
        MUSTER_JWT: token,
      },
    });
    expect(stdout).toBe('AN INVOICE\n');
    const [span] = await spansOfAgent('invoice-processor', 1);
    expect(span!.name).toBe('agent.run');
    expect(attributesOf(span!)).toEqual({
      'service.name': { stringValue: 'invoice-processor' },
      'gen_ai.usage.input_tokens': { intValue: '1200' },
      'gen_ai.usage.output_tokens': { intValue: '340' },
      'gen_ai.response.model': { stringValue: 'gpt-4o' },
    });
    expect(await agent('invoice-processor')).toMatchObject({ status: 'UNREVIEWED' });
    // A run is counted once it has been analysed, shortly after it was stored.
    await eventually('the run to be counted', async () => {
      const { body } = await server.api('GET', '/api/v1/otel/status');
      expect(body.data).toMatchObject({ status: 'receiving', executions_24h: 1 });
      return true;
    });
  });

  test("MeshAI's Python sample is stored, and its agent found", async () => {
    const sample = readSample('meshai.py', [
      ['https://api.meshai.dev', server.url],
      ['msh_YOUR_API_KEY', server.ingestKey],
    ]);
    await must(python, ['-c', sample]);
    const [span] = await spansOfAgent('my-summarizer', 1);
    expect(span!.name).toBe('agent.run');
    expect(attributesOf(span!)).toEqual({
      'agent.name': { stringValue: 'my-summarizer' },
      'gen_ai.request.model': { stringValue: 'gpt-4o' },
      'gen_ai.usage.input_tokens': { intValue: '1500' },
      'gen_ai.usage.output_tokens': { intValue: '800' },
    });
    expect(await agent('my-summarizer')).toMatchObject({ status: 'UNREVIEWED' });
  });
});

/** The environment that an SDK reads, for one protocol. */
function environment(protocol: string): Record<string, string> {
  return {
    OTEL_EXPORTER_OTLP_ENDPOINT: protocol === 'grpc' ? `http://${server.grpcAddress}` : server.url,
    OTEL_EXPORTER_OTLP_HEADERS: `Authorization=Bearer%20${server.ingestKey}`,
    OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
  };
}

const SDKS = [
  { sdk: 'Python', agentName: 'serpent', points: 5, records: 2 },
  { sdk: 'Go', agentName: 'gopher', points: 5, records: 2 },
] as const;
const CASES = SDKS.flatMap((sdk) =>
  ['http/protobuf', 'grpc'].flatMap((protocol) =>
    ['none', 'gzip'].map((compression) => ({ ...sdk, protocol, compression })),
  ),
);

test.each(CASES)(
  'the stock $sdk exporters deliver all three signals over $protocol, compression $compression',
  async ({ agentName, compression, points, protocol, records, sdk }) => {
    const before = await stats();
    const env = {
      ...environment(protocol),
      // Without compression the variable stays unset: Python's gRPC exporter does not know the word "none".
      OTEL_EXPORTER_OTLP_COMPRESSION: compression === 'none' ? undefined : compression,
    };
    const { stdout } =
      sdk === 'Python'
        ? await must(python, ['stock.py', protocol], { cwd: PYTHON_SOURCES, env })
        : await must(go.stock, [protocol], { env });
    const traceId = stdout.trim();
    expect(traceId).toMatch(/^[0-9a-f]{32}$/);
    const spans = await spansOf(traceId, 2);
    expect(spans).toHaveLength(2);
    const root = spans.find(({ name }) => name === `invoke_agent ${agentName}`)!;
    const child = spans.find(({ name }) => name === 'chat gpt-4o')!;
    expect(attributesOf(root)).toEqual({
      'gen_ai.operation.name': { stringValue: 'invoke_agent' },
      'gen_ai.agent.name': { stringValue: agentName },
      whole: { intValue: '9007199254740993' },
      fraction: { doubleValue: 0.1 },
      list: { arrayValue: { values: [{ stringValue: 'a' }, { stringValue: 'b' }] } },
    });
    expect(child).toMatchObject({
      parentSpanId: root.spanId,
      kind: 3,
      status: { code: 2, message: 'cut off' },
      events: [{ name: 'first token' }],
    });
    await statsOf({
      spans: before.spans + 2,
      log_records: before.log_records + records,
      metric_points: before.metric_points + points,
    });
    expect(await agent(agentName)).toMatchObject({ status: 'UNREVIEWED' });
  },
);

const GENERATED = 50;
const SIGNALS = [
  { signal: 'traces', column: 'spans', each: 2 },
  { signal: 'metrics', column: 'metric_points', each: 1 },
  { signal: 'logs', column: 'log_records', each: 1 },
] as const;

test.each(SIGNALS.flatMap((one) => [false, true].map((http) => ({ ...one, http }))))(
  'telemetrygen delivers $signal (over HTTP: $http)',
  async ({ column, each, http, signal }) => {
    const before = await stats();
    await must(go.telemetrygen, [
      signal,
      ...(http ? ['--otlp-http'] : []),
      '--otlp-insecure',
      '--otlp-endpoint',
      http ? new URL(server.url).host : server.grpcAddress,
      '--otlp-header',
      `authorization="Bearer ${server.ingestKey}"`,
      `--${signal}`,
      String(GENERATED),
      '--rate',
      '0',
    ]);
    await statsOf({ ...before, [column]: before[column] + GENERATED * each });
  },
);
