import { afterAll, beforeAll, expect, test } from 'vitest';

import { NOON_MS, startApi, type TestApi } from '../../test/harness/api.ts';

let api: TestApi;
let key: string;

beforeAll(async () => {
  api = await startApi();
  key = await api.keyWith('cost:read', 'governance:write', 'governance:read');
});
afterAll(() => api.close());

const call = (method: string, path: string, body?: unknown) =>
  api.call(method, `/api/v1/prices${path}`, { key, ...(body === undefined ? {} : { body }) });

const PRICES = {
  input: '2.5',
  output: '10',
  cache_read: null,
  cache_write: null,
  cache_write_1h: null,
  reasoning: null,
};

const lookup = async (query: string) => (await call('GET', `/lookup?${query}`)).body.data;

test('a price is set, changed and taken away, holds at once, and keeps its history', async () => {
  expect((await lookup('model=ours-1')).known).toBe(false);
  const created = await call('POST', '', {
    model: 'Ours-*',
    prices: { input: 2.5, output: '10' },
  });
  const { id } = created.body.data as { id: string };
  const price = {
    id,
    version: 1,
    model: 'ours-*',
    provider: '',
    tier: '',
    from: '1970-01-01T00:00:00.000Z',
    currency: 'USD',
    prices: PRICES,
    billed_as: {
      cache_read: 'input',
      cache_write: 'input',
      cache_write_1h: 'input',
      reasoning: 'output',
    },
  };
  expect([created.status, created.body.data]).toEqual([201, price]);
  expect(await lookup('model=vendor/ours-1')).toMatchObject({
    known: true,
    source: 'override',
    version: `override:${id}@1`,
    prices: { input: { price: '2.5', above: [] }, cache_read: null },
  });
  const change = { model: 'ours-*', from: '2026-11-01T00:00:00Z', prices: { input: '0.0375' } };
  const changed = await call('PUT', `/${id}`, change);
  const second = {
    ...price,
    version: 2,
    from: '2026-11-01T00:00:00.000Z',
    prices: { ...PRICES, input: '0.0375', output: null },
    billed_as: { cache_read: 'input', cache_write: 'input', cache_write_1h: 'input' },
  };
  expect(changed.body.data).toEqual(second);
  expect((await call('PUT', `/${id}`, change)).body.data.version).toBe(2);
  expect((await call('GET', '')).body.data).toEqual([second]);
  expect((await lookup('model=ours-1&at=2026-10-31T23:59:59Z')).known).toBe(false);
  expect((await call('DELETE', `/${id}`)).status).toBe(200);
  expect((await call('DELETE', `/${id}`)).status).toBe(404);
  expect((await call('GET', '')).body.data).toEqual([]);
  const history = await call('GET', `/${id}/history`);
  const by = {
    set_by: 'cost:read,governance:write,governance:read',
    set_at: '2026-11-20T12:00:00.000Z',
  };
  expect(history.body.data).toEqual([
    { ...second, version: 3, removed: true, ...by },
    { ...second, removed: false, ...by },
    { ...price, removed: false, ...by },
  ]);
  const audit = await api.call('GET', '/api/v1/governance/audit-trail?limit=3', { key });
  expect((audit.body.data as { action: string }[]).map(({ action }) => action)).toEqual([
    'price.removed',
    'price.changed',
    'price.created',
  ]);
});

test('a list price is looked up as a span would name it', async () => {
  expect(await lookup('model=gemini-2.5-pro&provider=gemini')).toEqual({
    known: true,
    version: 'library@0.1.8',
    source: 'library',
    provider: 'google',
    model: 'gemini-2.5-pro',
    currency: 'USD',
    prices: {
      input: { price: '1.25', above: [{ tokens: 200_000, price: '2.5' }] },
      output: { price: '10', above: [{ tokens: 200_000, price: '15' }] },
      cache_read: { price: '0.125', above: [{ tokens: 200_000, price: '0.25' }] },
      cache_write: null,
      cache_write_1h: null,
      reasoning: null,
    },
    missing: null,
    nearest: [],
  });
  expect(await lookup('model=gpt-4o-2099-01-01&provider=openai')).toMatchObject({
    known: false,
    version: 'library@0.1.8',
    missing: 'unknown_model',
    prices: null,
  });
  expect((await lookup('model=gpt-5&tier=priority')).missing).toBe('unknown_tier');
});

test('models without a price are listed with names that may be meant', async () => {
  api.costs.unpriced.push({
    provider: 'openai',
    model: 'gpt-4o-2099-01-01',
    missing: 'unknown_model',
    calls: 3,
    tokens: { input: 30, output: 3, cacheRead: null, cacheWrite: null, reasoning: null },
    firstMs: NOON_MS - 1000,
    lastMs: NOON_MS,
    agents: ['helper'],
  });
  const { body } = await call('GET', '/unpriced?days=7');
  expect(body.data).toEqual([
    {
      provider: 'openai',
      model: 'gpt-4o-2099-01-01',
      missing: 'unknown_model',
      calls: 3,
      input_tokens: 30,
      output_tokens: 3,
      cache_read_tokens: null,
      cache_write_tokens: null,
      first_seen: '2026-11-20T11:59:59.000Z',
      last_seen: '2026-11-20T12:00:00.000Z',
      agents: ['helper'],
      nearest: expect.arrayContaining(['gpt-4o']),
    },
  ]);
});

test.each([
  [{ model: 'm', prices: {} }],
  [{ model: '', prices: { input: '1' } }],
  [{ model: 'm', prices: { input: '-1' } }],
  [{ model: 'm', prices: { input: '1e3' } }],
  [{ model: 'm', prices: { input: 1e9 } }],
  [{ model: 'm', prices: { input: '1' }, currency: 'EUR' }],
  [{ model: 'm', prices: { inputs: '1' } }],
])('refuses the price %j', async (body) => {
  const answer = await call('POST', '', body);
  expect([answer.status, answer.body.code]).toEqual([400, 'VALIDATION_ERROR']);
});

test('only who may decide sets prices', async () => {
  const reader = await api.keyWith('cost:read');
  const body = { model: 'm', prices: { input: '1' } };
  expect((await api.call('POST', '/api/v1/prices', { key: reader, body })).status).toBe(403);
  expect((await api.call('GET', '/api/v1/prices', { key: reader })).status).toBe(200);
});
