import path from 'node:path';

import { afterEach, expect, test } from 'vitest';

import { buildProduct, ROOT } from '../harness/build.ts';
import { cpuMsOf } from '../harness/cpu-time.ts';
import { eventually } from '../harness/eventually.ts';
import { finish, run } from '../harness/process.ts';
import { ADMIN, startServer } from '../harness/server.ts';
import type { TestServer } from '../harness/server.ts';

const UP_WITHIN_MS = 2000;

const started: TestServer[] = [];
afterEach(async () => {
  for (const server of started.splice(0)) await server.dispose();
});

async function start(...args: Parameters<typeof startServer>): Promise<TestServer> {
  const server = await startServer(...args);
  started.push(server);
  return server;
}

const npmStart = ['npm', 'start', '--'] as const;

test('the first start prints the sign-in link, the key and three lines that work when pasted', async () => {
  const server = await start({ env: { SIGNALBOX_ADMIN_PASSWORD: undefined } });
  const text = server.stdout();
  const lines = text.split('\n').filter((line) => line.startsWith('export '));
  expect(lines).toEqual([
    `export OTEL_EXPORTER_OTLP_ENDPOINT=${server.url}`,
    `export OTEL_EXPORTER_OTLP_HEADERS=Authorization=Bearer%20${server.ingestKey}`,
    'export OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf',
  ]);
  const link = text.match(/Sign in\s+(\S+)/)![1]!;
  expect(new URL(link).origin).toBe(server.url);
  expect((await fetch(link)).status).toBe(200);
  const password = text.match(/Admin password\s+(\S+)/)![1]!;
  const answer = await fetch(`${server.url}/auth/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ username: ADMIN.username, password }),
  });
  expect(answer.status).toBe(200);
});

test('a later start shows neither key nor password', async () => {
  const server = await start();
  expect(await server.stop()).toEqual({ code: 0, signal: null });
  await server.restart();
  await eventually('the address', () => (server.stdout().includes('\n') ? true : undefined));
  expect(server.stdout()).toMatch(/^Signalbox is at \S+ \(gRPC \S+\)\n$/);
});

test('whoever may start the server gets a new sign-in link, whatever became of the password', async () => {
  const server = await start({ env: { SIGNALBOX_ADMIN_PASSWORD: undefined } });
  await server.stop();
  await server.restart({ SIGNALBOX_ADMIN_USERNAME: 'nobody' }, ['--sign-in-link']);
  const link = await eventually(
    'a link',
    () => /Sign in\s+(\S+) .*as admin/.exec(server.stdout())?.[1],
  );
  const answer = await fetch(link, { redirect: 'manual' });
  const cookie = answer.headers.getSetCookie()[0]!.split(';')[0]!;
  const me = await fetch(`${server.url}/auth/me`, { headers: { cookie } });
  expect(await me.json()).toMatchObject({ data: { username: 'admin', kind: 'user' } });
});

test('the printed variables are enough for an SDK', async () => {
  const server = await start();
  const script = `
    const { OTLPTraceExporter } = require('@opentelemetry/exporter-trace-otlp-proto');
    const { BasicTracerProvider, SimpleSpanProcessor } = require('@opentelemetry/sdk-trace-base');
    const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(new OTLPTraceExporter())] });
    const span = provider.getTracer('t').startSpan('invoke_agent pasted', { attributes: { 'gen_ai.agent.name': 'pasted' } });
    span.end();
    provider.shutdown().then(() => console.log('sent'));`;
  const lines = server
    .stdout()
    .split('\n')
    .filter((line) => line.startsWith('export '));
  const { code, stdout } = await finish(
    'sh',
    ['-c', `${lines.join('\n')}\nexec node -e "$SCRIPT"`],
    {
      cwd: ROOT,
      env: { SCRIPT: script },
    },
  );
  expect({ code, stdout }).toEqual({ code: 0, stdout: 'sent\n' });
  const { body } = await server.api('GET', '/api/v1/agents');
  expect((body.data as { name: string }[]).map(({ name }) => name)).toEqual(['pasted']);
});

test('a second npm start neither installs nor builds, and is up at once', async () => {
  buildProduct();
  const server = await start({ command: [...npmStart] });
  expect(server.stderr()).not.toMatch(/Installing|Building/);
  const times: number[] = [];
  for (let round = 0; round < 3; round += 1) {
    expect((await server.stop()).code).toBe(0);
    const before = performance.now();
    await server.restart();
    // A machine busy with other work makes the clock say nothing about the program; its CPU time still does.
    times.push(Math.min(performance.now() - before, cpuMsOf(server.pid)));
  }
  expect(server.stderr()).not.toMatch(/Installing|Building/);
  expect(Math.min(...times)).toBeLessThan(UP_WITHIN_MS);
});

test('npm start -- --demo shows agents without a second command', async () => {
  const server = await start({ command: [...npmStart], args: ['--demo'] });

  await eventually('agents of the demo', async () => {
    const { body } = await server.api('GET', '/api/v1/agents?limit=100');
    return (body.data as unknown[]).length >= 9 ? true : undefined;
  });
  await eventually('the live trickle', () =>
    server.stderr().includes('Sending about') ? true : undefined,
  );
});

test('a demo where telemetry needs a key brings its own, on every start', async () => {
  const server = await start({ env: { SIGNALBOX_TRUST_LOOPBACK: 'false' } });
  await server.stop();
  for (let round = 0; round < 2; round += 1) {
    await server.restart({}, ['--demo']);
    await eventually('the live trickle', () =>
      server.stderr().includes('Sending about') ? true : undefined,
    );
    await server.stop();
  }
  await server.restart();
  const { body } = await server.api('GET', '/auth/api-keys');
  const labels = (body.data as { label: string }[]).map(({ label }) => label);
  expect(labels.toSorted()).toEqual(['demonstration', 'first ingest key']);
});

test('an old Node is told in one sentence what it needs', async () => {
  const old = `Object.defineProperty(process, 'versions', { value: { node: '18.20.0' } });
    process.argv[1] = process.env.SCRIPT; require(process.env.SCRIPT);`;
  for (const script of ['scripts/start.js', 'scripts/test.js', 'bin/signalbox.js']) {
    const running = run(process.execPath, ['-e', old], {
      env: { SCRIPT: path.join(ROOT, script) },
    });
    expect(await running.exited).toEqual({ code: 2, signal: null });
    expect(running.stderr()).toBe(
      'Signalbox needs Node 20.19 or newer and this is Node 18.20.0. Install a newer Node from https://nodejs.org and try again.\n',
    );
  }
});
