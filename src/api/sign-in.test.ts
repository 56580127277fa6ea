import { afterAll, beforeAll, expect, test } from 'vitest';

import { startApi, type TestApi } from '../../test/harness/api.ts';

const ADMIN = { username: 'admin', password: 'signal box' };
let api: TestApi;
let token: string;

beforeAll(async () => {
  api = await startApi();
  await api.auth.accounts.ensureFirstAdmin(ADMIN);
  token = (await api.call('POST', '/auth/login', { body: ADMIN })).body.access_token;
});
afterAll(() => api.close());

const cookieOf = (headers: Headers): string => headers.get('set-cookie')!.split(';')[0]!;

test('answers a login in the words of OAuth, without an envelope', async () => {
  const { status, body } = await api.call('POST', '/auth/login', { body: ADMIN });
  expect([status, body]).toEqual([
    200,
    {
      access_token: expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+$/),
      refresh_token: expect.stringMatching(/^sbr_/),
      token_type: 'bearer',
      expires_in: 3_600,
    },
  ]);
  const refreshed = await api.call('POST', '/auth/refresh', {
    body: { refresh_token: body.refresh_token },
  });
  expect(Object.keys(refreshed.body)).toEqual(Object.keys(body));
  const again = await api.call('POST', '/auth/refresh', {
    body: { refresh_token: body.refresh_token },
  });
  expect([again.status, again.body.code]).toEqual([401, 'UNAUTHORIZED']);
});

test('tells who the credential is', async () => {
  const { body } = await api.call('GET', '/auth/me', { key: token });
  expect(body).toEqual({
    success: true,
    data: {
      id: expect.stringMatching(/^usr_/),
      kind: 'user',
      username: 'admin',
      project: 'default',
      scopes: ['admin'],
      expires_at: '2026-11-20T13:00:00.000Z',
    },
  });
});

test('refuses wrong passwords, and says how long to wait after too many', async () => {
  const wrong = { username: 'somebody', password: 'wrong' };
  for (let attempt = 0; attempt < 5; attempt += 1) {
    const { status, headers } = await api.call('POST', '/auth/login', { body: wrong });
    expect([status, headers.get('www-authenticate')]).toEqual([401, 'Bearer realm="signalbox"']);
  }
  const { status, body, headers } = await api.call('POST', '/auth/session', { body: wrong });
  expect([status, body.code, headers.get('retry-after')]).toEqual([429, 'RATE_LIMITED', '900']);
});

