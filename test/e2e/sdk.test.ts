import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';

import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import { buildProduct, ROOT } from '../harness/build.ts';
import { startCollector, type Collector } from '../harness/collector.ts';
import { eventually } from '../harness/eventually.ts';
import { finish, run, type Exit, type Running } from '../harness/process.ts';

/** Programs that use the built SDK as a user's would, each in a process of its own. */
const PROGRAMS = path.join(ROOT, 'test', 'fixtures', 'sdk');
const REGISTER = path.join(ROOT, 'sdk', 'dist', 'esm', 'register.js');

let collector: Collector;
beforeAll(async () => {
  buildProduct();
  collector = await startCollector();
});
afterAll(() => collector.close());
beforeEach(() => {
  collector.requests.length = 0;
});

const environment = (): Record<string, string> => ({
  OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
  OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
});

interface SentSpan {
  readonly service: string;
  readonly name: string;
  readonly kind: number;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly endTimeUnixNano: string;
  readonly status: { readonly code?: number };
  readonly attributes: Readonly<Record<string, unknown>>;
}

type KeyValue = { readonly key: string; readonly value: Readonly<Record<string, unknown>> };

function plain(attributes: readonly KeyValue[]): Record<string, unknown> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]));
}

interface Resource {
  readonly attributes: readonly KeyValue[];
}

function resources(signal: string): Record<string, unknown>[] {
  const key = { traces: 'resourceSpans', metrics: 'resourceMetrics', logs: 'resourceLogs' }[
    signal
  ]!;
  return collector.requests
    .filter((request) => request.path === `/v1/${signal}`)
    .flatMap(({ json }) => json[key] as { readonly resource: Resource }[])
    .map(({ resource }) => plain(resource.attributes));
}

/** Every span that has arrived. */
function spans(): SentSpan[] {
  return collector.requests
    .filter((request) => request.path === '/v1/traces')
    .flatMap(({ json }) => json.resourceSpans)
    .flatMap(({ resource, scopeSpans }) =>
      scopeSpans
        .flatMap((scope: { spans: SentSpan[] }) => scope.spans)
        .map((span: SentSpan & { attributes: readonly KeyValue[] }) => ({
          ...span,
          service: plain(resource.attributes)['service.name'],
          attributes: plain(span.attributes),
        })),
    );
}

function program(name: string, env: Record<string, string | undefined> = {}): Running {
  return run(process.execPath, [path.join(PROGRAMS, name)], {
    env: { ...environment(), ...env },
  });
}

async function output(name: string, env: Record<string, string | undefined> = {}) {
  const running = program(name, env);
  const { code } = await running.exited;
  return { code, stdout: running.stdout(), stderr: running.stderr() };
}

async function said(running: Running, text: string): Promise<void> {
  await eventually(
    `the program to say ${text}`,
    () => running.stdout().includes(text) || undefined,
  );
}

async function stopped(running: Running, signal: NodeJS.Signals): Promise<Exit> {
  running.child.kill(signal);
  return running.exited;
}

