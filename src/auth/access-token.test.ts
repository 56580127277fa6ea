import { SignJWT } from 'jose';
import { afterEach, beforeEach, expect, test } from 'vitest';

import { NOON_MS } from '../../test/harness/api.ts';
import { adaFrom, bearer, unauthorized, openAuth, type TestAuth } from '../../test/harness/auth.ts';
import { createAuth } from './auth.ts';

let opened: TestAuth;
let addAda: TestAuth['addAda'];
let auth: TestAuth['auth'];
let clock: TestAuth['clock'];
let store: TestAuth['store'];
let whoIs: TestAuth['whoIs'];

beforeEach(async () => {
  opened = await openAuth();
  ({ addAda, auth, clock, store, whoIs } = opened);
});
afterEach(() => opened.close());

test('lets tokens outlive a rotation of the signing key, unless they are to end', async () => {
  await addAda();
  const { access_token: old } = await auth.logins.login(adaFrom('::1'));
  await auth.rotateSigningKey({ endTokens: false }, { kind: 'user', id: 'u', name: 'ada' });
  const { access_token: young } = await auth.logins.login(adaFrom('::1'));
  expect(await whoIs(bearer(old))).toMatchObject({ name: 'ada' });
  await auth.rotateSigningKey({ endTokens: true }, { kind: 'user', id: 'u', name: 'ada' });
  for (const token of [old, young]) {
    await expect(whoIs(bearer(token))).rejects.toThrow(unauthorized(/unknown or ended key/));
  }
  const rotations = await store.auditLog.find(
    'default',
    { action: 'signing_key.rotated' },
    { limit: 9 },
  );
  expect(rotations.map((entry) => entry.detail)).toEqual([
    { end_tokens: true },
    { end_tokens: false },
  ]);
});

test('takes tokens after a restart, and after a rotation on another replica', async () => {
  await addAda();
  const { access_token } = await auth.logins.login(adaFrom('::1'));
  const other = createAuth({ store, clock, loopbackOnly: true });
  expect(await other.authenticator.authenticate(bearer(access_token))).toMatchObject({
    name: 'ada',
  });
  await auth.rotateSigningKey({ endTokens: false }, { kind: 'user', id: 'u', name: 'ada' });
  const { access_token: rotated } = await auth.logins.login(adaFrom('::1'));
  clock.nowMs += 1_000;
  expect(await other.authenticator.authenticate(bearer(rotated))).toMatchObject({ name: 'ada' });
});

test('refuses tokens that were altered, signed by others or with nothing', async () => {
  const id = await addAda();
  const { access_token } = await auth.logins.login(adaFrom('::1'));
  const [header, payload, signature] = access_token.split('.') as [string, string, string];
  const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as object;
  const { kid } = JSON.parse(Buffer.from(header, 'base64url').toString()) as { kid: string };
  const sign = (secret: Uint8Array, alg = 'HS256', issuer = 'signalbox') =>
    new SignJWT()
      .setProtectedHeader({ alg, kid })
      .setIssuer(issuer)
      .setSubject(id)
      .setExpirationTime(NOON_MS / 1_000 + 60)
      .sign(secret);
  const ours = Buffer.from((await store.signingKeys.list(NOON_MS))[0]!.secret, 'base64url');
  for (const forged of [
    `${header}.${encode({ ...claims, sub: 'usr_other' })}.${signature}`,
    `${encode({ alg: 'none', kid })}.${payload}.`,
    `${header}.${payload}.`,
    await sign(Buffer.alloc(32)),
    await sign(Buffer.concat([ours, ours]), 'HS512'),
    await sign(ours, 'HS256', 'another'),
  ]) {
    await expect(whoIs(bearer(forged))).rejects.toThrow(unauthorized(/access token is refused/));
  }
  expect(await whoIs(bearer(await sign(ours)))).toMatchObject({ name: 'ada' });
});
