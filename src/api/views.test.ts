import { afterAll, beforeAll, expect, test } from 'vitest';

import { startApi, type TestApi } from '../../test/harness/api.ts';

let api: TestApi;
let ada: string;
let bob: string;
let chief: string;
beforeAll(async () => {
  api = await startApi();
  ada = await api.keyWith('monitoring:read');
  bob = await api.keyWith('monitoring:read');
  chief = await api.keyWith('monitoring:read', 'governance:write', 'governance:read');
});
afterAll(() => api.close());

const call = (key: string, method: string, path: string, body?: unknown) =>
  api.call(method, `/api/v1/views${path}`, { key, ...(body === undefined ? {} : { body }) });
const draft = { page: 'runs', name: 'failed', search: 'status=error&agent=a&agent=b' };
const namesFor = async (key: string) =>
  (await call(key, 'GET', '')).body.data.map(
    (view: { name: string; own: boolean; default: boolean }) =>
      [view.name, ...(view.own ? ['own'] : []), ...(view.default ? ['default'] : [])].join(' '),
  );

test('a view is kept, shown to its owner, shared, renamed and removed, on the record', async () => {
  const { status, body } = await call(ada, 'POST', '', draft);
  expect([status, body.data]).toEqual([
    201,
    {
      id: expect.stringMatching(/^vue_/),
      ...draft,
      shared: false,
      owner: expect.any(String),
      own: true,
      default: false,
      created_at: '2026-11-20T12:00:00.000Z',
      updated_at: '2026-11-20T12:00:00.000Z',
    },
  ]);
  const path = `/${body.data.id}`;
  expect([await namesFor(ada), await namesFor(bob)]).toEqual([['failed own'], []]);
  expect((await call(bob, 'PUT', `${path}/default`, { default: true })).status).toBe(404);
  expect((await call(chief, 'DELETE', path)).status).toBe(404);

  const changed = { ...draft, name: ' Failed runs ', shared: true };
  expect((await call(ada, 'PUT', path, changed)).body.data.name).toBe('Failed runs');
  expect((await call(bob, 'PUT', `${path}/default`, { default: true })).status).toBe(200);
  expect(await namesFor(bob)).toEqual(['Failed runs default']);
  expect(await namesFor(ada)).toEqual(['Failed runs own']);
  expect((await call(ada, 'GET', '?page=traces')).body.data).toEqual([]);
  expect((await call(bob, 'PUT', path, changed)).body.code).toBe('FORBIDDEN');
  expect((await call(bob, 'DELETE', path)).body.code).toBe('FORBIDDEN');
  expect((await call(bob, 'PUT', `${path}/default`, { default: false })).status).toBe(200);
  expect(await namesFor(bob)).toEqual(['Failed runs']);

  expect((await call(chief, 'DELETE', path)).status).toBe(200);
  expect(await namesFor(ada)).toEqual([]);
  const trail = await api.call('GET', '/api/v1/governance/audit-trail?target_kind=view', {
    key: chief,
  });
  expect(trail.body.data.map(({ action }: { action: string }) => action)).toEqual([
    'view.removed',
    'view.default_set',
    'view.default_set',
    'view.changed',
    'view.created',
  ]);
});

test('a name that is taken, another page and a search beyond the bound are refused with what to do', async () => {
  const { body } = await call(ada, 'POST', '', draft);
  const again = await call(ada, 'POST', '', draft);
  expect([again.status, again.body.error]).toEqual([
    409,
    'there is a view named "failed" of runs already; choose another name',
  ]);
  const moved = await call(ada, 'PUT', `/${body.data.id}`, { ...draft, page: 'traces' });
  expect([moved.status, moved.body.error]).toEqual([
    400,
    'the view is of the page runs; save another for traces',
  ]);
  expect((await call(ada, 'POST', '', { ...draft, search: 'x'.repeat(4_097) })).status).toBe(400);
  expect((await call(ada, 'POST', '', { ...draft, page: 'costs' })).status).toBe(400);
});
