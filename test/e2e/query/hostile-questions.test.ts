import { afterAll, beforeAll, expect, test } from 'vitest';

import { eventually } from '../../harness/eventually.ts';
import { startServer } from '../../harness/server.ts';
import type { TestServer } from '../../harness/server.ts';

/** Questions that take far longer than anybody waits hold nobody else. */

let server: TestServer;
let key: string;

beforeAll(async () => {
  // An hour: what answers in this file does not because a hostile question came to its end.
  server = await startServer({
    env: { SIGNALBOX_QUERY_TIMEOUT_MS: '3600000', SIGNALBOX_QUERY_HEAP_BYTES_MAX: '67108864' },
  });
  const made = await server.api('POST', '/auth/api-keys', {
    label: 'hostile',
    scopes: ['monitoring:read'],
  });
  key = (made.body.data as { secret: string }).secret;
});
afterAll(async () => {
  await server?.dispose();
});

/** Sorts three million samples at each of ten thousand steps: an hour and more. */
const HOSTILE = {
  query: 'quantile_over_time(0.9, vector(time())[40d:1s])',
  start: '1700000000',
  end: '1700010000',
  step: '1',
};

async function ask(
  what: 'query' | 'query_range',
  parameters: Readonly<Record<string, string>>,
  signal?: AbortSignal,
): Promise<readonly [number, unknown]> {
  const answer = await fetch(`${server.url}/prometheus/api/v1/${what}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}` },
    body: new URLSearchParams(parameters),
    signal: signal ?? null,
  });
  return [answer.status, await answer.json()];
}

const ONE_AND_ONE = [
  200,
  { status: 'success', data: { resultType: 'scalar', result: [1, '2'] } },
] as const;

/** Threads start, sort and end in their own time. */
const WAIT_MS = 60_000;

const small = () => ask('query', { query: '1 + 1', time: '1' });

/** A hostile question: how it ended, once it did, and how to go away. */
function hostile() {
  const gone = new AbortController();
  const state: { ended?: unknown } = {};
  const over = ask('query_range', HOSTILE, gone.signal).then(
    (answer) => (state.ended = answer),
    (error: unknown) => (state.ended = error),
  );
  return { state, leave: () => gone.abort(), over };
}

const failed = (where: string) => [
  503,
  {
    status: 'error',
    errorType: 'timeout',
    error: `query timed out in ${where}`,
    success: false,
    code: 'QUERY_TIMEOUT',
  },
];

/** Hostile questions for all threads, once they are under way: what is asked now waits. */
async function occupyThreads() {
  const all = [hostile(), hostile()];
  await eventually(
    'both threads to be taken',
    async () => {
      const [, body] = await ask('query', { query: '1', timeout: '100ms' });
      // A thread that only starts may take as long as well.
      return JSON.stringify(body).includes('query queue') ? true : undefined;
    },
    WAIT_MS,
  );
  return all;
}

test('while questions take minutes, pages and telemetry are answered, and so is the next question', async () => {
  const [first, second] = await occupyThreads();
  const [health, page, sent] = await Promise.all([
    fetch(`${server.url}/health`),
    fetch(server.url),
    fetch(`${server.url}/v1/metrics`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${server.ingestKey}` },
      body: JSON.stringify({ resourceMetrics: [] }),
    }),
  ]);
  expect([health.status, page.status, sent.status]).toEqual([200, 200, 200]);
  expect([first!.state, second!.state]).toEqual([{}, {}]);
  // Who goes away gives up a place; the other question still has its own.
  const waiting = small();
  first!.leave();
  expect(await waiting).toEqual(ONE_AND_ONE);
  expect(second!.state).toEqual({});
  second!.leave();
  await Promise.all([first!.over, second!.over]);
});

test('a question that takes too long is answered so, in the words of Prometheus', async () => {
  const busy = await occupyThreads();
  const short = { query: '1', timeout: '100ms' };
  expect(await ask('query', short)).toEqual(failed('query queue'));
  for (const { leave } of busy) leave();
  // Until a thread is there again, it waits as well.
  const answer = await eventually(
    'a thread',
    async () => {
      const [status, body] = await ask('query_range', { ...HOSTILE, timeout: '500ms' });
      return JSON.stringify(body).includes('queue') ? undefined : [status, body];
    },
    WAIT_MS,
  );
  expect(answer).toEqual(failed('expression evaluation'));
  expect(await small()).toEqual(ONE_AND_ONE);
  await Promise.all(busy.map(({ over }) => over));
});

test('a question that needs too much memory is refused, and the server lives', async () => {
  // 500 series, and for each of them labels of sixty thousand characters, one after the other.
  const joined = (vector: string, target: string, source: string, times: number): string =>
    `label_join(${vector}, "${target}", ""${`, "${source}"`.repeat(times)})`;
  let query = joined('count_values("v", vector(time()))', 'long', 'v', 100);
  for (let label = 0; label < 10; label++) query = joined(query, `l${label}`, 'long', 60);
  const range = { start: '1700000000', end: '1700000499', step: '1' };
  expect(await ask('query_range', { query, ...range })).toEqual([
    422,
    {
      status: 'error',
      errorType: 'execution',
      error:
        'query processing would load too much into memory in query execution; narrow its selectors, or ask with a larger step',
      success: false,
      code: 'QUERY_FAILED',
    },
  ]);
  expect(await small()).toEqual(ONE_AND_ONE);
});
