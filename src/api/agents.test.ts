import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';

import { NOON_MS, sightingOf, startApi, type TestApi } from '../../test/harness/api.ts';

let api: TestApi;
let key: string;
let names = 0;
/** A name that no other test uses, and the id of its agent. */
let agent: { name: string; id: string };

beforeAll(async () => {
  api = await startApi();
  key = await api.keyWith('registry:read', 'registry:write', 'governance:read');
});
afterAll(() => api.close());
beforeEach(async () => {
  names += 1;
  const name = `agent ${names}`;
  const { discovered } = await api.registry.observe([
    sightingOf(name, {
      services: ['mail'],
      frameworks: [`framework ${names}`],
      sdkLanguages: ['python'],
      models: ['m1', `model ${names}`],
      providers: ['openai'],
      tools: ['search'],
    }),
  ]);
  agent = { name, id: discovered[0]! };
});

const get = (path: string) => api.call('GET', path, { key });
const patch = (body: unknown, id = agent.id) =>
  api.call('PATCH', `/api/v1/agents/${id}`, { key, body });

test('answers an agent as it was seen, with its runs of the last day', async () => {
  api.runs.byAgent.push({ agent: agent.name, roots: 2, all: 3 });
  const answer = {
    id: agent.id,
    agent_id: agent.id,
    name: agent.name,
    status: 'UNREVIEWED',
    status_since: '2026-11-20T12:00:00.000Z',
    first_seen: '2026-11-20T12:00:00.000Z',
    last_seen: '2026-11-20T12:00:00.000Z',
    services: ['mail'],
    frameworks: [`framework ${names}`],
    sdk_languages: ['python'],
    models: ['m1', `model ${names}`],
    providers: ['openai'],
    tools: ['search'],
    owner: null,
    team: null,
    description: null,
    runs_24h: 3,
    risk_score: 0,
    risk_level: 'LOW',
    facts: {},
    approved_models: null,
    health: {
      status: 'healthy',
      last_activity: '2026-11-20T12:00:00.000Z',
      last_heartbeat: null,
      reported_status: null,
      reported_version: null,
      healthy_within_seconds: 120,
      degraded_within_seconds: 300,
    },
  };
  const one = await get(`/api/v1/agents/${agent.id}`);
  expect([one.status, one.body]).toEqual([200, { success: true, data: answer }]);
  const list = await get(`/api/v1/agents?framework=framework+${names}&search=AGENT`);
  expect([list.status, list.body]).toEqual([
    200,
    { success: true, data: [answer], meta: { total: 1, page: 1, limit: 100 } },
  ]);
});

test('lists by filter, order and page', async () => {
  const { discovered } = await api.registry.observe(
    ['page c', 'page a', 'page b'].map((name, index) =>
      sightingOf(name, { seenAtMs: NOON_MS + index, models: ['paged'] }),
    ),
  );
  await patch({ status: 'APPROVED' }, discovered[2]);
  const list = async (query: string) => {
    const { body } = await get(`/api/v1/agents?model=paged&${query}`);
    return [(body.data as { name: string }[]).map(({ name }) => name.slice(5)).join(''), body.meta];
  };
  const meta = { total: 3, page: 1, limit: 100 };
  expect(await list('')).toEqual(['bac', meta]);
  expect(await list('sort_by=last_seen&sort_dir=asc')).toEqual(['cab', meta]);
  expect(await list('sort_by=name')).toEqual(['abc', meta]);
  expect(await list('sort_by=status&sort_dir=desc&limit=1')).toEqual(['b', { ...meta, limit: 1 }]);
  expect(await list('sort_by=name&limit=2&page=2')).toEqual(['c', { total: 3, page: 2, limit: 2 }]);
  expect(await list('sort_by=name&page=9')).toEqual(['', { ...meta, page: 9 }]);
  expect(await list('status=APPROVED')).toEqual(['b', { ...meta, total: 1 }]);
  expect(await list('status=SUSPENDED&provider=none')).toEqual(['', { ...meta, total: 0 }]);
});

test.each(['status=DISCOVERED', 'limit=0', 'limit=501', 'page=x', 'sort_by=risk', 'search=%00'])(
  'refuses the query %s',
  async (query) => {
    const { status, body } = await get(`/api/v1/agents?${query}`);
    expect([status, body.code]).toEqual([400, 'VALIDATION_ERROR']);
    expect(body.error).toMatch(new RegExp(`^the query is not valid: ${query.split('=')[0]}: `));
  },
);

