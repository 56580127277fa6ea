import { mkdirSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import path from 'node:path';

import { afterAll, beforeAll, expect, test } from 'vitest';
import { stringify } from 'yaml';

import { eventually } from '../../harness/eventually.ts';
import { startGatewayProcess, type GatewayProcess } from '../../harness/gateway-process.ts';
import { freePort, startServer, temporaryFolder, type TestServer } from '../../harness/server.ts';

let folder: string;
let server: TestServer;
let gatewayUrl: string;

beforeAll(async () => {
  folder = await temporaryFolder();
  const port = await freePort();
  gatewayUrl = `http://127.0.0.1:${port}`;
  const file = path.join(folder, 'gateway.yaml');
  const config = {
    port,
    loop_guard: false,
    policies: [
      {
        name: 'all',
        rules: [
          { tools: ['echo.put'], action: 'human_approval' },
          { tools: ['*'], action: 'allow' },
        ],
      },
    ],
    cli_tools: [{ name: 'echo', bin: 'echo' }],
  };
  writeFileSync(file, stringify(config));
  server = await startServer({ args: ['--gateway', file] });
});
afterAll(async () => {
  await server.dispose();
  await rm(folder, { recursive: true, force: true });
});

const call = async (tool: string, agent = 'trip-planner') => {
  const answer = await fetch(`${gatewayUrl}/tool/${tool}`, {
    method: 'POST',
    headers: { authorization: `Bearer agent:${agent}` },
    body: '{}',
  });
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
};

const data = async <T>(route: string): Promise<T> =>
  (await server.api('GET', route)).body.data as T;

interface Row {
  readonly id: string;
  readonly name: string;
  readonly status: string;
}

const agentOf = (name: string) =>
  eventually('the agent', async () =>
    (await data<Row[]>('/api/v1/agents')).find((agent) => agent.name === name),
  );

test('a call by an agent that nobody knows may read alone, is a span, and brings the agent to the queue', async () => {
  const read = await call('echo.get_weather');
  expect(read.status).toBe(200);
  expect(await call('echo.book')).toMatchObject({
    status: 403,
    body: { policy_rule: expect.stringMatching(/^registry\/(UNKNOWN|UNREVIEWED)$/) as string },
  });
  expect(await agentOf('trip-planner')).toMatchObject({ status: 'UNREVIEWED' });
  const spans = await eventually('the span', async () => {
    const trace = await data<{ spans?: { name: string }[] }>(
      `/api/v1/traces/${String(read.body['trace_id'])}`,
    );
    return trace?.spans;
  });
  expect(spans.map(({ name }) => name)).toEqual(['echo.get_weather']);
});

test('what the registry decides about an agent holds for its calls at once', async () => {
  const { id } = await agentOf('trip-planner');
  await server.api('PATCH', `/api/v1/agents/${id}`, { status: 'APPROVED' });
  await eventually('an allowed call', async () =>
    (await call('echo.book')).status === 200 ? true : undefined,
  );
  await server.api('PATCH', `/api/v1/agents/${id}`, { status: 'SUSPENDED', reason: 'odd calls' });
  const refused = await eventually('a refused call', async () => {
    const answer = await call('echo.get_weather');
    return answer.status === 403 ? answer : undefined;
  });
  expect(refused.body).toMatchObject({ policy_rule: 'registry/SUSPENDED' });
  await server.api('PATCH', `/api/v1/agents/${id}`, { status: 'APPROVED' });
  await eventually('an allowed call', async () =>
    (await call('echo.book')).status === 200 ? true : undefined,
  );
});

test('calls, approvals, grants and policies are read and decided through the API', async () => {
  const answer = call('echo.put');
  const [approval] = await eventually('an approval', async () => {
    const found = await data<Row[]>('/api/v1/approvals?status=pending');
    return found.length > 0 ? found : undefined;
  });
  expect(approval).toMatchObject({ agent: 'trip-planner', tool: 'echo.put', params: {} });
  const decide = `/api/v1/approvals/${approval!.id}/decide`;
  const decided = await server.api('POST', decide, { decision: 'approve', reason: 'fine' });
  expect(decided.body.data).toMatchObject({ status: 'approved', resolved_by: 'admin' });
  expect((await answer).status).toBe(200);
  expect((await server.api('POST', decide, { decision: 'deny' })).status).toBe(409);
  const calls = await data<Row[]>('/api/v1/calls?tool=echo.put');
  expect(calls).toMatchObject([{ approval_id: approval!.id, approval_status: 'approved' }]);
  expect(await data('/api/v1/gateway')).toMatchObject({ running: true, url: gatewayUrl });
  expect(await data('/api/v1/policies')).toMatchObject({ policies: [{ name: 'all' }] });
  const asked = { agent: 'trip-planner', tool: 'echo.put' };
  const preview = await server.api('POST', '/api/v1/policies/decide', asked);
  expect(preview.body.data).toMatchObject({ action: 'human_approval', rule: 'all#1' });
  const grant = { agent: 'trip-*', tools: ['echo.put'], minutes: 5 };
  const made = await server.api('POST', '/api/v1/grants', grant);
  expect(made.status).toBe(201);
  const { id } = made.body.data as Row;
  expect((await call('echo.put')).body).toMatchObject({ policy_rule: `grant:${id}` });
  await server.api('DELETE', `/api/v1/grants/${id}`);
  expect(await data('/api/v1/grants')).toEqual([]);
  const trail = await data<{ action: string }[]>('/api/v1/governance/audit-trail?limit=100');
  const actions = trail.map(({ action }) => action);
  for (const action of ['approval.approved', 'grant.created', 'grant.revoked']) {
    expect(actions).toContain(action);
  }
});

test('a gateway of its own asks the server for its agents, and knows what to do when it is cut off', async () => {
  const own = await startServer();
  const gatewayFolder = path.join(folder, 'apart');
  mkdirSync(gatewayFolder);
  let gateway: GatewayProcess | undefined;
  try {
    const made = await own.api('POST', '/auth/api-keys', {
      label: 'gateway',
      scopes: ['registry:read'],
    });
    const { secret: key } = made.body.data as { secret: string };
    await sendSpan(own, 'known');
    const { id } = await eventually('the agent', async () =>
      ((await own.api('GET', '/api/v1/agents')).body.data as Row[]).find(
        ({ name }) => name === 'known',
      ),
    );
    await own.api('PATCH', `/api/v1/agents/${id}`, { status: 'APPROVED' });
    gateway = await startGatewayProcess(gatewayFolder, {
      loop_guard: false,
      server: { url: own.url, key, refresh_seconds: 0.2 },
      registry: { unknown: 'allow', last_known_seconds: 86_400 },
      policies: [{ name: 'all', rules: [{ tools: ['*'], action: 'allow' }] }],
      cli_tools: [{ name: 'echo', bin: 'echo' }],
    });
    const as = (agent: string) =>
      gateway!.post('/tool/echo.hi', {}, { authorization: `Bearer agent:${agent}` });
    expect([(await as('known')).status, (await as('stranger')).status]).toEqual([200, 200]);
    await own.kill9();
    const refused = await eventually('the gateway to notice', async () => {
      const answer = await as('stranger');
      return answer.status === 403 ? answer : undefined;
    });
    expect(refused.body).toMatchObject({ policy_rule: 'registry/unreachable' });
    expect((await as('known')).status).toBe(200);
    // What was known last outlives the gateway too.
    await gateway.kill9();
    await gateway.restart();
    expect((await as('known')).status).toBe(200);
    await own.restart();
    await eventually('the server again', async () =>
      (await as('stranger')).status === 200 ? true : undefined,
    );
    await own.api('PATCH', `/api/v1/agents/${id}`, { status: 'SUSPENDED', reason: 'odd' });
    await eventually('the decision', async () =>
      (await as('known')).status === 403 ? true : undefined,
    );
  } finally {
    await gateway?.kill9();
    await own.dispose();
  }
});

async function sendSpan(to: TestServer, service: string): Promise<void> {
  const now = BigInt(Date.now()) * 1_000_000n;
  const attribute = (key: string, value: string) => ({ key, value: { stringValue: value } });
  const span = {
    traceId: 'ab'.repeat(16),
    spanId: 'cd'.repeat(8),
    name: `invoke_agent ${service}`,
    startTimeUnixNano: String(now),
    endTimeUnixNano: String(now + 1n),
    attributes: [
      attribute('gen_ai.operation.name', 'invoke_agent'),
      attribute('gen_ai.agent.name', service),
    ],
  };
  const resource = { attributes: [attribute('service.name', service)] };
  const answer = await fetch(`${to.url}/v1/traces`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${to.ingestKey}` },
    body: JSON.stringify({ resourceSpans: [{ resource, scopeSpans: [{ spans: [span] }] }] }),
  });
  expect(answer.status).toBe(200);
}
