import { afterEach, beforeEach, expect, test } from 'vitest';

import {
  ADA,
  adaFrom,
  bearer,
  cookie,
  unauthorized,
  openAuth,
  type TestAuth,
} from '../../test/harness/auth.ts';
import { SYSTEM_PRINCIPAL, type Principal } from './principal.ts';

let opened: TestAuth;
let addAda: TestAuth['addAda'];
let auth: TestAuth['auth'];
let keyOf: TestAuth['keyOf'];
let whoIs: TestAuth['whoIs'];

beforeEach(async () => {
  opened = await openAuth();
  ({ addAda, auth, keyOf, whoIs } = opened);
});
afterEach(() => opened.close());

test('makes the first administrator once, with a password of its own when none is given', async () => {
  const first = await auth.accounts.ensureFirstAdmin({ username: 'admin' });
  expect(first?.user).toMatchObject({ username: 'admin', role: 'admin', kind: 'person' });
  expect(first?.password).toMatch(/^[\w-]{43}$/);
  expect(await auth.accounts.ensureFirstAdmin({ username: 'other' })).toBeUndefined();
  const login = { username: 'admin', password: first!.password!, address: '::1' };
  expect(await auth.logins.login(login)).toMatchObject({ token_type: 'bearer' });
});

test('takes the password that was configured, and does not repeat it', async () => {
  const first = await auth.accounts.ensureFirstAdmin(ADA);
  expect(first?.password).toBeUndefined();
  expect(await auth.logins.login(adaFrom('::1'))).toMatchObject({ expires_in: 3_600 });
});

test('refuses a username that is taken', async () => {
  await addAda();
  await expect(
    auth.accounts.create({ kind: 'service', username: 'ADA' }, SYSTEM_PRINCIPAL),
  ).rejects.toMatchObject({
    code: 'CONFLICT',
    message: 'the username ADA is taken; choose another',
  });
});

test('gives a service account the scopes that were granted, and no more than the creator holds', async () => {
  const member = { ...SYSTEM_PRINCIPAL, name: 'bob', scopes: ['registry:read'] } as Principal;
  const account = { kind: 'service', username: 'bot', password: 'bot bot bot' } as const;
  await expect(
    auth.accounts.create({ ...account, scopes: ['admin'] }, member),
  ).rejects.toMatchObject({ code: 'FORBIDDEN', message: 'bob cannot grant admin' });
  const scopes = ['registry:read'] as const;
  await auth.accounts.create({ ...account, scopes }, member);
  const { access_token } = await auth.logins.login({ ...account, address: '::1' });
  expect(await whoIs(bearer(access_token))).toMatchObject({
    kind: 'service',
    name: 'bot',
    scopes: ['registry:read'],
  });
});

test('keeps the last administrator', async () => {
  const id = await addAda();
  await expect(auth.accounts.remove(id, 'person', SYSTEM_PRINCIPAL)).rejects.toMatchObject({
    code: 'CONFLICT',
    message: 'ada is the last administrator; add another',
  });
  await expect(auth.accounts.remove(id, 'service', SYSTEM_PRINCIPAL)).rejects.toMatchObject({
    code: 'NOT_FOUND',
  });
});

test('ends tokens, sessions and keys of an account that is removed', async () => {
  await auth.accounts.ensureFirstAdmin({ username: 'root' });
  const id = await addAda();
  const { access_token, refresh_token } = await auth.logins.login(adaFrom('::1'));
  const session = await auth.logins.openWebSession(adaFrom('::1'));
  const ada = await whoIs(bearer(access_token));
  const key = await auth.apiKeys.create({ label: 'k', scopes: ['admin'] }, ada);
  expect(await whoIs(bearer(key.secret))).toMatchObject({ kind: 'api_key' });
  await auth.accounts.remove(id, 'person', SYSTEM_PRINCIPAL);
  for (const request of [bearer(access_token), bearer(key.secret), cookie(session)]) {
    await expect(whoIs(request)).rejects.toThrow(unauthorized(/refused/));
  }
  await expect(auth.logins.refresh(refresh_token, '::1')).rejects.toThrow(unauthorized(/unknown/));
});

test('changes a password for who knows the present one, and ends what was signed in', async () => {
  await addAda();
  const session = await auth.logins.openWebSession(adaFrom('::1'));
  const ada = await whoIs(cookie(session));
  const change = (current: string) =>
    auth.accounts.changePassword(ada, { current, next: 'the analytical engine' });
  await expect(change('wrong')).rejects.toMatchObject({ code: 'FORBIDDEN' });
  await change(ADA.password);
  await expect(whoIs(cookie(session))).rejects.toThrow(unauthorized(/session has ended/));
  await expect(auth.logins.login(adaFrom('::1'))).rejects.toThrow(unauthorized(/wrong/));
  const changed = { ...adaFrom('::1'), password: 'the analytical engine' };
  expect(await auth.logins.login(changed)).toMatchObject({ token_type: 'bearer' });
  const { key } = await keyOf();
  await expect(
    auth.accounts.changePassword({ ...SYSTEM_PRINCIPAL, id: key.id }, { current: '', next: '' }),
  ).rejects.toMatchObject({ code: 'FORBIDDEN' });
});