test('follows an agent through its life, and tells who decided what and why', async () => {
  api.clock.nowMs = NOON_MS + 60_000;
  const approved = await patch({ status: 'APPROVED', reason: 'known to the mail team' });
  expect([approved.status, approved.body.data.status, approved.body.data.status_since]).toEqual([
    200,
    'APPROVED',
    '2026-11-20T12:01:00.000Z',
  ]);
  for (const status of ['SUSPENDED', 'APPROVED', 'SUSPENDED', 'RETIRED']) {
    expect((await patch({ status })).body.data.status).toBe(status);
  }
  const history = await get(`/api/v1/agents/${agent.id}/history?limit=4`);
  const changes = (rows: Record<string, unknown>[]) =>
    rows.map(({ actor, from, to, reason }) => [actor, from, to, reason]);
  const by = 'registry:read,registry:write,governance:read';
  expect(changes(history.body.data)).toEqual([
    [by, 'SUSPENDED', 'RETIRED', null],
    [by, 'APPROVED', 'SUSPENDED', null],
    [by, 'SUSPENDED', 'APPROVED', null],
    [by, 'APPROVED', 'SUSPENDED', null],
  ]);
  const { next_cursor } = history.body.meta;
  const rest = await get(`/api/v1/agents/${agent.id}/history?limit=4&cursor=${next_cursor}`);
  expect(changes(rest.body.data)).toEqual([
    [by, 'UNREVIEWED', 'APPROVED', 'known to the mail team'],
    ['Signalbox', null, 'UNREVIEWED', null],
  ]);
  expect(rest.body.meta).toEqual({ limit: 4, next_cursor: null });
});

test('refuses what may not follow, names both states and changes nothing', async () => {
  const refused = await patch({ status: 'SUSPENDED', owner: 'ada' });
  expect([refused.status, refused.body]).toEqual([
    409,
    {
      success: false,
      error: `cannot change agent "${agent.name}" from UNREVIEWED to SUSPENDED; from UNREVIEWED it can go to PENDING_REVIEW or APPROVED or DISMISSED`,
      code: 'TRANSITION_ILLEGAL',
    },
  ]);
  await patch({ status: 'DISMISSED' });
  const final = await patch({ status: 'APPROVED' });
  expect(final.body.error).toBe(
    `cannot change agent "${agent.name}" from DISMISSED to APPROVED; DISMISSED is final`,
  );
  expect((await get(`/api/v1/agents/${agent.id}`)).body.data.owner).toBeNull();
  expect((await get(`/api/v1/agents/${agent.id}/history`)).body.data).toHaveLength(2);
});

test('lets one of two contrary decisions at once stand', async () => {
  const answers = await Promise.all([
    patch({ status: 'DISMISSED' }),
    patch({ status: 'APPROVED' }),
    patch({ status: 'DISMISSED' }),
  ]);
  expect(answers.map((answer) => String(answer.status)).sort()).toEqual(['200', '409', '409']);
  expect((await get(`/api/v1/agents/${agent.id}/history`)).body.data).toHaveLength(2);
});

test('says whose an agent is, and keeps what it said before', async () => {
  const edited = await patch({ owner: 'ada', team: 'mail', description: 'sorts letters' });
  expect(edited.body.data).toMatchObject({
    owner: 'ada',
    team: 'mail',
    description: 'sorts letters',
    status: 'UNREVIEWED',
  });
  await patch({ owner: null, team: 'mail', reason: 'Ada has left', status: 'APPROVED' });
  const { body } = await get(`/api/v1/agents/${agent.id}/history?limit=2`);
  expect(body.data).toMatchObject([
    {
      action: 'agent.edited',
      from: null,
      to: null,
      reason: 'Ada has left',
      detail: { name: agent.name, from: { owner: 'ada' }, to: { owner: null } },
    },
    { action: 'agent.reviewed', from: 'UNREVIEWED', to: 'APPROVED', reason: 'Ada has left' },
  ]);
  const same = await patch({ team: 'mail' });
  expect(same.status).toBe(200);
  expect((await get(`/api/v1/agents/${agent.id}/history`)).body.data).toHaveLength(4);
});

