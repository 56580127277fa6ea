import { createServer } from 'node:http';
import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

import { afterEach, describe, expect, test } from 'vitest';

import { historyRuns, sendDemo } from './demo.ts';
import { createCodingAgents } from './demo/coding-agents.ts';
import { encodeLogs, encodeMetrics, encodeSpans } from './demo/otlp-json.ts';
import { createRandom } from './demo/random.ts';

const NOW_MS = Date.UTC(2026, 10, 20, 12);

interface Received {
  readonly path: string;
  readonly authorization: string | undefined;
  readonly body: Record<string, unknown[]>;
}

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

/** A real listener that answers each request with the next status of `statuses`, then 200. */
async function listen(...statuses: number[]): Promise<{ url: string; received: Received[] }> {
  const received: Received[] = [];
  const take = async (request: IncomingMessage): Promise<number> => {
    const body = JSON.parse(await text(request)) as Received['body'];
    received.push({ path: request.url ?? '', authorization: request.headers.authorization, body });
    return statuses.shift() ?? 200;
  };
  const server = createServer((request, response) => {
    void take(request).then((status) =>
      response.writeHead(status, { 'retry-after': '0' }).end('{}'),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, received };
}

describe('the made-up history', () => {
  const runs = historyRuns(createRandom(7), NOW_MS, 2);
  const spans = runs.flatMap(({ run, startedAtMs }) =>
    run.spans.map((span) => ({ ...span, startedAtMs })),
  );

  test('is the same again from the same seed', () => {
    const again = historyRuns(createRandom(7), NOW_MS, 2);
    expect(encodeSpans(again)).toEqual(encodeSpans(runs));
    expect(encodeLogs(again)).toEqual(encodeLogs(runs));
    expect(encodeMetrics(again)).toEqual(encodeMetrics(runs));
    expect(encodeSpans(historyRuns(createRandom(8), NOW_MS, 2))).not.toEqual(encodeSpans(runs));
  });

  test('lies within its days, most of all in the last hour, and has ended', () => {
    const startsMs = spans.map((span) => span.startedAtMs + span.startMs);
    expect(Math.min(...startsMs)).toBeGreaterThanOrEqual(NOW_MS - 49 * 3_600_000 - 120_000);
    expect(Math.max(...spans.map((span) => span.startedAtMs + span.endMs))).toBeLessThanOrEqual(
      NOW_MS,
    );
    const recent = runs.filter(({ startedAtMs }) => startedAtMs >= NOW_MS - 3_600_000);
    expect([runs.length, recent.length]).toEqual([590, 90]);
  });

  test('is an hour of ordinary runs where no days are wanted', () => {
    const hour = historyRuns(createRandom(7), NOW_MS, 0);
    expect(hour).toHaveLength(90);
    expect(Math.max(...hour.map(({ run }) => run.durationMs))).toBeLessThan(60_000);
  });

  test('gives every span its own id and a parent that encloses it', () => {
    const byId = new Map(spans.map((span) => [span.spanId, span]));
    expect(byId.size).toBe(spans.length);
    const astray = spans.filter((span) => {
      const parent = byId.get(span.parentSpanId);
      if (span.parentSpanId === '') return false;
      return (
        !parent ||
        parent.traceId !== span.traceId ||
        parent.startMs > span.startMs ||
        parent.endMs < span.endMs
      );
    });
    expect(astray).toEqual([]);
  });

  test('holds every agent, failed tools, a retried model call, cached tokens and a sub-agent', () => {
    const names = new Set(
      spans.flatMap(({ attributes }) =>
        [
          'gen_ai.agent.name',
          'agent.name',
          'service.name',
          'ai.telemetry.functionId',
          'traceloop.workflow.name',
        ].flatMap((key) => attributes[key] ?? []),
      ),
    );
    expect(names).toEqual(
      new Set([
        'contract-reviewer',
        'invoice-processor',
        'market-researcher',
        'nightly-summarizer',
        'refund-specialist',
        'support-desk',
        'trip-planner',
      ]),
    );
    const count = (wanted: (span: (typeof spans)[number]) => boolean): number =>
      spans.filter(wanted).length;
    expect(
      count((span) => span.failure !== undefined && span.name.startsWith('execute_tool')),
    ).toBeGreaterThan(0);
    expect(
      count((span) => span.attributes['error.type'] === 'rate_limit_exceeded'),
    ).toBeGreaterThan(0);
    expect(
      count((span) => Number(span.attributes['gen_ai.usage.cache_read.input_tokens']) > 0),
    ).toBeGreaterThan(0);
    expect(
      count((span) => {
        const cached = Number(span.attributes['gen_ai.usage.cache_read.input_tokens'] ?? 0);
        return cached > Number(span.attributes['gen_ai.usage.input_tokens'] ?? 0);
      }),
    ).toBe(0);
  });
});

test('coding agents tell of each minute at work by deltas, the same again from the same seed', () => {
  const encode = (seed: number) =>
    createCodingAgents(createRandom(seed)).encode(NOW_MS - 6 * 3_600_000, NOW_MS) as {
      resourceMetrics: {
        scopeMetrics: {
          metrics: { name: string; sum: { dataPoints: { timeUnixNano: string }[] } }[];
        }[];
      }[];
    };
  expect(encode(7)).toEqual(encode(7));
  const { metrics } = encode(7).resourceMetrics[0]!.scopeMetrics[0]!;
  expect(metrics.map(({ name }) => name).sort()).toEqual([
    'claude_code.active_time.total',
    'claude_code.commit.count',
    'claude_code.cost.usage',
    'claude_code.lines_of_code.count',
    'claude_code.session.count',
    'claude_code.token.usage',
  ]);
  const times = metrics.flatMap(({ sum }) => sum.dataPoints.map((point) => point.timeUnixNano));
  expect(times.every((time) => BigInt(time) <= BigInt(NOW_MS) * 1_000_000n)).toBe(true);
  expect(times.length).toBeGreaterThan(1_000);
});

describe('sending', () => {
  test('posts traces, metrics and logs with the key', async () => {
    const { received, url } = await listen();
    await sendDemo({ url, days: 0, key: 'sbx_test', runsPerMinute: 0, seed: 1 });
    expect(received.map(({ path }) => path)).toEqual([
      '/v1/traces',
      '/v1/metrics',
      '/v1/logs',
      // Of the coding agents.
      '/v1/metrics',
    ]);
    expect(new Set(received.map(({ authorization }) => authorization))).toEqual(
      new Set(['Bearer sbx_test']),
    );
    expect(received[0]!.body['resourceSpans']).toHaveLength(90);
  });

  test('sends the same request again when the server asks for patience', async () => {
    const { received, url } = await listen(429, 503);
    await sendDemo({ url, days: 0, runsPerMinute: 0, seed: 1 });
    expect(received.slice(0, 4).map(({ path }) => path)).toEqual([
      '/v1/traces',
      '/v1/traces',
      '/v1/traces',
      '/v1/metrics',
    ]);
    expect(received[1]!.body).toEqual(received[0]!.body);
  });

  test('says what to do about a refused key', async () => {
    const { url } = await listen(401);
    await expect(
      sendDemo({ url, days: 0, key: 'sbx_wrong', runsPerMinute: 0 }),
    ).rejects.toMatchObject({
      code: 'UNAUTHORIZED',
      message: `${url} refuses the key (401). Give one that may write telemetry with --key; the first start printed one, and an administrator can make more.`,
    });
  });

  test('asks for a key where none was given', async () => {
    const { url } = await listen(401);
    await expect(sendDemo({ url, days: 0, runsPerMinute: 0 })).rejects.toMatchObject({
      code: 'UNAUTHORIZED',
      message: expect.stringMatching(/wants a key \(401\)\. Give one .* with --key;/),
    });
  });

  test('says what to do when no server answers', async () => {
    const { url } = await listen();
    for (const close of closers.splice(0)) await close();
    await expect(sendDemo({ url, days: 0, runsPerMinute: 0 })).rejects.toMatchObject({
      code: 'SERVER_UNREACHABLE',
      message: expect.stringMatching(
        /^No Signalbox answers at http.*ECONNREFUSED.*signalbox serve.*--url\.$/,
      ),
    });
  });

  test('stops a live trickle when told to', async () => {
    const { url } = await listen();
    const stopping = new AbortController();
    const sending = sendDemo({ url, days: 0, runsPerMinute: 1, seed: 1, signal: stopping.signal });
    stopping.abort();
    await expect(sending).resolves.toBeUndefined();
  });
});