describe('what is sent', () => {
  test('traces, metrics and logs of a program that ends of its own accord', async () => {
    expect(await output('all-signals.mjs')).toEqual({ code: 0, stdout: 'done\n', stderr: '' });
    expect(spans().map(({ name, service }) => [name, service])).toEqual([
      ['gen_ai.chat', 'signalbox-writer'],
      ['invoke_agent writer', 'signalbox-writer'],
    ]);
    for (const signal of ['traces', 'metrics', 'logs']) {
      expect(resources(signal)[0]).toMatchObject({
        'service.name': 'signalbox-writer',
        'service.namespace': 'tests',
        'gen_ai.agent.name': 'writer',
        'telemetry.distro.name': '@signalbox/sdk',
        team: 'red',
      });
    }
    const metrics = collector.requests
      .filter((request) => request.path === '/v1/metrics')
      .flatMap(({ json }) => json.resourceMetrics[0].scopeMetrics)
      .flatMap(({ metrics: list }: { metrics: { name: string }[] }) =>
        list.map(({ name }) => name),
      );
    expect(metrics).toEqual(
      expect.arrayContaining(['gen_ai.client.token.usage', 'gen_ai.client.operation.duration']),
    );
    expect(collector.requests[0]!.headers['x-tenant']).toBe('blue');
  });

  test('over gRPC as well, with headers', async () => {
    const { code, stdout } = await output('grpc.mjs');
    expect([code, JSON.parse(stdout)]).toEqual([
      0,
      {
        on: true,
        received: ['traces', 'metrics'],
        tenant: 'blue',
      },
    ]);
  });

  test.each([
    ['0', 0, 0],
    ['0.5', 60, 140],
    ['1', 200, 200],
  ])(
    'with a sampling of %s, that share of whole traces, and the tokens of all',
    async (share, least, most) => {
      await output('sampled.mjs', { SHARE: share });
      const sent = spans();
      const traces = new Set(sent.map(({ traceId }) => traceId)).size;
      expect(traces).toBeGreaterThanOrEqual(least);
      expect(traces).toBeLessThanOrEqual(most);
      expect(sent).toHaveLength(2 * traces);
      const points = collector.requests
        .filter((request) => request.path === '/v1/metrics')
        .flatMap(({ json }) => json.resourceMetrics[0].scopeMetrics)
        .flatMap(({ metrics }) => metrics)
        .filter(({ name }) => name === 'gen_ai.client.token.usage');
      expect(points[0].histogram.dataPoints.map(({ sum }: { sum: number }) => sum)).toEqual([600]);
    },
  );

  test('noise is sent as not failed, and a real error as failed', async () => {
    await output('noise.mjs');
    expect(spans().map(({ name, status }) => [name, status.code])).toEqual([
      ['a2a.server.events.event_queue_v2.dequeue', 0],
      ['a2a.server.events.event_queue_v2.enqueue', 2],
    ]);
  });
});

describe('when it is off', () => {
  test.each([
    ['the endpoint is empty', { OTEL_EXPORTER_OTLP_ENDPOINT: '' }],
    ['there is none', { OTEL_EXPORTER_OTLP_ENDPOINT: undefined }],
  ])('because %s, no module of OpenTelemetry’s SDK is loaded', async (_, env) => {
    const { code, stdout, stderr } = await output('loaded.mjs', env);
    expect([code, stderr]).toEqual([0, '']);
    expect(JSON.parse(stdout)).toEqual({ kind: 'off', loaded: [], answer: 'Paris' });
    expect(collector.requests).toEqual([]);
  });

  test('the same check finds them when it is on', async () => {
    const { stdout } = await output('loaded.mjs');
    const { kind, loaded } = JSON.parse(stdout) as { kind: string; loaded: string[] };
    expect([kind, loaded]).toEqual(['on', ['telemetry-pipeline.cjs']]);
  });

  test('because the endpoint makes no sense, that is told once and the program goes on', async () => {
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: 'collector' };
    const { code, stdout, stderr } = await output('loaded.mjs', env);
    expect([code, (JSON.parse(stdout) as { kind: string }).kind]).toEqual([0, 'off']);
    expect(stderr.match(/Telemetry is off: the endpoint/g)).toHaveLength(1);
  });
});

test('a second start, from the other module format, is the first one', async () => {
  const { stdout } = await output('twice.mjs');
  expect(JSON.parse(stdout)).toEqual({ same: true, name: 'signalbox-first' });
});

test('a receiver that is away is told of once, and the program goes on and ends', async () => {
  const { code, stdout, stderr } = await output('all-signals.mjs', {
    OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9',
  });
  expect([code, stdout]).toEqual([0, 'done\n']);
  expect(stderr.match(/Telemetry could not be sent/g)).toHaveLength(1);
});

test('an OpenTelemetry of the program’s own stays, and our spans go its way', async () => {
  const { stdout } = await output('own-setup.mjs');
  expect(JSON.parse(stdout)).toEqual({
    names: ['gen_ai.chat', 'execute_tool add', 'invoke_agent helper'],
    warnings: ['SIGNALBOX_EXISTING'],
  });
  expect(collector.requests).toEqual([]);
});

