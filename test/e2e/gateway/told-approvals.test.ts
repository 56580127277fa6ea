import { mkdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import path from 'node:path';

import { afterAll, beforeAll, expect, test } from 'vitest';

import { eventually } from '../../harness/eventually.ts';
import { startGatewayProcess, type GatewayProcess } from '../../harness/gateway-process.ts';
import { startServer, temporaryFolder, type TestServer } from '../../harness/server.ts';

/** A gateway of its own, and the server that it belongs to: two processes, one connection between them. */
let folder: string;
let server: TestServer;
let gateway: GatewayProcess;

beforeAll(async () => {
  folder = await temporaryFolder();
  server = await startServer();
  const made = await server.api('POST', '/auth/api-keys', {
    label: 'edge',
    scopes: ['registry:read', 'gateway:link'],
  });
  const { secret: key } = made.body.data as { secret: string };
  mkdirSync(path.join(folder, 'edge'));
  gateway = await startGatewayProcess(path.join(folder, 'edge'), {
    loop_guard: false,
    server: { url: server.url, key },
    registry: { unknown: 'allow' },
    policies: [{ name: 'ask', rules: [{ tools: ['*'], action: 'human_approval' }] }],
    cli_tools: [{ name: 'echo', bin: 'echo' }],
  });
});
afterAll(async () => {
  await gateway?.kill9();
  await server?.dispose();
  await rm(folder, { recursive: true, force: true });
});

interface Row {
  readonly id: string;
  readonly params: { readonly args: readonly string[] };
  readonly status: string;
  readonly execution: string;
  readonly undecidable: string | null;
}

const call = (...args: string[]) =>
  gateway.post('/tool/echo.say', { params: { args } }).catch(() => undefined);

/** The approval of a call with these arguments, as the server shows it, once it is as it should be. */
const atServer = (args: string, isSo: (row: Row) => boolean = () => true): Promise<Row> =>
  eventually(`${args} at the server`, async () => {
    const { body } = await server.api('GET', '/api/v1/approvals?limit=100');
    return (body.data as Row[]).find((row) => row.params.args.join(' ') === args && isSo(row));
  });

const decide = (id: string, decision: string, reason?: string) =>
  server.api('POST', `/api/v1/approvals/${id}/decide`, {
    decision,
    ...(reason === undefined ? {} : { reason }),
  });

const decideAtGateway = (id: string, decision: string) =>
  gateway.post(
    `/approvals/${id}/${decision}`,
    { reasoning: 'here' },
    { authorization: `Bearer ${gateway.operator()}` },
  );

test('a call that waits at a gateway is seen and decided at its server, once', async () => {
  const answer = call('one', 'token=ghp_0123456789abcdefghijABCDEFGHIJ012345');
  const row = await atServer('one token=[REDACTED:github_token]');
  expect(row).toMatchObject({
    agent: 'claude',
    tool: 'echo.say',
    gateway: 'edge',
    status: 'pending',
    undecidable: null,
    dangers: ['The agent itself is not approved: it is unknown.'],
  });
  const state = await server.api('GET', '/api/v1/gateway');
  expect(state.body.data).toMatchObject({
    running: false,
    approvals_pending: 1,
    elsewhere: [{ name: 'edge', connected: true, url: gateway.url, approvals_pending: 1 }],
  });
  const bare = await decide(row.id, 'approve');
  expect(bare).toMatchObject({ status: 400, body: { code: 'VALIDATION_ERROR' } });
  expect(bare.body.error).toContain('The agent itself is not approved');
  const decided = await decide(row.id, 'approve', 'it is fine');
  expect(decided).toMatchObject({
    status: 200,
    body: { data: { status: 'approved', resolved_by: 'admin', reasoning: 'it is fine' } },
  });
  expect((await answer)?.status).toBe(200);
  await atServer('one token=[REDACTED:github_token]', ({ execution }) => execution === 'done');
  const calls = await eventually('the call', async () => {
    const { body } = await server.api('GET', '/api/v1/calls?tool=echo.say');
    return (body.data as object[]).length > 0 ? body.data : undefined;
  });
  expect(calls).toMatchObject([
    { gateway: 'edge', agent_id: 'claude', status_code: 200, approval_id: row.id },
  ]);
  expect((await decide(row.id, 'deny')).status).toBe(409);
  expect((await decideAtGateway(row.id, 'deny')).status).toBe(409);
  const trail = await server.api('GET', '/api/v1/governance/audit-trail?limit=100');
  const entries = (trail.body.data as { action: string; actor: object; detail: object }[]).filter(
    ({ action }) => action.startsWith('approval.'),
  );
  expect(entries).toMatchObject([
    {
      action: 'approval.approved',
      actor: { kind: 'user', name: 'admin' },
      detail: { gateway: 'edge' },
    },
  ]);
});

test('a server that is killed loses nothing, and learns what was decided meanwhile', async () => {
  const [first, second] = [call('first'), call('second')];
  const ids = [(await atServer('first')).id, (await atServer('second')).id] as const;
  await server.kill9();
  expect((await decideAtGateway(ids[0], 'deny')).status).toBe(200);
  expect((await first)?.status).toBe(403);
  const third = call('third');
  await server.restart();
  expect(await atServer('first', ({ status }) => status === 'denied')).toMatchObject({
    resolved_by: 'operator',
    reasoning: 'here',
  });
  const kept = await server.api('GET', '/api/v1/calls?tool=echo.say&status=ok');
  expect((kept.body.data as object[]).length).toBe(1);
  const { id } = await atServer('third', ({ undecidable }) => undecidable === null);
  expect((await decide(id, 'approve', 'fine')).status).toBe(200);
  expect((await decide(ids[1], 'deny', 'not now')).status).toBe(200);
  expect([(await second)?.status, (await third)?.status]).toEqual([403, 200]);
});

test('the calls of a gateway that was killed are shown and cannot be decided until it is back', async () => {
  const gone = call('left');
  const { id } = await atServer('left');
  await gateway.kill9();
  expect(await gone).toBeUndefined();
  const row = await atServer('left', ({ undecidable }) => undecidable !== null);
  expect(row).toMatchObject({
    status: 'pending',
    undecidable:
      'The gateway edge is not connected: decide at its own address, or when it is back.',
  });
  expect(await decide(id, 'approve', 'fine')).toMatchObject({
    status: 503,
    body: { code: 'GATEWAY_UNREACHABLE' },
  });
  await gateway.restart();
  await atServer('left', ({ undecidable }) => undecidable === null);
  expect((await decide(id, 'approve', 'fine')).status).toBe(200);
  // Its caller comes back for it, once.
  expect((await call('left'))?.status).toBe(200);
  await atServer('left', ({ execution }) => execution === 'done');
});
