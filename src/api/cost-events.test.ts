import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';

import { NOON_MS, startApi, type TestApi } from '../../test/harness/api.ts';

let api: TestApi;
let key: string;

beforeAll(async () => {
  api = await startApi();
  key = await api.keyWith('telemetry:write', 'registry:read');
});
afterAll(() => api.close());
beforeEach(() => {
  api.costs.events.length = 0;
});

const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
  api.call('POST', `/api/v1/${path}`, { key, body, headers });

const CALL = { model: 'gpt-4o', provider: 'openai', input_tokens: 1200, output_tokens: 80 };

test('an event is priced, stored, and answered as Muster answers it', async () => {
  const { status, body } = await post('costs/events', {
    ...CALL,
    event_id: 'e1',
    agent_id: 'invoice-processor',
    job_id: 'invoice 4711',
    cache_read_tokens: 1024,
  });
  expect([status, body.data]).toEqual([
    200,
    {
      event_id: 'e1',
      // 176 × 2.50 + 1,024 × 1.25 + 80 × 10, per million
      cost_usd: 0.00252,
      cost_display: 0.00252,
      display_currency: 'USD',
      cost_source: 'library',
      price_version: 'library@0.1.8',
      cost_missing: '',
      repeated: false,
    },
  ]);
  expect(api.costs.events.map(({ value }) => value)).toMatchObject([
    {
      origin: 'event',
      agent: 'invoice-processor',
      conversation: 'invoice 4711',
      runId: '',
      startNs: BigInt(NOON_MS) * 1_000_000n,
      tokens: { input: 1200, output: 80, cacheRead: 1024 },
      cost: { amount: 2_520_000_000n },
    },
  ]);
  const agents = await api.call('GET', '/api/v1/agents?search=invoice-processor', { key });
  expect(agents.body.data).toMatchObject([{ name: 'invoice-processor', status: 'UNREVIEWED' }]);
});

test('the same event again is answered alike and stored once, also within a batch', async () => {
  const first = await post('costs/events', { ...CALL, event_id: 'twice' });
  const again = await post('costs/events', { ...CALL, event_id: 'twice' });
  expect(again.body.data).toEqual({ ...first.body.data, repeated: true });
  const byKey = await post('costs/events', CALL, { 'idempotency-key': 'twice' });
  expect(byKey.body.data).toEqual(again.body.data);
  const batch = await post('costs/events/batch', {
    events: [
      { ...CALL, event_id: 'twice' },
      { ...CALL, event_id: 'new' },
      { ...CALL, event_id: 'new' },
    ],
  });
  const recorded = batch.body.data.events as { repeated: boolean }[];
  expect(recorded.map(({ repeated }) => repeated)).toEqual([true, false, true]);
  expect(api.costs.events).toHaveLength(2);
});

test('another event under the same id is refused by what differs, and its batch with it', async () => {
  await post('costs/events', { ...CALL, event_id: 'taken' });
  const other = await post('costs/events', { ...CALL, event_id: 'taken', input_tokens: 9 });
  expect([other.status, other.body.code]).toEqual([409, 'CONFLICT']);
  expect(other.body.error).toContain('input_tokens was 1200 and is now');
  const batch = await post('costs/events/batch', {
    events: [
      { ...CALL, event_id: 'beside' },
      { ...CALL, event_id: 'beside', model: 'gpt-4.1' },
    ],
  });
  expect([batch.status, batch.body.error]).toEqual([
    409,
    expect.stringContaining('the event beside was taken in with another content: model was'),
  ]);
  const stored = await post('costs/events', { ...CALL, event_id: 'beside' });
  expect(stored.body.data.repeated).toBe(false);
});

test('events at once are stored together, each answered with its own', async () => {
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, index) =>
      post('costs/events', { ...CALL, event_id: `at once ${index}`, output_tokens: index }),
    ),
  );
  expect(answers.map(({ body }) => [body.data.event_id, body.data.cost_usd])).toEqual(
    Array.from({ length: 20 }, (_, index) => [
      `at once ${index}`,
      Number((0.003 + index * 0.00001).toFixed(12)),
    ]),
  );
  expect(api.costs.events).toHaveLength(20);
});

test("MeshAI's names are understood, and what the sender reckoned counts where no price is known", async () => {
  const { body } = await post('telemetry/usage', {
    agent_id: 'mesh agent',
    model_provider: 'ours',
    model_name: 'our-model',
    input_tokens: 10,
    output_tokens: 1,
    request_type: 'completion',
    cost_usd: 0.0123,
  });
  expect(body.data).toMatchObject({ cost_usd: 0.0123, cost_source: 'reported' });
  const unknown = await post('telemetry/usage/batch', [
    { agent_id: 'mesh agent', model_name: 'our-model', input_tokens: 10, output_tokens: 1 },
  ]);
  expect(unknown.body.data.events).toMatchObject([
    { cost_usd: null, cost_missing: 'unknown_model' },
  ]);
});

test.each([
  [{ ...CALL, model: undefined }, 400],
  [{ ...CALL, input_tokens: -1 }, 400],
  [{ ...CALL, input_tokens: 1.5 }, 400],
  [{ ...CALL, input_tokens: 1e13 }, 400],
  [{ ...CALL, cost_usd: 1e9 }, 400],
  [{ ...CALL, at: '2026-12-01T00:00:00Z' }, 400],
  [{ ...CALL, nonsense: 1 }, 400],
  [{ ...CALL, agent_id: `agt_${'0'.repeat(30)}` }, 404],
])('refuses the event %j', async (body, status) => {
  expect((await post('costs/events', body)).status).toBe(status);
  expect(api.costs.events).toEqual([]);
});
