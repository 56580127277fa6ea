import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';

import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';

import { NOON_MS, startApi, type TestApi } from '../../test/harness/api.ts';
import { SYSTEM_PRINCIPAL } from '../auth/principal.ts';
import { GATEWAY_LINK_PATH } from '../model/gateway-link.ts';

/** What hostile and unlucky gateways do, told over real connections. */
let api: TestApi;
let key: string;
let reader: string;
beforeAll(async () => {
  api = await startApi();
  reader = await api.keyWith('governance:read', 'governance:write');
});
let gateways = 0;
/** A gateway of its own for each test: its name is the label of its key. */
beforeEach(async () => {
  const label = `edge-${(gateways += 1)}`;
  const made = await api.auth.apiKeys.create({ label, scopes: ['gateway:link'] }, SYSTEM_PRINCIPAL);
  key = made.secret;
});
afterAll(() => api.close());

async function connect(instance = 'instance-one') {
  const headers = { authorization: `Bearer ${key}` };
  const asked = get(`${api.url}${GATEWAY_LINK_PATH}?instance=${instance}`, { headers });
  const [answer] = (await once(asked, 'response')) as [IncomingMessage];
  const status = answer.statusCode;
  const close = () => asked.destroy();
  if (status !== 200) return { status, connection: 'none', close };
  const [data] = (await once(answer.setEncoding('utf8'), 'data')) as [string];
  const hello = JSON.parse(data.slice('data: '.length)) as { connection: string };
  return { status, connection: hello.connection, close };
}

const approval = (id: string, rest: object = {}) => ({
  id,
  agent: 'claude',
  tool: 'files.write',
  arguments_sha256: 'ab'.repeat(32),
  policy_version: 'v1',
  policy_rule: 'p#1',
  status: 'pending',
  execution: 'none',
  params_json: '{"path":"/tmp"}',
  injection_risk: false,
  session_id: '',
  trace_id: 'c'.repeat(32),
  span_id: 'd'.repeat(16),
  parent_span_id: '',
  face: 'http',
  created_at_ms: NOON_MS,
  expires_at_ms: NOON_MS + 60_000,
  resolved_at_ms: null,
  resolved_by: null,
  reasoning: null,
  confidence: null,
  executed_at_ms: null,
  dangers: [],
  ...rest,
});

const DENIED = { status: 'denied', resolved_at_ms: NOON_MS, resolved_by: 'ada' };

const call = (span: string, rest: object = {}) => ({
  trace_id: '',
  span_id: span,
  parent_span_id: '',
  agent_id: 'claude',
  face: 'http',
  tool: 'files.write',
  params: {},
  policy: 'allow',
  policy_rule: 'p#1',
  status_code: 200,
  latency_ms: 1,
  timestamp: '2026-11-20T12:00:00.000Z',
  start_unix_nano: '1',
  end_unix_nano: '2',
  estimated_input_tokens: 0,
  estimated_output_tokens: 0,
  tokens_source: 'estimate',
  ...rest,
});

const tell = (connection: string, rest: object = {}) =>
  api.call('POST', GATEWAY_LINK_PATH, {
    key,
    body: { instance: 'instance-one', connection, approvals: [], answers: [], ...rest },
  });

const statusOf = async (id: string): Promise<unknown> =>
  (await api.call('GET', `/api/v1/approvals/${id}`, { key: reader })).body.data?.status;

test('what a gateway told on a connection before does not undo what it told since', async () => {
  const before = await connect();
  const now = await connect();
  expect((await tell(now.connection, { approvals: [approval('apr_late', DENIED)] })).status).toBe(
    200,
  );
  const late = await tell(before.connection, {
    approvals: [approval('apr_late')],
    approvals_cursor: '1:apr_late',
  });
  expect(late).toMatchObject({ status: 409, body: { code: 'CONFLICT' } });
  // Nor does one that says on the connection of now that what is decided waits.
  await tell(now.connection, { approvals: [approval('apr_late')] });
  expect(await statusOf('apr_late')).toBe('denied');
  now.close();
});

test('of two gateways that connect by one name at once, one is refused', async () => {
  const both = await Promise.all([connect('instance-one'), connect('instance-two')]);
  expect(new Set(both.map(({ status }) => status))).toEqual(new Set([200, 409]));
  for (const { close } of both) close();
});

test('calls that are told again for want of an answer stand in the list once', async () => {
  const calls = [call('a1'.repeat(8)), call('b2'.repeat(8))];
  const first = await connect();
  await tell(first.connection, { calls });
  const second = await connect();
  await tell(second.connection, { calls: [...calls, call('c3'.repeat(8))] });
  const listed = await api.call('GET', '/api/v1/calls?tool=files.write', { key: reader });
  expect((listed.body.data as { span_id: string }[]).map(({ span_id: id }) => id)).toEqual([
    'c3'.repeat(8),
    'b2'.repeat(8),
    'a1'.repeat(8),
  ]);
  second.close();
});

test('calls with arguments that are larger or deeper than gateways keep are refused', async () => {
  const { connection, close } = await connect();
  const deep = '['.repeat(200) + ']'.repeat(200);
  const [large, nested] = ['d4'.repeat(8), 'e5'.repeat(8)] as const;
  const calls = [
    call(large, { params: { text: 'x'.repeat(40_000) } }),
    call(nested, { params: { list: JSON.parse(deep) as unknown } }),
  ];
  const error = 'params: must be as short as gateways keep it';
  expect((await tell(connection, { calls })).body.data.rejected).toEqual([
    { id: large, error },
    { id: nested, error },
  ]);
  close();
});

test('what is malformed is refused by itself, and what is beside it is kept', async () => {
  const { connection, close } = await connect();
  const deep = '['.repeat(5_000) + ']'.repeat(5_000);
  const wrong = [
    null,
    'text',
    approval('apr_deep', { params_json: deep }),
    approval('apr_nul', { agent: 'a\0b' }),
    approval('apr_when', { created_at_ms: Number.MAX_SAFE_INTEGER }),
    approval('apr_more', { extra: 1 }),
    approval('../apr'),
  ];
  const { status, body } = await tell(connection, { approvals: [...wrong, approval('apr_good')] });
  expect(status).toBe(200);
  expect(body.data.rejected).toHaveLength(wrong.length);
  expect(await statusOf('apr_good')).toBe('pending');
  expect((await tell(connection, { approvals_cursor: 'x'.repeat(257) })).status).toBe(400);
  expect((await tell('none')).status).toBe(409);
  close();
});

test('no other key opens the link, and a key of the link reads and decides nothing', async () => {
  const other = await api.keyWith('governance:read', 'governance:write', 'gateway:call');
  const path = `${GATEWAY_LINK_PATH}?instance=instance-one`;
  expect((await api.call('GET', path, { key: other })).status).toBe(403);
  expect((await api.call('POST', GATEWAY_LINK_PATH, { key: other, body: {} })).status).toBe(403);
  expect((await api.call('GET', '/api/v1/approvals', { key })).status).toBe(403);
  const decision = { key, body: { decision: 'approve' } };
  expect((await api.call('POST', '/api/v1/approvals/apr_good/decide', decision)).status).toBe(403);
});
