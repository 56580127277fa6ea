import { expect, test } from 'vitest';

import type { ControlStore } from '../control-store.ts';
import type { ApiKey } from '../key-store.ts';
import type { User } from '../user-store.ts';
import { entryOf, type Context } from './conformance-context.ts';

function userOf(project: string, username: string, given: Partial<User> = {}): User {
  return {
    id: `usr_${username}`,
    project,
    kind: 'person',
    username,
    role: 'member',
    scopes: [],
    passwordHash: '$scrypt$…',
    createdAtMs: 5,
    ...given,
  };
}

function keyOf(
  project: string,
  id: string,
  createdBy: string,
  given: Partial<ApiKey> = {},
): ApiKey {
  return {
    id,
    project,
    label: `key ${id}`,
    prefix: 'sbx_abc',
    scopes: ['telemetry:write'],
    createdBy,
    createdAtMs: 1,
    expiresAtMs: null,
    revokedAtMs: null,
    lastUsedAtMs: null,
    ...given,
  };
}

export function testUsers(context: Context): void {
  test('keeps usernames unique without regard to case', async () => {
    const { store, project } = context();
    const ada = userOf(project, `Ada-${project}`, { kind: 'service', scopes: ['a', 'b'] });
    expect(await store.users.create(ada, entryOf(project, 'user.created', ada.id))).toBe(true);
    const twin = userOf(project, `ADA-${project}`);
    expect(await store.users.create(twin, entryOf(project, 'user.created', twin.id))).toBe(false);
    expect(await store.users.getByUsername(`aDA-${project}`)).toEqual(ada);
    expect(await store.users.get(ada.id)).toEqual(ada);
    expect(await store.users.list(project, 'service')).toEqual([ada]);
    expect(await store.users.list(project, 'person')).toEqual([]);
    expect(await store.auditLog.find(project, {}, { limit: 9 })).toHaveLength(1);
  });

  test('counts the people who administer', async () => {
    const { store, project } = context();
    const before = await store.users.countAdmins();
    for (const given of [
      { role: 'admin' },
      { role: 'member' },
      { role: 'admin', kind: 'service' },
    ]) {
      const user = userOf(
        project,
        `${given.role}-${given.kind}-${project}`,
        given as Partial<User>,
      );
      await store.users.create(user, entryOf(project, 'user.created', user.id));
    }
    expect((await store.users.countAdmins()) - before).toBe(1);
  });

  test('ends the sign-ins of a user whose password changes', async () => {
    const { store, project } = context();
    const user = userOf(project, `ada-${project}`);
    await store.users.create(user, entryOf(project, 'user.created', user.id));
    await signIn(store, user.id, project);
    await store.users.changePassword(user.id, 'new', entryOf(project, 'password.changed', user.id));
    expect((await store.users.get(user.id))?.passwordHash).toBe('new');
    expect(await store.sessions.getWebSession(`web ${project}`, 0)).toBeUndefined();
    expect(await store.sessions.takeSignInLink(`link ${project}`, 0)).toBeUndefined();
    expect(
      await store.sessions.rotateRefreshToken(
        `refresh ${project}`,
        { tokenHash: 'x', expiresAtMs: 9 },
        0,
      ),
    ).toEqual({ kind: 'unknown' });
  });

  test('removes a user with its sign-ins and revokes the keys it made, also through other keys', async () => {
    const { store, project } = context();
    const user = userOf(project, `ada-${project}`);
    const entry = entryOf(project, 'user.removed', user.id, 77);
    await store.users.create(user, entryOf(project, 'user.created', user.id));
    await signIn(store, user.id, project);
    const own = keyOf(project, `key_own_${project}`, user.id);
    const through = keyOf(project, `key_through_${project}`, own.id);
    const other = keyOf(project, `key_other_${project}`, 'somebody');
    for (const key of [own, through, other]) await store.keys.create(key, key.id, entry);
    expect(await store.users.remove('another', user.id, entry)).toBe(false);
    expect(await store.users.remove(project, user.id, entry)).toBe(true);
    expect(await store.users.get(user.id)).toBeUndefined();
    expect(await store.sessions.getWebSession(`web ${project}`, 0)).toBeUndefined();
    expect((await store.keys.get(project, own.id))?.revokedAtMs).toBe(77);
    expect((await store.keys.get(project, through.id))?.revokedAtMs).toBe(77);
    expect((await store.keys.get(project, other.id))?.revokedAtMs).toBeNull();
  });
}

