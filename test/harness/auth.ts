import { scryptSync } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect } from 'vitest';

import type { ApiKeys } from '../../src/auth/api-keys.ts';
import { createAuth, type Auth } from '../../src/auth/auth.ts';
import { SYSTEM_PRINCIPAL, type Principal } from '../../src/auth/principal.ts';
import type { RequestIdentity } from '../../src/auth/request-identity.ts';
import { SYSTEM_ACTOR } from '../../src/storage/audit-log.ts';
import type { ControlStore } from '../../src/storage/control-store.ts';
import { openControlStore } from '../../src/storage/relational/control-store.ts';
import type { User } from '../../src/storage/user-store.ts';
import { NOON_MS } from './api.ts';

export const DAY_MS = 86_400_000;
export const ADA = { username: 'ada', password: 'the engine' };
/** Of Ada's password at a cost that does not slow the tests. */
const CHEAP_HASH = `$scrypt$ln=4,r=8,p=1$c2FsdA$${scryptSync(ADA.password, 'salt', 32, { N: 16 }).toString('base64').replaceAll('=', '')}`;

/** Users, keys and sessions over a real database of their own, with a clock that the test sets. */
export interface TestAuth {
  readonly auth: Auth;
  readonly store: ControlStore;
  readonly directory: string;
  readonly clock: { nowMs: number; now(): number };
  readonly whoIs: (request: RequestIdentity) => Promise<Principal>;
  /** Adds Ada and answers her id. */
  readonly addAda: (role?: User['role']) => Promise<string>;
  readonly keyOf: (
    options?: Partial<Parameters<ApiKeys['create']>[0]>,
  ) => ReturnType<ApiKeys['create']>;
  close(): Promise<void>;
}

export async function openAuth(): Promise<TestAuth> {
  const clock = { nowMs: NOON_MS, now: () => clock.nowMs };
  const directory = mkdtempSync(join(tmpdir(), 'signalbox-auth-'));
  const path = join(directory, 'control.db');
  const store = await openControlStore({ kind: 'sqlite', path, clock });
  const auth = createAuth({ store, clock, loopbackOnly: true });
  return {
    auth,
    store,
    directory,
    clock,
    whoIs: (request) => auth.authenticator.authenticate(request),
    addAda: (role) => addAda(store, role),
    keyOf: (options = {}) =>
      auth.apiKeys.create(
        { label: 'a key', scopes: ['telemetry:write'], ...options },
        SYSTEM_PRINCIPAL,
      ),
    async close() {
      await store.close();
      rmSync(directory, { recursive: true });
    },
  };
}

async function addAda(store: ControlStore, role: User['role'] = 'admin'): Promise<string> {
  const user: User = {
    id: 'usr_ada',
    project: 'default',
    kind: 'person',
    username: ADA.username,
    role,
    scopes: [],
    passwordHash: CHEAP_HASH,
    createdAtMs: NOON_MS,
  };
  await store.users.create(user, {
    project: 'default',
    atMs: NOON_MS,
    actor: SYSTEM_ACTOR,
    action: 'user.created',
    target: { kind: 'user', id: user.id },
    reason: null,
    detail: {},
  });
  return user.id;
}

export const adaFrom = (address: string) => ({ ...ADA, address });

export const bearer = (secret: string): RequestIdentity => ({
  method: 'GET',
  authorization: `Bearer ${secret}`,
});

export const cookie = (secret: string): RequestIdentity => ({
  method: 'GET',
  cookie: `signalbox_session=${secret}`,
});

export function unauthorized(message: RegExp): unknown {
  return expect.objectContaining({
    code: 'UNAUTHORIZED',
    message: expect.stringMatching(message) as unknown,
  });
}
