import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import { eventually } from '../../test/harness/eventually.ts';
import { startTestGateway, type TestGateway } from '../../test/harness/gateway.ts';

const NODE = process.execPath;

const CONFIG = {
  trace_file: 'traces.jsonl',
  otel_endpoint: 'traces-otel.jsonl',
  approval: { timeout_seconds: 60, callback_hosts: [] },
  loop_guard: { max_identical: 5, window_seconds: 10 },
  policies: [
    {
      name: 'limited',
      agent: 'limited-*',
      rate_limit: { max_per_minute: 2 },
      rules: [{ tools: ['*'], action: 'allow' }],
    },
    {
      name: 'claude',
      agent: 'claude',
      rules: [
        { tools: ['echo.*', 'node.fail', 'nap.*'], action: 'allow' },
        { tools: ['write.*'], action: 'human_approval' },
        { tools: ['gone.*'], action: 'allow' },
        { tools: ['echo2.*'], action: 'deny' },
      ],
    },
  ],
  cli_tools: [
    { name: 'echo', bin: 'echo' },
    { name: 'byrule', bin: 'echo', default_action: 'allow' },
    {
      name: 'write',
      bin: 'tee',
      strict: true,
      bare: true,
    },
    {
      name: 'node',
      bin: NODE,
      strict: true,
      commands: { fail: null },
    },
    { name: 'nap', bin: 'sleep', strict: true, commands: { 5: { timeout: '100ms' } } },
    { name: 'gone', bin: '/no/such/program', commands: { run: null } },
  ],
};

const approvalsOf = async (gateway: TestGateway, query = 'status=pending') =>
  (await gateway.ask('GET', `/approvals?${query}`)).body as {
    id: string;
    [key: string]: unknown;
  }[];

/** The approval that the call just made waits for. */
const pendingOne = (gateway: TestGateway) =>
  eventually('a pending approval', async () => (await approvalsOf(gateway))[0]);

/** The gateway has noticed that the caller is there no more. */
const callerGone = (from: TestGateway) =>
  eventually('no caller', () => (from.gateway.desk.waiting() === 0 ? true : undefined));

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startTestGateway(CONFIG);
});
afterAll(() => gateway.close());
beforeEach(() => {
  // Calls of the test before are no loop with those of this one.
  gateway.clock.nowMs += 11_000;
});

