import { request } from 'node:http';

import { afterEach, expect, test } from 'vitest';

import { eventually } from '../harness/eventually.ts';
import { startServer } from '../harness/server.ts';
import type { TestServer } from '../harness/server.ts';

const started: TestServer[] = [];
afterEach(async () => {
  for (const server of started.splice(0)) await server.dispose();
});

async function start(): Promise<TestServer> {
  const server = await startServer();
  started.push(server);
  return server;
}

/** One OTLP/JSON request with one span. */
function traceRequest(traceId: string): string {
  const span = {
    traceId,
    spanId: traceId.slice(0, 16),
    name: 'agent.run',
    kind: 1,
    startTimeUnixNano: `${Date.now() - 1000}000000`,
    endTimeUnixNano: `${Date.now()}000000`,
  };
  return JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans: [span] }] }] });
}

const traceIdOf = (index: number): string => (index + 1).toString(16).padStart(32, 'a');

test.each(['SIGTERM', 'SIGINT'] as const)(
  '%s drains, exits 0 and keeps what was acknowledged',
  async (signal) => {
    const server = await start();
    const acknowledged: string[] = [];
    const senders = Array.from({ length: 4 }, async (_, lane) => {
      for (let index = lane; ; index += 4) {
        const answer = await fetch(`${server.url}/v1/traces`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: traceRequest(traceIdOf(index)),
        }).catch(() => undefined);
        // The server has gone: nothing more can be acknowledged.
        if (answer === undefined) return;
        if (answer.status === 200) acknowledged.push(traceIdOf(index));
      }
    });
    await eventually('some acknowledged requests', () =>
      acknowledged.length > 50 ? true : undefined,
    );
    const before = performance.now();
    server.signal(signal);
    expect(await server.exited(), server.stderr()).toEqual({ code: 0, signal: null });
    expect(performance.now() - before).toBeLessThan(10_000);
    await Promise.all(senders);
    await server.restart();
    for (const traceId of acknowledged) {
      const spans = await eventually(`trace ${traceId}`, async () => {
        const { body } = await server.api('GET', `/api/v1/traces/${traceId}`);
        return (body.data as { spans?: unknown[] } | undefined)?.spans;
      });
      expect(spans).toHaveLength(1);
    }
  },
);

test('a connection that stays open does not hold the exit up', async () => {
  const server = await start();
  const half = request(`${server.url}/v1/traces`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'content-length': '100000' },
  });
  half.on('error', () => undefined);
  half.write('{"resourceSpans":');
  const answer = await fetch(`${server.url}/health`);
  expect(answer.status).toBe(200);
  server.signal('SIGTERM');
  expect(await server.exited(), server.stderr()).toEqual({ code: 0, signal: null });
  half.destroy();
});
