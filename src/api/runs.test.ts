import { afterAll, beforeAll, expect, test } from 'vitest';

import { startApi, type TestApi } from '../../test/harness/api.ts';

let api: TestApi;
let key: string;
beforeAll(async () => {
  api = await startApi();
  key = await api.keyWith('monitoring:read', 'cost:read', 'governance:read');
});
afterAll(() => api.close());

const get = (path: string) => api.call('GET', path, { key });
const TRACE = 'ab'.repeat(16);

test('runs are asked for by every field, several values of one at a time', async () => {
  await get(
    '/api/v1/runs?agent=a&agent=b&version=v&service=s&framework=f&name=n&status=ok&status=error&error_type=e' +
      '&model=m&tool=t&user=u&conversation=c&min_cost=0.5&max_cost=2&max_duration_ms=3&sort=retries',
  );
  expect(api.runs.asked.at(-1)).toEqual({
    filter: {
      agent: ['a', 'b'],
      agentVersion: 'v',
      service: 's',
      framework: 'f',
      name: 'n',
      status: ['ok', 'error'],
      errorType: 'e',
      model: 'm',
      tool: 't',
      user: 'u',
      conversation: 'c',
      costMin: 500_000_000_000n,
      costMax: 2_000_000_000_000n,
      durationNsMax: 3_000_000n,
    },
    sort: 'retries',
  });
});

test.each([
  '/api/v1/runs',
  '/api/v1/executions',
  '/api/v1/runs/facets',
  '/api/v1/runs/values?field=agent',
  '/api/v1/conversations',
  '/api/v1/costs/by-agent',
  '/api/v1/costs/by-model',
  '/api/v1/quality/results',
  '/api/v1/logs',
])('%s takes a trace by either of its names, and not two traces', async (path) => {
  const ask = async (query: string) =>
    (await get(`${path}${path.includes('?') ? '&' : '?'}${query}`)).status;
  expect(await ask(`trace=${TRACE}`)).toBe(200);
  expect(await ask(`trace_id=${TRACE.toUpperCase()}`)).toBe(200);
  expect(await ask(`trace=${TRACE}&trace_id=${'cd'.repeat(16)}`)).toBe(400);
});

test('costs of one trace are summed over its calls alone', async () => {
  await get(`/api/v1/costs/by-model?trace_id=${TRACE}`);
  expect(api.costs.asked.at(-1)!.filter.traceId).toBe(TRACE);
});

test('facets count each field without its own filter, and values are looked for with all', async () => {
  api.runs.counted.length = 0;
  const { body } = await get('/api/v1/runs/facets?agent=a&model=m');
  expect(body.data.agents).toEqual([{ value: 'a agent', count: 2 }]);
  const asked = new Map(api.runs.counted.map(({ field, filter }) => [field, filter]));
  expect([asked.get('agent')!.agent, asked.get('agent')!.model]).toEqual([undefined, 'm']);
  expect([asked.get('tool')!.agent, asked.get('tool')!.model]).toEqual(['a', 'm']);
  const values = await get('/api/v1/runs/values?field=version&agent=a&q=x');
  expect(values.body.data).toEqual([{ value: 'a agentVersion', count: 2 }]);
  expect((await get('/api/v1/runs/values?field=cost')).status).toBe(400);
});

test('bounds the wrong way round are refused', async () => {
  const { status, body } = await get('/api/v1/runs?min_cost=2&max_cost=1');
  expect([status, body.error]).toEqual([
    400,
    'the query is not valid: min_cost: the least cost must not be above the greatest',
  ]);
});