describe('a call over HTTP', () => {
  test('runs the program without a shell and answers what it gave', async () => {
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    const answer = await gateway.tool(
      'echo.hello',
      { args: ['$HOME', '*'] },
      { agent: 'claude', headers: { traceparent, 'x-session-id': 's-1' } },
    );
    expect(answer.status).toBe(200);
    expect(answer.headers.get('x-trace-id')).toBe('0af7651916cd43dd8448eb211c80319c');
    expect(answer.body).toEqual({
      result: { stdout: 'hello $HOME *\n', stderr: '', exit_code: 0 },
      trace_id: '0af7651916cd43dd8448eb211c80319c',
      policy: 'allow',
      policy_rule: 'claude#1',
      latency_ms: expect.any(Number) as number,
    });
    const [entry] = (await gateway.ask('GET', '/traces?session=s-1')).body;
    expect(entry).toMatchObject({
      trace_id: '0af7651916cd43dd8448eb211c80319c',
      parent_span_id: 'b7ad6b7169203331',
      agent_id: 'claude',
      tool: 'echo.hello',
      params: { args: ['$HOME', '*'] },
      policy: 'allow',
      status_code: 200,
      exit_code: 0,
      tokens_source: 'estimate',
    });
  });

  test.each([
    ['echo.hello', { args: ['a; rm -rf /'] }, 400, 'allow'],
    ['echo.hello', { args: ['$(id)'] }, 400, 'allow'],
    ['echo.hello', { args: [{}] }, 400, 'allow'],
    ['echo.hello', { command: 'x' }, 400, 'allow'],
    ['nothing.here', {}, 404, 'error'],
    ['node.undeclared', {}, 404, 'error'],
    ['byrule.hi', {}, 200, 'allow'],
    ['gone.run', {}, 502, 'allow'],
    ['nap.5', {}, 502, 'allow'],
  ])('%s with %j is answered %i', async (tool, params, status, policy) => {
    const answer = await gateway.tool(tool, params);
    expect({ status: answer.status, policy: answer.body.policy as string }).toEqual({
      status,
      policy,
    });
    if (status !== 200) expect(answer.body.error).toMatch(/\w/);
  });

  test('a body that is no JSON is answered 400, a path that is not there 404', async () => {
    expect(
      (await gateway.ask('POST', '/tool/echo.hello', '{"par', { agent: 'claude' })).status,
    ).toBe(400);
    expect((await gateway.ask('GET', '/nothing')).status).toBe(404);
  });

  test('an agent that no policy names is denied, and so is what its rules do not name', async () => {
    const other = await gateway.tool('echo.hello', {}, { agent: 'crewai' });
    expect(other.status).toBe(403);
    expect(other.body).toMatchObject({ policy: 'deny', policy_rule: 'echo/default_action' });
  });

  test('a program that fails is an answer, recorded with its exit code', async () => {
    const answer = await gateway.tool('node.fail', { args: [] });
    expect(answer.status).toBe(200);
    expect(answer.body.result.exit_code).toBe(1);
    const [entry] = (await gateway.ask('GET', '/traces?tool=node.fail')).body;
    expect(entry).toMatchObject({ status_code: 422, exit_code: 1, policy: 'allow' });
  });

  test('one call too many in a minute, and the sixth equal one, are answered 429', async () => {
    const limited = { agent: 'limited-1' };
    const statuses: number[] = [];
    for (let i = 0; i < 3; i++) {
      statuses.push((await gateway.tool('echo.x', { args: [String(i)] }, limited)).status);
    }
    expect(statuses).toEqual([200, 200, 429]);
    gateway.clock.nowMs += 60_000;
    expect((await gateway.tool('echo.x', { args: ['4'] }, limited)).status).toBe(200);
    const loop: number[] = [];
    for (let i = 0; i < 6; i++) loop.push((await gateway.tool('echo.loop')).status);
    expect(loop).toEqual([200, 200, 200, 200, 200, 429]);
  });

  test('what would be decided can be asked without calling', async () => {
    const body = { agent: 'claude', tool: 'write.run', arguments: { args: ['x'] } };
    const { body: decision } = await gateway.ask('POST', '/decide', body);
    expect(decision).toEqual({
      action: 'human_approval',
      rule: 'claude#2',
      reason: 'policy claude#2: human_approval',
      agent: 'claude',
      tool: 'write.run',
      trace_id: expect.stringMatching(/^[0-9a-f]{32}$/) as string,
    });
  });
});