async function signIn(store: ControlStore, userId: string, project: string): Promise<void> {
  const common = { userId, expiresAtMs: 1_000 };
  await store.sessions.createWebSession({ tokenHash: `web ${project}`, ...common });
  await store.sessions.createSignInLink({ tokenHash: `link ${project}`, ...common });
  const family = `family ${project}`;
  await store.sessions.createRefreshToken({ tokenHash: `refresh ${project}`, family, ...common });
}

export function testSessions(context: Context): void {
  const signedIn = async () => {
    const { store, project } = context();
    const user = userOf(project, `ada-${project}`);
    await store.users.create(user, entryOf(project, 'user.created', user.id));
    await signIn(store, user.id, project);
    return { store, project, userId: user.id };
  };

  test('rotates a refresh token once, and ends its family when it comes again', async () => {
    const { store, project, userId } = await signedIn();
    const rotate = (from: string, to: string, nowMs = 1) =>
      store.sessions.rotateRefreshToken(
        `${from} ${project}`,
        { tokenHash: `${to} ${project}`, expiresAtMs: 2_000 },
        nowMs,
      );
    expect(await rotate('refresh', 'second')).toEqual({ kind: 'rotated', userId });
    expect(await rotate('second', 'third', 1_500)).toEqual({ kind: 'rotated', userId });
    expect(await rotate('refresh', 'stolen')).toEqual({ kind: 'reused', userId });
    expect(await rotate('third', 'fourth')).toEqual({ kind: 'unknown' });
  });

  test('rotates one of two exchanges at once', async () => {
    const { store, project, userId } = await signedIn();
    const outcomes = await Promise.all(
      ['one', 'two'].map((name) =>
        store.sessions.rotateRefreshToken(
          `refresh ${project}`,
          { tokenHash: `${name} ${project}`, expiresAtMs: 2_000 },
          1,
        ),
      ),
    );
    expect(outcomes.map((outcome) => outcome.kind).sort()).toEqual(['reused', 'rotated']);
    expect(outcomes).toContainEqual({ kind: 'rotated', userId });
  });

  test('refuses what has expired, and removes it', async () => {
    const { store, project } = await signedIn();
    const successor = { tokenHash: `next ${project}`, expiresAtMs: 2_000 };
    expect(await store.sessions.rotateRefreshToken(`refresh ${project}`, successor, 1_000)).toEqual(
      { kind: 'unknown' },
    );
    expect(await store.sessions.getWebSession(`web ${project}`, 1_000)).toBeUndefined();
    expect(await store.sessions.takeSignInLink(`link ${project}`, 1_000)).toBeUndefined();
    await store.sessions.removeExpired(1_000);
    expect(await store.sessions.getWebSession(`web ${project}`, 0)).toBeUndefined();
  });

  test('takes a sign-in link once, and ends a web session', async () => {
    const { store, project, userId } = await signedIn();
    const link = { tokenHash: `link ${project}`, userId, expiresAtMs: 1_000 };
    expect(await store.sessions.takeSignInLink(link.tokenHash, 0)).toEqual(link);
    expect(await store.sessions.takeSignInLink(link.tokenHash, 0)).toBeUndefined();
    const session = { tokenHash: `web ${project}`, userId, expiresAtMs: 1_000 };
    expect(await store.sessions.getWebSession(session.tokenHash, 999)).toEqual(session);
    await store.sessions.removeWebSession(session.tokenHash);
    expect(await store.sessions.getWebSession(session.tokenHash, 0)).toBeUndefined();
  });
}

export function testKeys(context: Context): void {
  test('finds a key by the hash of its secret, and lists the newest first', async () => {
    const { store, project } = context();
    const entry = entryOf(project, 'api_key.created', 'key');
    const old = keyOf(project, `key_a_${project}`, 'ada', { scopes: [], expiresAtMs: 10 });
    const young = keyOf(project, `key_b_${project}`, 'bob', { createdAtMs: 2 });
    await store.keys.create(old, `hash a ${project}`, entry);
    await store.keys.create(young, `hash b ${project}`, entry);
    expect(await store.keys.getByHash(`hash a ${project}`)).toEqual(old);
    expect(await store.keys.getByHash('another')).toBeUndefined();
    expect(await store.keys.list(project)).toEqual([young, old]);
    expect(await store.keys.list(project, 'ada')).toEqual([old]);
    await store.keys.recordUse(old.id, 50);
    await store.keys.recordUse(old.id, 40);
    expect((await store.keys.get(project, old.id))?.lastUsedAtMs).toBe(50);
    await expect(store.keys.create(old, 'another hash', entry)).rejects.toThrow();
  });

  test('revokes a key with those that were made with it', async () => {
    const { store, project } = context();
    const entry = entryOf(project, 'api_key.revoked', 'key', 9);
    const id = (name: string) => `key_${name}_${project}`;
    for (const [name, by] of [
      ['root', 'ada'],
      ['child', id('root')],
      ['grandchild', id('child')],
      ['other', 'ada'],
    ] as const) {
      await store.keys.create(keyOf(project, id(name), by), id(name), entry);
    }
    expect(await store.keys.revoke('another', id('root'), entry)).toEqual([]);
    expect(await store.keys.revoke(project, id('root'), entry)).toEqual([
      id('root'),
      id('child'),
      id('grandchild'),
    ]);
    expect(await store.keys.revoke(project, id('root'), entry)).toEqual([]);
    expect((await store.keys.list(project)).map((key) => key.id)).toEqual([id('other')]);
    expect((await store.keys.getByHash(id('grandchild')))?.revokedAtMs).toBe(9);
  });
}