test('signs a browser in with a cookie that no script can read, and out again', async () => {
  const signedIn = await api.call('POST', '/auth/session', { body: ADMIN });
  expect([signedIn.status, signedIn.body]).toEqual([200, { success: true, data: null }]);
  expect(signedIn.headers.get('set-cookie')).toMatch(
    /^signalbox_session=sbs_[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax; Max-Age=604800$/,
  );
  const cookie = cookieOf(signedIn.headers);
  const me = await api.call('GET', '/auth/me', { headers: { cookie } });
  expect(me.body.data.username).toBe('admin');
  const out = await api.call('DELETE', '/auth/session', {
    headers: { cookie, 'sec-fetch-site': 'same-origin' },
  });
  expect(out.headers.get('set-cookie')).toBe(
    'signalbox_session=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0',
  );
  expect((await api.call('GET', '/auth/me', { headers: { cookie } })).status).toBe(401);
});

test('changes nothing for a signed-in browser that another page made ask', async () => {
  const cookie = cookieOf((await api.call('POST', '/auth/session', { body: ADMIN })).headers);
  const url = '/api/v1/settings/root-span-patterns';
  const put = async (headers: Record<string, string>) =>
    (await api.call('PUT', url, { headers: { cookie, ...headers }, body: { patterns: [] } }))
      .status;
  expect(await put({ 'sec-fetch-site': 'cross-site', origin: 'http://evil.example' })).toBe(403);
  expect(await put({ 'sec-fetch-site': 'same-site' })).toBe(403);
  expect(await put({ origin: 'http://evil.example' })).toBe(403);
  expect(await put({})).toBe(403);
  expect(await put({ 'sec-fetch-site': 'same-origin' })).toBe(200);
  expect(await put({ origin: api.url })).toBe(200);
  expect(await put({ authorization: `Bearer ${token}`, origin: 'http://evil.example' })).toBe(200);
  const preflight = await api.call('OPTIONS', url, { headers: { origin: 'http://evil.example' } });
  expect(preflight.headers.get('access-control-allow-origin')).toBeNull();
});

test('leads a browser from a sign-in link to the first page, once', async () => {
  const link = await api.auth.logins.createSignInLink('admin');
  const path = `/auth/link?token=${link}`;
  const first = await api.call('GET', path, { headers: { accept: 'text/html' } });
  expect([first.status, first.headers.get('location')]).toEqual([303, '/']);
  const cookie = cookieOf(first.headers);
  expect((await api.call('GET', '/auth/me', { headers: { cookie } })).status).toBe(200);
  const person = await api.call('GET', path, { headers: { accept: 'text/html,*/*' } });
  expect([person.status, person.headers.get('location'), person.headers.get('set-cookie')]).toEqual(
    [303, '/sign-in?link=ended', null],
  );
  const again = await api.call('GET', path, { headers: { accept: 'text/html', cookie } });
  expect([again.status, again.headers.get('location')]).toEqual([303, '/']);
  const program = await api.call('GET', path, { headers: { accept: 'application/json' } });
  expect([program.status, program.body.error]).toEqual([
    401,
    'the sign-in link is unknown, used or has expired',
  ]);
});

test('makes, lists and revokes keys', async () => {
  const made = await api.call('POST', '/auth/api-keys', {
    key: token,
    body: { label: 'exporter', scopes: ['telemetry:write'], expires_in_days: 30 },
  });
  const { secret, ...key } = made.body.data;
  expect([made.status, key]).toEqual([
    201,
    {
      id: expect.stringMatching(/^key_/),
      label: 'exporter',
      prefix: secret.slice(0, 10),
      scopes: ['telemetry:write'],
      created_at: '2026-11-20T12:00:00.000Z',
      created_by: expect.stringMatching(/^usr_/),
      expires_at: '2026-12-20T12:00:00.000Z',
      last_used_at: null,
    },
  ]);
  const list = await api.call('GET', '/auth/api-keys', { key: token });
  expect(list.body).toEqual({ success: true, data: [key] });
  const revoked = await api.call('DELETE', `/auth/api-keys/${key.id}`, { key: token });
  expect([revoked.status, revoked.body]).toEqual([
    200,
    { success: true, data: { revoked: [key.id] } },
  ]);
  expect((await api.call('GET', '/auth/me', { key: secret })).status).toBe(401);
  expect((await api.call('DELETE', `/auth/api-keys/${key.id}`, { key: token })).status).toBe(404);
  expect((await api.call('GET', '/auth/api-keys', { key: token })).body.data).toEqual([]);
});

test.each([
  { label: 'k', scopes: [] },
  { label: 'k', scopes: ['telemetry:read'] },
  { label: ' ', scopes: ['telemetry:write'] },
  { label: 'k', scopes: ['telemetry:write'], expires_in_days: 0 },
  { label: 'k', scopes: ['telemetry:write'], expires: 'never' },
])('makes no key of %j', async (body) => {
  const { status, body: answer } = await api.call('POST', '/auth/api-keys', { key: token, body });
  expect([status, answer.code]).toEqual([400, 'VALIDATION_ERROR']);
});

test('adds and removes accounts of programs and people', async () => {
  const added = await api.call('POST', '/auth/service-accounts', {
    key: token,
    body: { username: 'exporter-bot' },
  });
  const { password, ...account } = added.body.data;
  expect([added.status, account]).toEqual([
    201,
    {
      id: expect.stringMatching(/^svc_/),
      username: 'exporter-bot',
      role: 'member',
      scopes: ['telemetry:write'],
      created_at: '2026-11-20T12:00:00.000Z',
    },
  ]);
  const login = await api.call('POST', '/auth/login', {
    body: { username: 'exporter-bot', password },
  });
  const me = await api.call('GET', '/auth/me', { key: login.body.access_token });
  expect(me.body.data).toMatchObject({ kind: 'service', scopes: ['telemetry:write'] });
  const list = await api.call('GET', '/auth/service-accounts', { key: token });
  expect(list.body.data).toEqual([account]);
  const gone = await api.call('DELETE', `/auth/service-accounts/${account.id}`, { key: token });
  expect(gone.body).toEqual({ success: true, data: { id: account.id } });
  expect((await api.call('GET', '/auth/me', { key: login.body.access_token })).status).toBe(401);

  const body = { username: 'bob', password: 'bob bob bob', role: 'member' };
  const person = await api.call('POST', '/auth/users', { key: token, body });
  expect([person.status, Object.hasOwn(person.body.data, 'password')]).toEqual([201, false]);
  expect((await api.call('POST', '/auth/users', { key: token, body })).body.code).toBe('CONFLICT');
  const people = await api.call('GET', '/auth/users', { key: token });
  expect(people.body.data.map((user: { username: string }) => user.username)).toEqual([
    'admin',
    'bob',
  ]);
  const removed = await api.call('DELETE', `/auth/users/${person.body.data.id}`, { key: token });
  expect(removed.status).toBe(200);
  const admin = people.body.data[0].id;
  expect((await api.call('DELETE', `/auth/users/${admin}`, { key: token })).status).toBe(409);
});

test('changes the own password', async () => {
  const body = { username: 'carol', password: 'carol carol' };
  await api.call('POST', '/auth/users', { key: token, body });
  const { access_token: key } = (await api.call('POST', '/auth/login', { body })).body;
  const change = (current_password: string, new_password: string) =>
    api.call('POST', '/auth/password', { key, body: { current_password, new_password } });
  expect((await change('wrong', 'long enough')).status).toBe(403);
  expect((await change(body.password, 'short')).status).toBe(400);
  expect((await change(body.password, 'long enough')).status).toBe(200);
  expect((await api.call('POST', '/auth/login', { body })).status).toBe(401);
});

test('rotates the signing key, and ends all tokens when it is told to', async () => {
  const path = '/auth/signing-keys/rotate';
  const kept = await api.call('POST', path, { key: token });
  expect([kept.status, kept.body.data]).toEqual([
    200,
    { id: expect.stringMatching(/^sig_/), created_at: '2026-11-20T12:00:00.000Z' },
  ]);
  expect((await api.call('GET', '/auth/me', { key: token })).status).toBe(200);
  const ended = await api.call('POST', path, { key: token, body: { end_tokens: true } });
  expect(ended.status).toBe(200);
  expect((await api.call('GET', '/auth/me', { key: token })).status).toBe(401);
});