describe('a call that somebody must decide about', () => {
  const file = () => join(gateway.directory, 'written.txt');
  const call = (how = {}) =>
    gateway.tool('write.run', { args: [file()] }, { agent: 'claude', ...how });

  test('waits, runs once approved, and its span tells of the decision', async () => {
    const answer = call();
    const { id } = await pendingOne(gateway);
    expect(existsSync(file())).toBe(false);
    gateway.clock.nowMs += 1_500;
    const approve = `/approvals/${id.slice(0, 12)}/approve`;
    const reason = { reasoning: 'looks fine', confidence: 0.9, resolved_by: 'ada' };
    const decided = await gateway.ask('POST', approve, reason, { key: gateway.operator });
    expect(decided.body).toEqual({ status: 'approved', id });
    expect((await answer).status).toBe(200);
    expect(existsSync(file())).toBe(true);
    const again = await gateway.ask('POST', approve, {}, { key: gateway.operator });
    expect(again.status).toBe(409);
    const denied = await gateway.ask(
      'POST',
      `/approvals/${id}/deny`,
      {},
      { key: gateway.operator },
    );
    expect(denied.status).toBe(409);
    const [stored] = await approvalsOf(gateway, 'status=approved');
    expect(stored).toMatchObject({ id, execution: 'done', resolved_by: 'ada', confidence: 0.9 });
    const spans = await eventually('the span', () => spansOf(gateway, id));
    expect(spans).toHaveLength(1);
    expect(attributesOf(spans[0]!)).toMatchObject({
      'agent.id': 'claude',
      'policy.action': 'human_approval',
      'policy.rule': 'claude#2',
      'http.status_code': '200',
      'approval.id': id,
      'approval.status': 'approved',
      'approval.duration_ms': '1500',
    });
    expect(spans[0]!.status).toMatchObject({ code: 1 });
  });

  test('is answered 403 when denied, and its span is an error', async () => {
    const answer = call();
    const { id } = await pendingOne(gateway);
    await gateway.ask(
      'POST',
      `/approvals/${id}/deny`,
      { reasoning: 'no' },
      { key: gateway.operator },
    );
    expect(await answer).toMatchObject({
      status: 403,
      body: { approval_id: id, policy: 'human_approval', error: 'approval denied by operator: no' },
    });
    const spans = await eventually('the span', () => spansOf(gateway, id));
    expect(attributesOf(spans[0]!)).toMatchObject({
      'approval.status': 'denied',
      'http.status_code': '403',
    });
    expect(spans[0]!.status).toMatchObject({ code: 2 });
  });

  test('is answered 408 when nobody decides in time', async () => {
    const answer = call();
    const { id } = await pendingOne(gateway);
    gateway.clock.nowMs += 60_000;
    const late = await gateway.ask(
      'POST',
      `/approvals/${id}/approve`,
      {},
      { key: gateway.operator },
    );
    expect(late.status).toBe(409);
    expect(await answer).toMatchObject({ status: 408, body: { approval_id: id } });
    const spans = await eventually('the span', () => spansOf(gateway, id));
    expect(attributesOf(spans[0]!)).toMatchObject({ 'approval.status': 'timeout' });
  });

  test('cannot be decided about by an agent, by nobody, or by a key that calls', async () => {
    const answer = call();
    const { id } = await pendingOne(gateway);
    const decide = async (how: object) =>
      (await gateway.ask('POST', `/approvals/${id}/approve`, {}, how)).status;
    const caller = await gateway.keyOf('claude', 'gateway:call', 'governance:write');
    const reader = await gateway.keyOf('reader', 'governance:read');
    expect([
      await decide({ agent: 'claude' }),
      await decide({ agent: 'somebody-else' }),
      await decide({}),
      await decide({ key: caller }),
      await decide({ key: reader }),
      await decide({ key: 'sbx_made_up' }),
    ]).toEqual([403, 403, 401, 403, 403, 401]);
    await gateway.ask('POST', `/approvals/${id}/deny`, {}, { key: gateway.operator });
    await answer;
  });

  test('whose caller goes away can come back for its approval, and it is used once', async () => {
    const gone = new AbortController();
    const first = call({ signal: gone.signal }).catch(() => 'gone');
    const { id } = await pendingOne(gateway);
    gone.abort();
    expect(await first).toBe('gone');
    await callerGone(gateway);
    await gateway.ask('POST', `/approvals/${id}/approve`, {}, { key: gateway.operator });
    const [second, other] = [await call(), await gateway.ask('GET', `/approvals/${id}`)];
    expect(second).toMatchObject({ status: 200, body: { approval_id: id } });
    expect(other.body).toMatchObject({ execution: 'done', status: 'approved' });
    const third = call();
    const next = await pendingOne(gateway);
    expect(next.id).not.toBe(id);
    await gateway.ask('POST', `/approvals/${next.id}/deny`, {}, { key: gateway.operator });
    await third;
  });

  test('is bound to its arguments: another call does not get the approval', async () => {
    const gone = new AbortController();
    const first = call({ signal: gone.signal }).catch(() => 'gone');
    const { id } = await pendingOne(gateway);
    gone.abort();
    await first;
    await callerGone(gateway);
    await gateway.ask('POST', `/approvals/${id}/approve`, {}, { key: gateway.operator });
    const other = gateway.tool('write.run', { args: [`${file()}.other`] });
    const next = await pendingOne(gateway);
    expect(next.id).not.toBe(id);
    await gateway.ask('POST', `/approvals/${next.id}/deny`, {}, { key: gateway.operator });
    expect((await other).status).toBe(403);
    expect((await call()).status).toBe(200);
  });

  test('answers at once when asked to, and gives the result to the next equal call', async () => {
    const later = { headers: { prefer: 'respond-async' } };
    const asked = await call(later);
    expect(asked).toMatchObject({ status: 202, body: { policy: 'human_approval' } });
    const { id } = await pendingOne(gateway);
    expect(asked.body.approval_id).toBe(id);
    expect((await call(later)).status).toBe(202);
    await gateway.ask('POST', `/approvals/${id}/approve`, {}, { key: gateway.operator });
    const result = await eventually('the result', async () => {
      const answer = await call(later);
      return answer.status === 200 ? answer : undefined;
    });
    expect(result.body.result).toMatchObject({ exit_code: 0 });
    const [stored] = await approvalsOf(gateway, 'status=approved');
    expect(stored).toMatchObject({ id, execution: 'done' });
  });

  test('needs no decision under a grant, until its uses are up or it is revoked', async () => {
    const made = await gateway.ask(
      'POST',
      '/grants',
      { agent: 'claude', tools: 'write.*', duration: '30m', max_uses: 1 },
      { key: gateway.operator },
    );
    expect(made.status).toBe(201);
    const used = await call();
    expect(used.body).toMatchObject({ policy: 'allow', policy_rule: `grant:${made.body.id}` });
    const { body: endless } = await gateway.ask(
      'POST',
      '/grants',
      { agent: 'cl*', tools: ['write.run'], duration: '1h' },
      { key: gateway.operator },
    );
    expect((await call()).body.policy_rule).toBe(`grant:${endless.id}`);
    expect((await gateway.ask('GET', '/grants')).body).toHaveLength(1);
    const revoke = await gateway.ask('DELETE', `/grants/${endless.id}`, undefined, {
      key: gateway.operator,
    });
    expect(revoke.body).toEqual({ status: 'revoked', id: endless.id });
    const waiting = call();
    const { id } = await pendingOne(gateway);
    await gateway.ask('POST', `/approvals/${id}/deny`, {}, { key: gateway.operator });
    expect((await waiting).status).toBe(403);
    for (const how of [{ agent: 'claude' }, {}]) {
      const body = { agent: 'claude', tools: '*', duration: '1h' };
      expect((await gateway.ask('POST', '/grants', body, how)).status).toBeGreaterThan(400);
    }
  });

  test('is shown with the recent calls of its agent, and without secrets', async () => {
    const secret = 'ghp_abcdefghijklmnopqrstuvwxyz0123456789';
    const answer = gateway.tool('write.run', { args: [`${file()}.s`, secret] });
    const { id } = await pendingOne(gateway);
    const { body } = await gateway.ask('GET', `/approvals/${id}`);
    expect(JSON.stringify(body)).not.toContain(secret);
    expect(body.params.args[1]).toMatch(/^\[REDACTED:/);
    expect(body.recent_traces.length).toBeGreaterThan(1);
    await gateway.ask('POST', `/approvals/${id}/deny`, {}, { key: gateway.operator });
    await answer;
    const files = ['traces.jsonl', 'traces-otel.jsonl', 'gateway.db'].map((name) =>
      join(gateway.directory, name),
    );
    await eventually('the trace line', () => spansOf(gateway, id));
    for (const path of files) expect(readFileSync(path).includes(secret)).toBe(false);
  });

  test('is void when the policies change while it waits', async () => {
    const answer = call();
    const { id } = await pendingOne(gateway);
    const path = join(gateway.directory, 'gateway.yaml');
    const before = readFileSync(path, 'utf8');
    writeFileSync(
      path,
      before.replace('claude\n', 'claude\n    # nothing\n').replace('- gone.*', '- gone.x'),
    );
    gateway.gateway.policies.reload();
    await gateway.ask('POST', `/approvals/${id}/approve`, {}, { key: gateway.operator });
    expect(await answer).toMatchObject({ status: 409 });
    writeFileSync(path, before);
    gateway.gateway.policies.reload();
    expect(await approvalsOf(gateway, 'status=approved')).toContainEqual(
      expect.objectContaining({ id, execution: 'none' }),
    );
  });
});

describe('policies on disk', () => {
  test('a change is taken while the gateway runs, and a wrong one leaves the old in force', async () => {
    const path = join(gateway.directory, 'gateway.yaml');
    const before = readFileSync(path, 'utf8');
    const { version } = (await gateway.ask('GET', '/policies')).body;
    writeFileSync(path, before.replace('action: deny', 'action: deni'));
    const problem = await eventually('the problem', async () => {
      const { body } = await gateway.ask('GET', '/policies');
      return body.problem === undefined ? undefined : body;
    });
    expect(problem.version).toBe(version);
    expect(problem.problem).toContain('action');
    writeFileSync(path, before.replace('action: deny', 'action: human_approval'));
    await eventually('another version', async () => {
      const { body } = await gateway.ask('GET', '/policies');
      return body.version !== version && body.problem === undefined ? true : undefined;
    });
    writeFileSync(path, before);
    await eventually('the version before', async () => {
      const { body } = await gateway.ask('GET', '/policies');
      return body.version === version ? true : undefined;
    });
  });
});

test('the lists and figures that operators read', async () => {
  const tools = (await gateway.ask('GET', '/tools')).body as { name: string }[];
  expect(tools.map(({ name }) => name)).toContain('node.fail');
  expect((await gateway.ask('GET', '/mcp-servers')).body).toEqual([]);
  expect((await gateway.ask('GET', '/version')).body).toEqual({ version: '1.2.3' });
  expect((await gateway.ask('GET', '/health')).body).toMatchObject({
    status: 'ok',
    registry: 'none',
  });
  const sessions = (await gateway.ask('GET', '/sessions')).body;
  expect(sessions).toMatchObject([
    { session_id: 's-1', agent_id: 'claude', tools: ['echo.hello'] },
  ]);
  expect((await gateway.ask('GET', '/sessions/s-1')).body).toHaveLength(1);
  const metrics = (await gateway.ask('GET', '/metrics')).body as string;
  expect(metrics).toMatch(/signalbox_gateway_calls_total\{policy="allow",code="200"\} \d+/);
  const page = await gateway.ask('GET', '/traces?agent=claude&limit=2&offset=1');
  expect(page.body).toHaveLength(2);
  expect(Number(page.headers.get('x-total-count'))).toBeGreaterThan(3);
  expect((await gateway.ask('GET', '/traces?to=2020-01-01T00:00:00Z')).body).toEqual([]);
  expect((await gateway.ask('GET', '/traces?from=yesterday')).status).toBe(400);
  const otel = (await gateway.ask('GET', '/otel-traces?agent=claude&limit=3')).body;
  expect(otel.resourceSpans[0].scopeSpans[0].spans).toHaveLength(3);
});

test('a page of a browser cannot call, although it reaches the port', async () => {
  const how = { headers: { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' } };
  expect((await gateway.ask('POST', '/tool/echo.hello', {}, how)).status).toBe(401);
  expect((await gateway.ask('GET', '/approvals', undefined, how)).status).toBe(401);
});

test('a restart finds the calls of before, pending approvals, and a trace file that was cut short', async () => {
  const own = await startTestGateway({ ...CONFIG, otel_endpoint: undefined });
  await own.tool('echo.before');
  const gone = new AbortController();
  const params = { args: [join(own.directory, 'after-restart')] };
  const waiting = own
    .tool('write.run', params, { agent: 'claude', signal: gone.signal })
    .catch(() => 'gone');
  const { id } = await pendingOne(own);
  gone.abort();
  await waiting;
  await callerGone(own);
  await own.gateway.calls.shutdown();
  appendFileSync(join(own.directory, 'traces.jsonl'), '{"trace_id":"cut sho');
  const next = await own.restart();
  const [first] = (await next.ask('GET', '/traces?tool=echo.before')).body;
  expect(first).toMatchObject({ tool: 'echo.before', status_code: 200 });
  expect((await approvalsOf(next)).map((approval) => approval.id)).toEqual([id]);
  await next.ask('POST', `/approvals/${id}/approve`, {}, { key: next.operator });
  const answer = await next.tool('write.run', params);
  expect(answer).toMatchObject({ status: 200, body: { approval_id: id } });
  await next.close();
});

interface Span {
  readonly name: string;
  readonly status: { readonly code: number };
  readonly attributes: readonly {
    readonly key: string;
    readonly value: { readonly stringValue?: string; readonly intValue?: string };
  }[];
}

/** The exported spans of an approval's call, once there are any. */
function spansOf(from: TestGateway, approvalId: string): readonly Span[] | undefined {
  const path = join(from.directory, 'traces-otel.jsonl');
  if (!existsSync(path)) return undefined;
  const spans = readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .flatMap((line) => JSON.parse(line).resourceSpans as { scopeSpans: { spans: Span[] }[] }[])
    .flatMap(({ scopeSpans }) => scopeSpans.flatMap((scope) => scope.spans))
    .filter((span) => attributesOf(span)['approval.id'] === approvalId);
  return spans.length === 0 ? undefined : spans;
}

function attributesOf(span: Span): Record<string, string | undefined> {
  return Object.fromEntries(
    span.attributes.map(({ key, value }) => [key, value.stringValue ?? value.intValue]),
  );
}