test.each([
  [{}, 'name what to change'],
  [{ reason: 'why not' }, 'name what to change'],
  [{ status: 'UNKNOWN' }, 'status: Invalid option'],
  [{ status: 'APPROVED', reason: '' }, 'reason: must not be empty'],
  [{ owner: 7 }, 'owner: Invalid input'],
  [{ team: 'a\0b' }, 'team: must not contain the character NUL'],
  [{ name: 'other' }, 'Unrecognized key: "name"'],
])('refuses the change %j', async (change, problem) => {
  const { status, body } = await patch(change);
  expect([status, body.code]).toEqual([400, 'VALIDATION_ERROR']);
  expect(body.error).toContain(problem);
});

test('decides about several at once, and says what it refused', async () => {
  const { discovered } = await api.registry.observe([sightingOf(`twin of ${agent.name}`)]);
  await patch({ status: 'DISMISSED' }, discovered[0]);
  const { status, body } = await api.call('POST', '/api/v1/agents/review', {
    key,
    body: {
      ids: [agent.id, discovered[0], 'agt_gone', agent.id],
      status: 'APPROVED',
      reason: 'all',
    },
  });
  expect(status).toBe(200);
  expect(body.data.reviewed).toMatchObject([{ id: agent.id, status: 'APPROVED' }]);
  expect(body.data.refused).toMatchObject([
    { id: discovered[0], code: 'TRANSITION_ILLEGAL' },
    { id: 'agt_gone', code: 'NOT_FOUND', error: 'there is no agent agt_gone' },
  ]);
});

test.each([
  ['GET', '/api/v1/agents/agt_gone'],
  ['GET', '/api/v1/agents/agt_gone/history'],
  ['PATCH', '/api/v1/agents/agt_gone'],
])('knows no agent for %s %s', async (method, path) => {
  const body = method === 'PATCH' ? { body: { status: 'APPROVED' } } : {};
  const answer = await api.call(method, path, { key, ...body });
  expect([answer.status, answer.body]).toEqual([
    404,
    { success: false, error: 'there is no agent agt_gone', code: 'NOT_FOUND' },
  ]);
});

test('answers the audit trail by who, what and when', async () => {
  await patch({ status: 'PENDING_REVIEW', reason: 'to be seen' });
  const { body } = await get(
    `/api/v1/governance/audit-trail?action=agent.reviewed&target_kind=agent&target_id=${agent.id}`,
  );
  const me = (await api.call('GET', '/auth/me', { key })).body.data;
  expect(body.data).toEqual([
    {
      sequence: expect.any(Number),
      at: new Date(api.clock.nowMs).toISOString(),
      actor: { kind: 'api_key', id: me.id, name: me.username },
      action: 'agent.reviewed',
      target: { kind: 'agent', id: agent.id },
      reason: 'to be seen',
      detail: { name: agent.name, from: 'UNREVIEWED', to: 'PENDING_REVIEW' },
    },
  ]);
  const before = new Date(api.clock.nowMs).toISOString();
  const trail = `/api/v1/governance/audit-trail?target_id=${agent.id}`;
  expect((await get(`${trail}&to=${before}`)).body.data).toMatchObject([
    { action: 'agent.registered' },
  ]);
  expect((await get(`${trail}&from=${api.clock.nowMs}`)).body.data).toMatchObject([
    { action: 'agent.reviewed' },
  ]);
  for (const query of ['from=yesterday', 'cursor=nonsense', 'cursor=WyJhIl0', 'limit=1000']) {
    const { status } = await get(`/api/v1/governance/audit-trail?${query}`);
    expect({ query, status }).toEqual({ query, status: 400 });
  }
});

test('counts agents by status, and sightings that were not registered', async () => {
  await api.registry.observe([sightingOf('')]);
  const { body } = await get('/api/v1/registry/stats');
  const { total, by_status, unregistered } = body.data;
  const sum = Object.values(by_status as Record<string, number>).reduce((a, b) => a + b, 0);
  expect(total).toBe(sum);
  expect(Object.keys(by_status)).toEqual([
    'UNREVIEWED',
    'PENDING_REVIEW',
    'APPROVED',
    'SUSPENDED',
    'RETIRED',
    'DISMISSED',
  ]);
  expect(unregistered).toEqual({ over_limit: 0, unusable_name: 1 });
});