test('`node --import` starts it with the environment alone, in ES modules and CommonJS', async () => {
  for (const file of ['registered.mjs', 'registered.cjs']) {
    collector.requests.length = 0;
    const { code, stdout } = await finish(
      process.execPath,
      ['--import', REGISTER, path.join(PROGRAMS, file)],
      { env: { ...environment(), SIGNALBOX_CHANNEL: 'chat' } },
    );
    expect([code, stdout]).toEqual([0, '200\n']);
    expect(spans().map(({ name, kind, service }) => [name, kind, service])).toEqual([
      ['GET', 2, 'signalbox-channel-chat'],
      ['GET', 3, 'signalbox-channel-chat'],
    ]);
  }
});

describe('HTTP', () => {
  test.each(['node', 'express', 'fastify', 'hono'])(
    'a request through %s is one trace across two processes, named by its route',
    async (framework) => {
      const server = program('server.mjs', { FRAMEWORK: framework, SIGNALBOX_AGENT: 'specialist' });
      await said(server, 'listening ');
      const port = /listening (\d+)/.exec(server.stdout())![1];
      const client = await output('client.mjs', {
        TARGET: `http://127.0.0.1:${port}/tasks/7`,
        SIGNALBOX_AGENT: 'coordinator',
      });
      expect(client).toEqual({ code: 0, stdout: 'ok ok ok\n', stderr: '' });
      await eventually('10 spans', () => spans().length === 10 || undefined);
      expect(await stopped(server, 'SIGTERM')).toEqual({ code: null, signal: 'SIGTERM' });
      const all = spans();
      expect(new Set(all.map(({ traceId }) => traceId)).size).toBe(1);
      const byId = new Map(all.map((span) => [span.spanId, span]));
      const path_ = (span: SentSpan | undefined): string[] =>
        span === undefined
          ? []
          : [...path_(byId.get(span.parentSpanId ?? '')), `${span.service} ${span.name}`];
      const route = framework === 'node' ? 'GET' : 'GET /tasks/:id';
      expect(all.filter(({ name }) => name === 'execute_tool work').map(path_)).toEqual(
        Array.from({ length: 3 }, () => [
          'signalbox-coordinator invoke_agent coordinator',
          'signalbox-coordinator GET',
          `signalbox-specialist ${route}`,
          'signalbox-specialist execute_tool work',
        ]),
      );
      // Conversation and user come along by baggage: caller and server are on this machine.
      expect(all.map(({ attributes }) => attributes['gen_ai.conversation.id'])).toEqual(
        Array.from({ length: 10 }, () => 'c-1'),
      );
    },
  );

  test('baggage stays in the house: it is neither sent to strangers nor believed from them', async () => {
    const heard: unknown[] = [];
    const stranger = createServer((request, response) => {
      heard.push([request.headers['baggage'], typeof request.headers['traceparent']]);
      response.end('ok');
    });
    await new Promise<void>((resolve) => stranger.listen(0, '127.0.0.1', resolve));
    const { port } = stranger.address() as AddressInfo;
    // A name of no trusted host that leads to this machine all the same.
    const target = `http://model.example.com:${port}/v1/chat?key=AIza1`;
    expect((await output('client.mjs', { TARGET: target, RESOLVE: '127.0.0.1' })).stdout).toBe(
      'ok\n',
    );
    stranger.close();
    expect(heard).toEqual([[undefined, 'string']]);
    expect(spans().map(({ attributes }) => attributes['url.full'])).toContain(
      target.replace('AIza1', 'REDACTED'),
    );

    collector.requests.length = 0;
    const server = program('server.mjs', { FRAMEWORK: 'node', SIGNALBOX_AGENT: 'specialist' });
    await said(server, 'listening ');
    const at = /listening (\d+)/.exec(server.stdout())![1];
    const baggage = 'user.id=admin,gen_ai.conversation.id=stolen';
    const ask = (headers: Record<string, string>): Promise<Response> =>
      fetch(`http://127.0.0.1:${at}/tasks/7`, { headers: { baggage, ...headers } });
    await ask({ 'x-forwarded-for': '203.0.113.9' });
    await ask({ traceparent: 'zz', baggage: `a=${'v'.repeat(5_000)},user.id=admin` });
    await eventually('4 spans', () => spans().length === 4 || undefined);
    await stopped(server, 'SIGTERM');
    // A proxy on this machine speaks for a stranger; what comes from this machine is believed, as far as it is allowed.
    const users = new Map(spans().map((span) => [span.traceId, span.attributes['user.id']]));
    expect(new Set(users.values())).toEqual(new Set(['admin', undefined]));
    for (const span of spans()) expect(span.attributes['user.id']).toBe(users.get(span.traceId));
  });
});

