import { afterEach, beforeEach, expect, test } from 'vitest';

import { cookie, openAuth, type TestAuth } from '../../test/harness/auth.ts';
import { createAdministratorLink } from './administrator.ts';
import { SYSTEM_PRINCIPAL } from './principal.ts';

let opened: TestAuth;
beforeEach(async () => {
  opened = await openAuth();
  await add('member-of-old', 'member');
  await add('zoe', 'admin');
  await add('ben', 'admin');
});
afterEach(() => opened.close());

async function add(username: string, role: 'admin' | 'member'): Promise<void> {
  const account = { kind: 'person', username, role, password: 'of no matter' } as const;
  await opened.auth.accounts.create(account, SYSTEM_PRINCIPAL);
  opened.clock.nowMs += 1_000;
}

test.each([
  ['BEN', 'ben'],
  ['nobody', 'zoe'],
  ['member-of-old', 'zoe'],
])('the link for %j signs %s in', async (wanted, expected) => {
  const { username, linkToken } = await createAdministratorLink(opened.auth, wanted);
  const session = await opened.auth.logins.openWebSessionByLink(linkToken, '::1');
  const { name } = await opened.whoIs(cookie(session));
  expect({ username, name }).toEqual({ username: expected, name: expected });
});
