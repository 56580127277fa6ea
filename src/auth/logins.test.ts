import { afterEach, beforeEach, expect, test } from 'vitest';

import { NOON_MS } from '../../test/harness/api.ts';
import {
  DAY_MS,
  adaFrom,
  bearer,
  cookie,
  unauthorized,
  openAuth,
  type TestAuth,
} from '../../test/harness/auth.ts';

let opened: TestAuth;
let addAda: TestAuth['addAda'];
let auth: TestAuth['auth'];
let clock: TestAuth['clock'];
let whoIs: TestAuth['whoIs'];

beforeEach(async () => {
  opened = await openAuth();
  ({ addAda, auth, clock, whoIs } = opened);
});
afterEach(() => opened.close());

test('answers tokens that say who and end within the hour', async () => {
  const id = await addAda('member');
  const { access_token } = await auth.logins.login({ ...adaFrom('::1'), username: 'ADA' });
  expect(await whoIs(bearer(access_token))).toEqual({
    kind: 'user',
    id,
    name: 'ada',
    project: 'default',
    scopes: [
      'telemetry:write',
      'registry:read',
      'monitoring:read',
      'cost:read',
      'anomaly:read',
      'governance:read',
    ],
    expiresAtMs: NOON_MS + 3_600_000,
  });
  clock.nowMs += 3_599_000;
  expect(await whoIs(bearer(access_token))).toMatchObject({ name: 'ada' });
  clock.nowMs += 1_000;
  await expect(whoIs(bearer(access_token))).rejects.toThrow(unauthorized(/has expired/));
});

test('does not tell whether the name or the password is wrong', async () => {
  await addAda();
  const wrong = [
    { username: 'ada', password: 'wrong', address: '::1' },
    { username: 'nobody', password: 'wrong', address: '::1' },
  ];
  for (const credentials of wrong) {
    await expect(auth.logins.login(credentials)).rejects.toThrow(
      unauthorized(/^the username or the password is wrong$/),
    );
  }
});

test('refuses a sixth wrong password from one address, then even the right one, for a while', async () => {
  await addAda();
  const wrong = { ...adaFrom('10.0.0.1'), password: 'wrong' };
  for (let attempt = 0; attempt < 5; attempt += 1) {
    await expect(auth.logins.login(wrong)).rejects.toThrow(unauthorized(/wrong/));
  }
  const limited = { code: 'RATE_LIMITED', retryAfterSeconds: 900 };
  await expect(auth.logins.login(wrong)).rejects.toMatchObject(limited);
  await expect(auth.logins.openWebSession(adaFrom('10.0.0.1'))).rejects.toMatchObject(limited);
  expect(await auth.logins.login(adaFrom('10.0.0.2'))).toMatchObject({ token_type: 'bearer' });
  clock.nowMs += 900_000;
  expect(await auth.logins.login(adaFrom('10.0.0.1'))).toMatchObject({ token_type: 'bearer' });
});

test('exchanges a refresh token once, and ends the login when it comes again', async () => {
  await addAda();
  const first = await auth.logins.login(adaFrom('::1'));
  const second = await auth.logins.refresh(first.refresh_token, '::1');
  expect(await whoIs(bearer(second.access_token))).toMatchObject({ name: 'ada' });
  await expect(auth.logins.refresh(first.refresh_token, '::1')).rejects.toThrow(
    unauthorized(/used before/),
  );
  await expect(auth.logins.refresh(second.refresh_token, '::1')).rejects.toThrow(
    unauthorized(/unknown/),
  );
});

test('refuses a refresh token after 30 days, and guesses beyond 60 a minute', async () => {
  await addAda();
  const { refresh_token } = await auth.logins.login(adaFrom('::1'));
  clock.nowMs += 30 * DAY_MS;
  await expect(auth.logins.refresh(refresh_token, '::1')).rejects.toThrow(unauthorized(/expired/));
  for (let guess = 0; guess < 59; guess += 1) {
    await expect(auth.logins.refresh(`sbr_${guess}`, '::1')).rejects.toThrow(unauthorized(/./));
  }
  await expect(auth.logins.refresh('sbr_', '::1')).rejects.toMatchObject({
    code: 'RATE_LIMITED',
  });
  await expect(auth.logins.openWebSessionByLink('x', '::1')).rejects.toMatchObject({
    code: 'RATE_LIMITED',
  });
});

test('signs a browser in by a link that serves once, within the hour', async () => {
  await addAda();
  const link = await auth.logins.createSignInLink('ada');
  const session = await auth.logins.openWebSessionByLink(link, '::1');
  expect(await whoIs(cookie(session))).toMatchObject({ kind: 'user', name: 'ada' });
  const late = await auth.logins.createSignInLink('ada');
  clock.nowMs += 3_600_000;
  for (const token of [link, late, 'sbl_guess']) {
    await expect(auth.logins.openWebSessionByLink(token, '::1')).rejects.toThrow(
      unauthorized(/^the sign-in link is unknown, used or has expired$/),
    );
  }
  await expect(auth.logins.createSignInLink('nobody')).rejects.toMatchObject({
    code: 'NOT_FOUND',
  });
});

test('ends a browser session when it is closed, and after a week', async () => {
  await addAda();
  const closed = await auth.logins.openWebSession(adaFrom('::1'));
  const open = await auth.logins.openWebSession(adaFrom('::1'));
  await whoIs(cookie(closed));
  await auth.logins.closeWebSession(closed);
  await expect(whoIs(cookie(closed))).rejects.toThrow(unauthorized(/ended/));
  clock.nowMs += 7 * DAY_MS - 1;
  expect(await whoIs(cookie(open))).toMatchObject({ name: 'ada' });
  clock.nowMs += 1;
  await expect(whoIs(cookie(open))).rejects.toThrow(unauthorized(/ended/));
});