test('a task over A2A is a turn of its agent, in the caller’s trace, and outlives the request', async () => {
  const server = program('a2a-server.mjs', { SIGNALBOX_AGENT: 'weather' });
  await said(server, 'listening ');
  const port = /listening (\d+)/.exec(server.stdout())![1];
  const env = { TARGET: `http://127.0.0.1:${port}`, SIGNALBOX_AGENT: 'coordinator' };
  expect((await output('a2a-client.mjs', env)).stdout).toBe('m2\n');
  await eventually(
    'the task',
    () => spans().some(({ name }) => name === 'invoke_agent weather') || undefined,
  );
  await stopped(server, 'SIGTERM');
  const all = spans();
  expect(new Set(all.map(({ traceId }) => traceId)).size).toBe(1);
  const parentOf = (span: SentSpan): SentSpan | undefined =>
    all.find(({ spanId }) => spanId === span.parentSpanId);
  const turn = all.find(({ name }) => name === 'invoke_agent weather')!;
  const request = parentOf(turn)!;
  expect([request.name, request.kind, parentOf(request)!.service]).toEqual([
    'POST /a2a',
    2,
    'signalbox-coordinator',
  ]);
  expect(turn.attributes).toMatchObject({
    'gen_ai.conversation.id': 'ctx-1',
    'a2a.task.id': expect.any(String) as string,
  });
  expect(BigInt(turn.endTimeUnixNano) > BigInt(request.endTimeUnixNano)).toBe(true);
  expect(parentOf(all.find(({ name }) => name === 'execute_tool remember')!)).toBe(turn);
});

describe('the end of the process', () => {
  test('by a signal: open spans are closed with the reason, and everything is sent', async () => {
    const running = program('open-spans.mjs');
    await said(running, 'open');
    expect(await stopped(running, 'SIGTERM')).toEqual({ code: null, signal: 'SIGTERM' });
    expect(
      spans().map(({ name, status, attributes }) => [name, status.code, attributes['error.type']]),
    ).toEqual([
      ['execute_tool done', 0, undefined],
      ['invoke_agent slow', 2, 'shutdown'],
      ['gen_ai.chat', 2, 'shutdown'],
    ]);
  });

  test('by a signal that the program handles itself: the program decides when to end', async () => {
    const running = program('open-spans.mjs', { HANDLES: 'SIGTERM' });
    await said(running, 'open');
    expect(await stopped(running, 'SIGTERM')).toEqual({ code: 7, signal: null });
    expect(spans()).toHaveLength(3);
  });

  test('by an error that nobody caught: it is sent, told, and the exit code is 1', async () => {
    const running = program('open-spans.mjs', { THROWS: 'yes' });
    expect(await running.exited).toEqual({ code: 1, signal: null });
    expect(running.stderr()).toContain('TypeError: nobody catches this');
    expect(spans()).toHaveLength(3);
  });

  test('by kill -9: what had ended was sent before', async () => {
    const running = program('open-spans.mjs');
    await said(running, 'open');
    await eventually('the span that had ended', () => spans().length === 1 || undefined);
    expect(spans().map(({ name }) => name)).toEqual(['execute_tool done']);
    expect(await stopped(running, 'SIGKILL')).toEqual({ code: null, signal: 'SIGKILL' });
  });

  test('with a receiver that never answers: the process ends all the same', async () => {
    collector.answers.push('hang', 'hang', 'hang', 'hang');
    const running = program('open-spans.mjs');
    await said(running, 'open');
    expect(await stopped(running, 'SIGTERM')).toEqual({ code: null, signal: 'SIGTERM' });
    collector.answers.length = 0;
  });
});