export function testTheRest(context: Context): void {
  test('keeps one signing key in charge and retires it when another comes', async () => {
    const { store, project } = context();
    const key = (id: string, createdAtMs: number) => ({
      id: `${id} ${project}`,
      secret: 'c2VjcmV0',
      createdAtMs,
      retiredAtMs: null,
      verifiesUntilMs: null,
    });
    const entry = (atMs: number) => entryOf(project, 'signing_key.rotated', 'key', atMs);
    await store.signingKeys.createFirst(key('first', 1));
    await store.signingKeys.createFirst(key('too late', 2));
    expect(await store.signingKeys.list(3)).toEqual([key('first', 1)]);
    await store.signingKeys.rotate(key('second', 10), 110, entry(10));
    expect(await store.signingKeys.list(109)).toEqual([
      key('second', 10),
      { ...key('first', 1), retiredAtMs: 10, verifiesUntilMs: 110 },
    ]);
    expect(await store.signingKeys.list(110)).toEqual([key('second', 10)]);
    await store.signingKeys.rotate(key('third', 100), 105, entry(100));
    expect((await store.signingKeys.list(0)).map((row) => row.verifiesUntilMs)).toEqual([
      null,
      105,
      105,
    ]);
    await store.signingKeys.rotate(key('fourth', 200), 200, entry(200));
    expect(await store.signingKeys.list(0)).toEqual([key('fourth', 200)]);
    await store.signingKeys.rotate(key('fifth', 300), 300, entry(300));
  });

  test('finds audit entries by who, what and when, newest first and in pages', async () => {
    const { store, project } = context();
    for (const [index, action] of ['a', 'b', 'a', 'c'].entries()) {
      await store.auditLog.append(entryOf(project, action, `target ${index % 2}`, index * 10));
    }
    const find = async (filter: Parameters<typeof store.auditLog.find>[1], limit = 9) => {
      const entries = await store.auditLog.find(project, filter, { limit });
      return entries.map((entry) => entry.atMs);
    };
    expect(await find({})).toEqual([30, 20, 10, 0]);
    expect(await find({ action: 'a' })).toEqual([20, 0]);
    expect(await find({ fromMs: 10, toMs: 30 })).toEqual([20, 10]);
    expect(await find({ targetKind: 'thing', targetId: 'target 1' })).toEqual([30, 10]);
    expect(await find({ targetKind: 'another' })).toEqual([]);
    expect(await find({ actorId: 'usr_1' }, 1)).toEqual([30]);
    expect(await find({ actorId: 'usr_2' })).toEqual([]);
    const [newest] = await store.auditLog.find(project, {}, { limit: 1 });
    const older = await store.auditLog.find(
      project,
      {},
      { limit: 2, beforeSequence: newest!.sequence },
    );
    expect(older.map((entry) => entry.atMs)).toEqual([20, 10]);
  });

  test('keeps settings by project and name', async () => {
    const { store, project } = context();
    const entry = entryOf(project, 'setting.changed', 'colour');
    const name = `colour of ${project}`;
    expect(await store.settings.get(project, name)).toBeUndefined();
    await store.settings.put(project, name, ['green'], entry);
    await store.settings.put(project, name, { nested: [1, null, 'ü'] }, entry);
    expect(await store.settings.get(project, name)).toEqual({ nested: [1, null, 'ü'] });
    expect(await store.settings.get('another', name)).toBeUndefined();
    expect(await store.settings.listByName(name)).toEqual([
      { project, value: { nested: [1, null, 'ü'] } },
    ]);
    expect(await store.auditLog.find(project, {}, { limit: 9 })).toHaveLength(2);
  });

  test('closes twice without complaint', async () => {
    const second = await context().open();
    await second.close();
    await second.close();
  });
}
