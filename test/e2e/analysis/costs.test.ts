import { afterAll, beforeAll, expect, test } from 'vitest';

import { eventually } from '../../harness/eventually.ts';
import type { TestServer } from '../../harness/server.ts';
import { startServer } from '../../harness/server.ts';
import { agentSpan, chatSpan, traceRequest } from '../../harness/trace-builder.ts';

let server: TestServer;

beforeAll(async () => {
  server = await startServer();
});

afterAll(async () => {
  await server.dispose();
});

/** The day of the spans and events here. */
const PERIOD = 'from=2026-11-20T00:00:00Z&to=2026-11-21T00:00:00Z';
const EVENT = {
  event_id: 'told by itself',
  agent: 'teller',
  model: 'house-model-2',
  input_tokens: 1000,
  output_tokens: 100,
  at: '2026-11-20T12:00:00Z',
};

// oxlint-disable-next-line typescript/no-explicit-any -- a test reads any field of any answer
async function call(method: string, path: string, body?: unknown): Promise<any> {
  const answer = await server.api(method, `/api/v1/${path}`, body);
  expect({ path, status: answer.status < 300, error: answer.body.error }).toEqual({
    path,
    status: true,
    error: undefined,
  });
  return answer.body.data;
}

test('what has no price is listed, priced by one request, and counted from then on', async () => {
  const traced = await fetch(`${server.url}/v1/traces`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${server.ingestKey}` },
    body: JSON.stringify(
      traceRequest('house', [
        agentSpan('house root', 'builder', { endMs: 60 }),
        chatSpan('house chat', 'house root', {
          attributes: {
            'gen_ai.request.model': 'house-model-1',
            'gen_ai.response.model': 'house-model-1',
            'gen_ai.usage.input_tokens': 2000,
            'gen_ai.usage.output_tokens': 10,
          },
        }),
      ]),
    ),
  });
  expect(traced.status).toBe(200);
  expect(await call('POST', 'costs/events', EVENT)).toMatchObject({
    event_id: 'told by itself',
    cost_usd: null,
    cost_missing: 'unknown_model',
    repeated: false,
  });
  const unpriced = await eventually('both models without a price', async () => {
    const models = await call('GET', `prices/unpriced?${PERIOD}`);
    return models.length === 2 ? models : undefined;
  });
  expect(unpriced).toMatchObject([
    { model: 'house-model-1', calls: 1, input_tokens: 2000, agents: ['builder'] },
    { model: 'house-model-2', calls: 1, input_tokens: 1000, agents: ['teller'] },
  ]);

  const price = await call('POST', 'prices', {
    model: 'house-model-*',
    prices: { input: '2', output: '8' },
  });
  const job = await call('POST', 'prices/reprice', {
    from: '2026-11-20T00:00:00Z',
    to: '2026-11-21T00:00:00Z',
  });
  await eventually('the end of the job', async () => {
    const { status } = await call('GET', `jobs/${job.id}`);
    return status === 'done' ? status : undefined;
  });
  expect(await call('GET', `prices/unpriced?${PERIOD}`)).toEqual([]);
  // 2,000 × 2 + 10 × 8 and 1,000 × 2 + 100 × 8, per million
  const rows = await call('GET', `costs/by-agent?${PERIOD}`);
  expect(rows).toMatchObject([
    { name: 'builder', cost_usd: 0.00408, calls: 1, status: 'UNREVIEWED' },
    { name: 'teller', cost_usd: 0.0028, calls: 1, status: 'UNREVIEWED' },
  ]);
  const [run] = await call('GET', 'runs?agent=builder');
  const { model_calls: calls } = await call('GET', `runs/${run.run_id}`);
  expect([run.cost_usd, calls[0].price_version]).toEqual([0.00408, `override:${price.id}@1`]);
});

test('approving an agent brings its costs into the total, also those of before', async () => {
  const summary = async () => {
    const found = await call('GET', `costs/summary?${PERIOD}`);
    return [found.total_cost_usd, found.unreviewed_cost_usd, found.all_cost_usd];
  };
  expect(await summary()).toEqual([0, 0.00688, 0.00688]);
  const [agent] = await call('GET', 'agents?search=builder');
  await call('PATCH', `agents/${agent.id}`, { status: 'APPROVED', team: 'masons' });
  expect(await summary()).toEqual([0.00408, 0.0028, 0.00688]);
  expect(await call('GET', `costs/by-team?${PERIOD}`)).toMatchObject([
    { name: 'masons', cost_usd: 0.00408 },
    { name: null, cost_usd: 0.0028 },
  ]);
  const own = await call('GET', `costs/agents/${agent.id}?${PERIOD}`);
  expect([own.total_cost_usd, own.daily_trend]).toEqual([
    0.00408,
    [{ date: '2026-11-20', cost_usd: 0.00408, cost_display: 0.00408 }],
  ]);
});

test('an event that was answered is there after a crash, and is not stored twice', async () => {
  await call('POST', 'costs/events', { ...EVENT, event_id: 'before the crash', input_tokens: 500 });
  await server.kill9();
  await server.restart();
  const again = await call('POST', 'costs/events', {
    ...EVENT,
    event_id: 'before the crash',
    input_tokens: 500,
  });
  // 500 × 2 + 100 × 8 per million, by the price that was set before
  expect([again.cost_usd, again.repeated]).toEqual([0.0018, true]);
  const rows = await call('GET', `costs/by-agent?${PERIOD}&agent=teller`);
  expect(rows).toMatchObject([{ name: 'teller', cost_usd: 0.0046, calls: 2 }]);
});
