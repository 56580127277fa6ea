import { afterAll, beforeAll, expect, test } from 'vitest';

import { startApi, type TestApi } from '../../../test/harness/api.ts';

let api: TestApi;
let key: string;
beforeAll(async () => {
  api = await startApi();
  key = await api.keyWith('monitoring:read');
});
afterAll(() => api.close());

const get = async (path: string) => {
  const { status, body } = await api.call('GET', `/prometheus/api/v1/${path}`, { key });
  return [status, body];
};

test('answers in the shape of Prometheus, values as text', async () => {
  expect(await get('query?query=1%2F0&time=1700000000.5')).toEqual([
    200,
    { status: 'success', data: { resultType: 'scalar', result: [1_700_000_000.5, '+Inf'] } },
  ]);
  expect(await get('query?query=vector(0%2F0)&time=2023-11-14T22:13:20Z')).toEqual([
    200,
    {
      status: 'success',
      data: { resultType: 'vector', result: [{ metric: {}, value: [1_700_000_000, 'NaN'] }] },
    },
  ]);
  expect(await get('query_range?query=time()&start=10&end=20&step=5s')).toEqual([
    200,
    {
      status: 'success',
      data: {
        resultType: 'matrix',
        result: [
          {
            metric: {},
            values: [
              [10, '10'],
              [15, '15'],
              [20, '20'],
            ],
          },
        ],
      },
    },
  ]);
  expect(await get('query?query="text"&time=1')).toEqual([
    200,
    { status: 'success', data: { resultType: 'string', result: [1, 'text'] } },
  ]);
  expect(await get('label/__name__/values')).toEqual([200, { status: 'success', data: [] }]);
  expect(await get('metadata')).toEqual([200, { status: 'success', data: {} }]);
});

test('takes parameters from a form, and a key as the password of Basic', async () => {
  const answer = await fetch(`${api.url}/prometheus/api/v1/query`, {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from(`grafana:${key}`).toString('base64')}` },
    body: new URLSearchParams({ query: '1 + 1', time: '1' }),
  });
  expect([answer.status, await answer.json()]).toEqual([
    200,
    { status: 'success', data: { resultType: 'scalar', result: [1, '2'] } },
  ]);
});

test.each([
  ['query', 400, 'bad_data', 'invalid parameter "query": it is missing'],
  ['query?query=sum(', 400, 'bad_data', '1:5: parse error: unexpected the end of the query'],
  [
    'query?query=1&time=yesterday',
    400,
    'bad_data',
    'invalid parameter "time": cannot parse "yesterday" to a valid timestamp',
  ],
  [
    'query_range?query=1&start=0&end=100000&step=1',
    400,
    'bad_data',
    'exceeded maximum resolution of 11,000 points per timeseries. Try decreasing the query resolution (?step=XX)',
  ],
  [
    'query_range?query=1&start=1&end=2&step=0',
    400,
    'bad_data',
    'invalid parameter "step": cannot parse "0" to a valid duration greater than 0',
  ],
  ['series', 400, 'bad_data', 'no match[] parameter provided; name a selector'],
  [
    'query?query=vector(1)%2Bon(a)(vector(1)or%20label_replace(vector(1),%22b%22,%22c%22,%22%22,%22%22))',
    422,
    'execution',
    expect.stringContaining('many-to-many matching not allowed'),
  ],
  ['rules', 404, 'not_found', expect.stringContaining('there is no GET /prometheus/api/v1/rules')],
])('%s is refused in the shape of Prometheus', async (path, status, errorType, error) => {
  expect(await get(path)).toEqual([
    status,
    expect.objectContaining({ status: 'error', errorType, error }),
  ]);
});
