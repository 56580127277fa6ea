import { createHash } from 'node:crypto';

import { afterAll, beforeAll, expect, test } from 'vitest';

import { eventually } from '../../harness/eventually.ts';
import { startServer, type TestServer } from '../../harness/server.ts';
import { startWebhookReceiver, type WebhookReceiver } from '../../harness/webhook-receiver.ts';

const MINUTE_MS = 60_000;
const AGENT = 'night-clerk';
/** On a machine with other work. */
const PATIENCE_MS = 60_000;
let server: TestServer;
let receiver: WebhookReceiver;

beforeAll(async () => {
  receiver = await startWebhookReceiver();
  server = await startServer({
    env: {
      SIGNALBOX_MONITORING_BUDGET_INTERVAL_MS: '300',
      SIGNALBOX_MONITORING_ANOMALY_INTERVAL_MS: '300',
      SIGNALBOX_MONITORING_BASELINE_INTERVAL_MS: '1000',
    },
  });
  const channel = { name: 'hook', target: { kind: 'webhook', url: receiver.url } };
  expect((await server.api('POST', '/api/v1/alerts/channels', channel)).status).toBe(201);
});

afterAll(async () => {
  await server.dispose();
  await receiver.close();
});

interface MadeRun {
  readonly id: string;
  readonly startMs: number;
  readonly seconds: number;
}

const hex = (text: string, length: number): string =>
  createHash('sha256').update(text).digest('hex').slice(0, length);

/** A run of the agent with one call of a model whose price is known. */
function spansOf({ id, startMs, seconds }: MadeRun): object[] {
  const at = (ms: number): string => `${Math.round(ms)}000000`;
  const attributes = (values: Record<string, string | number>) =>
    Object.entries(values).map(([key, value]) => ({
      key,
      value: typeof value === 'string' ? { stringValue: value } : { intValue: String(value) },
    }));
  const common = { traceId: hex(id, 32), startTimeUnixNano: at(startMs) };
  const endTimeUnixNano = at(startMs + seconds * 1_000);
  return [
    {
      ...common,
      endTimeUnixNano,
      spanId: hex(`${id} root`, 16),
      name: `invoke_agent ${AGENT}`,
      kind: 1,
      attributes: attributes({
        'gen_ai.operation.name': 'invoke_agent',
        'gen_ai.agent.name': AGENT,
      }),
    },
    {
      ...common,
      endTimeUnixNano,
      spanId: hex(`${id} chat`, 16),
      parentSpanId: hex(`${id} root`, 16),
      name: 'chat gpt-4o',
      kind: 3,
      attributes: attributes({
        'gen_ai.operation.name': 'chat',
        'gen_ai.provider.name': 'openai',
        'gen_ai.request.model': 'gpt-4o',
        'gen_ai.response.model': 'gpt-4o',
        'gen_ai.usage.input_tokens': 1_000,
        'gen_ai.usage.output_tokens': 100,
      }),
    },
  ];
}

async function send(runs: readonly MadeRun[]): Promise<void> {
  const resource = { attributes: [{ key: 'service.name', value: { stringValue: 'hotel' } }] };
  const body = { resourceSpans: [{ resource, scopeSpans: [{ spans: runs.flatMap(spansOf) }] }] };
  const answer = await fetch(`${server.url}/v1/traces`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${server.ingestKey}` },
    body: JSON.stringify(body),
  });
  expect(answer.status).toBe(200);
}

// oxlint-disable-next-line typescript/no-explicit-any -- a test reads any field of what is posted
const told = (kind: string): any[] => {
  // A delivery that a crash cut off is made again, under the same id.
  const distinct = new Map(
    receiver.received.map(({ headers, body }) => [headers['webhook-id'], body]),
  );
  return [...distinct.values()]
    .map((body) => JSON.parse(body) as { data: { kind: string } })
    .filter(({ data }) => data.kind === kind)
    .map(({ data }) => data);
};

test('runs that take longer than they did come out as an anomaly, with an alert to those who listen', async () => {
  const nowMs = Date.now();
  const usual = Array.from({ length: 60 }, (_, index) => ({
    id: `usual ${index}`,
    startMs: nowMs - (90 + index * 200) * MINUTE_MS,
    seconds: 2 + (index % 5) / 10,
  }));
  await send(usual);
  await eventually(
    'runs',
    async () => {
      const { body } = await server.api('GET', `/api/v1/runs?agent=${AGENT}&limit=100`);
      return (body.data as unknown[]).length === usual.length ? true : undefined;
    },
    PATIENCE_MS,
  );
  const slow = Array.from({ length: 12 }, (_, index) => ({
    id: `slow ${index}`,
    startMs: nowMs - (index + 2) * MINUTE_MS,
    seconds: 9,
  }));
  await send(slow);
  const [anomaly] = await eventually(
    'an anomaly',
    async () => {
      const { body } = await server.api('GET', '/api/v1/anomalies?kind=latency_shift');
      const found = body.data as { agent: string; evidence: { observed: number; n: number } }[];
      return found.length > 0 ? found : undefined;
    },
    PATIENCE_MS,
  );
  expect(anomaly).toMatchObject({
    agent: AGENT,
    status: 'open',
    evidence: { observed: expect.closeTo(9, 3), baseline: expect.closeTo(2.2, 1) },
  });
  const [alert] = await eventually('an alert', () => {
    const alerts = told('anomaly');
    return alerts.length > 0 ? alerts : undefined;
  });
  expect(alert).toMatchObject({
    title: `${AGENT} takes longer than it did`,
    subject: { kind: 'agent', name: AGENT },
  });
});

test('spend that reaches the threshold of a budget is told once, also after a crash', async () => {
  const budget = { scope: 'agent', subject: AGENT, amount_usd: 0.01, thresholds: [100] };
  const made = await server.api('POST', '/api/v1/budgets', budget);
  expect(made.status).toBe(201);
  const [alert] = await eventually('an alert', () => {
    const alerts = told('budget');
    return alerts.length > 0 ? alerts : undefined;
  });
  expect(alert).toMatchObject({
    severity: 'high',
    subject: { kind: 'agent', id: AGENT },
    detail: { threshold_percent: 100, amount_usd: 0.01 },
  });
  await server.kill9();
  await server.restart();
  const { id } = made.body.data as { id: string };
  await eventually('the spend after the restart', async () => {
    const { body } = await server.api('GET', `/api/v1/budgets/${id}`);
    return (body.data as { exhausted: boolean }).exhausted ? true : undefined;
  });
  await server.api('POST', '/api/v1/budgets', { ...budget, scope: 'project', subject: undefined });
  await eventually('the alert of another budget', () =>
    told('budget').find(({ subject }) => subject.kind === 'project'),
  );
  expect(told('budget').filter(({ subject }) => subject.kind === 'agent')).toHaveLength(1);
});
