import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, test } from 'vitest';

import { NOON_MS } from '../../test/harness/api.ts';
import { DAY_MS, bearer, unauthorized, openAuth, type TestAuth } from '../../test/harness/auth.ts';
import { createAuth } from './auth.ts';
import { SYSTEM_PRINCIPAL } from './principal.ts';

let opened: TestAuth;
let auth: TestAuth['auth'];
let clock: TestAuth['clock'];
let directory: TestAuth['directory'];
let keyOf: TestAuth['keyOf'];
let store: TestAuth['store'];
let whoIs: TestAuth['whoIs'];

beforeEach(async () => {
  opened = await openAuth();
  ({ auth, clock, directory, keyOf, store, whoIs } = opened);
});
afterEach(() => opened.close());

test('stores nothing of a key from which the secret could be had', async () => {
  const { key, secret } = await keyOf();
  expect(secret).toMatch(/^sbx_[\w-]{43}$/);
  await store.settings.get('flush', 'reads');
  for (const file of ['control.db', 'control.db-wal']) {
    expect(readFileSync(join(directory, file)).includes(secret.slice(12))).toBe(false);
  }
  expect(key.prefix).toBe(secret.slice(0, 10));
});

test('lets keys live for ever unless they are asked not to', async () => {
  const { secret: lasting } = await keyOf();
  const { secret: ending } = await keyOf({ expiresInDays: 2 });
  clock.nowMs += 2 * DAY_MS - 1;
  expect(await whoIs(bearer(ending))).toMatchObject({ expiresAtMs: NOON_MS + 2 * DAY_MS });
  clock.nowMs += 1;
  await expect(whoIs(bearer(ending))).rejects.toThrow(unauthorized(/has expired/));
  clock.nowMs += 3_650 * DAY_MS;
  expect(await whoIs(bearer(lasting))).toMatchObject({ expiresAtMs: null });
});

test('grants only what the creator holds', async () => {
  const { secret } = await keyOf({ scopes: ['registry:read', 'telemetry:write'] });
  const creator = await whoIs(bearer(secret));
  await expect(
    auth.apiKeys.create({ label: 'k', scopes: ['telemetry:write', 'admin', 'cost:read'] }, creator),
  ).rejects.toMatchObject({
    code: 'FORBIDDEN',
    message:
      'a key cannot grant admin, cost:read: a key can be given only scopes that its creator holds',
  });
  const made = await auth.apiKeys.create({ label: 'k', scopes: ['registry:read'] }, creator);
  expect(await whoIs(bearer(made.secret))).toMatchObject({ scopes: ['registry:read'] });
});

test('ends keys with the key that made them', async () => {
  const parent = await keyOf({ expiresInDays: 10 });
  const principal = await whoIs(bearer(parent.secret));
  const child = await auth.apiKeys.create(
    { label: 'child', scopes: ['telemetry:write'], expiresInDays: 20 },
    principal,
  );
  expect(child.key.expiresAtMs).toBe(parent.key.expiresAtMs);
  await whoIs(bearer(child.secret));
  expect(await auth.apiKeys.revoke(parent.key.id, SYSTEM_PRINCIPAL)).toEqual([
    parent.key.id,
    child.key.id,
  ]);
  await expect(whoIs(bearer(child.secret))).rejects.toThrow(unauthorized(/was revoked/));
  await expect(auth.apiKeys.revoke(parent.key.id, SYSTEM_PRINCIPAL)).rejects.toMatchObject({
    code: 'NOT_FOUND',
  });
});

test('lists and revokes keys for who made them, or an administrator', async () => {
  const mine = await keyOf({ scopes: ['registry:read'] });
  const other = await keyOf();
  const me = await whoIs(bearer(mine.secret));
  const made = await auth.apiKeys.create({ label: 'made', scopes: ['registry:read'] }, me);
  expect((await auth.apiKeys.list(me)).map((key) => key.id)).toEqual([made.key.id]);
  expect(await auth.apiKeys.list(SYSTEM_PRINCIPAL)).toHaveLength(3);
  await expect(auth.apiKeys.revoke(other.key.id, me)).rejects.toMatchObject({
    code: 'NOT_FOUND',
    message: `there is no key ${other.key.id}`,
  });
  expect(await auth.apiKeys.revoke(made.key.id, me)).toEqual([made.key.id]);
});

test('says when a key was used, to the minute', async () => {
  const { key, secret } = await keyOf();
  await whoIs(bearer(secret));
  clock.nowMs += 59_000;
  await whoIs(bearer(secret));
  expect((await store.keys.get('default', key.id))?.lastUsedAtMs).toBe(NOON_MS);
  clock.nowMs += 6_000;
  await whoIs(bearer(secret));
  expect((await store.keys.get('default', key.id))?.lastUsedAtMs).toBe(NOON_MS + 65_000);
});

test('looks a key up once in a few seconds, and refuses it from the moment of revocation', async () => {
  let asked = 0;
  const keys = {
    ...store.keys,
    getByHash: (hash: string) => {
      asked += 1;
      return store.keys.getByHash(hash);
    },
  };
  const counted = createAuth({ store: { ...store, keys }, clock, loopbackOnly: true });
  const { key, secret } = await keyOf();
  for (let request = 0; request < 100; request += 1) {
    await counted.authenticator.authenticate(bearer(secret));
  }
  expect(asked).toBe(1);
  const racing = counted.authenticator.authenticate(bearer(secret));
  await counted.apiKeys.revoke(key.id, SYSTEM_PRINCIPAL);
  await racing;
  await expect(counted.authenticator.authenticate(bearer(secret))).rejects.toThrow(
    unauthorized(/was revoked/),
  );
});

test('does not remember a key that was revoked while it was looked up', async () => {
  const { key, secret } = await keyOf();
  let found: () => void = () => {};
  let proceed: () => void = () => {};
  const lookedUp = new Promise<void>((resolve) => {
    found = resolve;
  });
  const gate = new Promise<void>((resolve) => {
    proceed = resolve;
  });
  const keys = {
    ...store.keys,
    getByHash: async (hash: string) => {
      const row = await store.keys.getByHash(hash);
      found();
      await gate;
      return row;
    },
  };
  const slow = createAuth({ store: { ...store, keys }, clock, loopbackOnly: true });
  const first = slow.authenticator.authenticate(bearer(secret));
  await lookedUp;
  await slow.apiKeys.revoke(key.id, SYSTEM_PRINCIPAL);
  proceed();
  await first;
  await expect(slow.authenticator.authenticate(bearer(secret))).rejects.toThrow(
    unauthorized(/was revoked/),
  );
});
