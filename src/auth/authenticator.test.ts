import { afterEach, beforeEach, expect, test } from 'vitest';

import { adaFrom, unauthorized, openAuth, type TestAuth } from '../../test/harness/auth.ts';
import { createAuth, type Auth } from './auth.ts';

let opened: TestAuth;
let addAda: TestAuth['addAda'];
let auth: TestAuth['auth'];
let clock: TestAuth['clock'];
let keyOf: TestAuth['keyOf'];
let store: TestAuth['store'];

beforeEach(async () => {
  opened = await openAuth();
  ({ addAda, auth, clock, keyOf, store } = opened);
});
afterEach(() => opened.close());

const here = { remoteAddress: '127.0.0.1' };
const authorize = (
  request: Partial<Parameters<Auth['telemetryAuthorizer']['authorize']>[0]>,
  options = { loopbackOnly: true },
) => {
  const { telemetryAuthorizer } = createAuth({ store, clock, ...options });
  return telemetryAuthorizer.authorize({ ...here, ...request });
};

test('takes telemetry with no credential from this machine while nobody else can reach the server', async () => {
  expect(await authorize({})).toMatchObject({
    project: 'default',
    principal: { kind: 'local', scopes: ['telemetry:write'] },
  });
  const refused = unauthorized(/^telemetry needs a credential here/);
  await expect(authorize({}, { loopbackOnly: false })).rejects.toThrow(refused);
  for (const request of [
    { remoteAddress: '10.0.0.1' },
    { remoteAddress: undefined },
    { origin: 'http://127.0.0.1:4318' },
    { secFetchSite: 'none' },
    { forwarded: 'for=10.0.0.1' },
  ]) {
    await expect(authorize(request)).rejects.toThrow(refused);
  }
});

test('refuses telemetry with a wrong credential even from this machine', async () => {
  for (const request of [
    { authorization: 'Bearer sbx_wrong' },
    { authorization: '' },
    { apiKey: 'wrong' },
  ]) {
    await expect(authorize(request)).rejects.toThrow(unauthorized(/./));
  }
  const { secret } = await keyOf({ scopes: ['registry:read'] });
  await expect(authorize({ apiKey: secret })).rejects.toMatchObject({
    code: 'FORBIDDEN',
    message: 'a key does not hold the scope telemetry:write; use a key or an account that does',
  });
});

test('takes telemetry from anywhere with a key or an access token that may send it', async () => {
  await addAda('member');
  const { key, secret } = await keyOf();
  const { access_token } = await auth.logins.login(adaFrom('::1'));
  const far = { remoteAddress: '10.0.0.1', origin: 'https://app.example' };
  for (const [request, id] of [
    [{ authorization: `Bearer ${secret}` }, key.id],
    [{ apiKey: secret }, key.id],
    [{ authorization: `Basic ${Buffer.from(`pk:${secret}`).toString('base64')}` }, key.id],
    [{ authorization: `Bearer ${access_token}` }, 'usr_ada'],
  ] as const) {
    expect(await authorize({ ...far, ...request }, { loopbackOnly: false })).toMatchObject({
      project: 'default',
      principal: { id },
    });
  }
});
