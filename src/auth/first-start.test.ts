import { afterEach, beforeEach, expect, test } from 'vitest';

import { bearer, openAuth } from '../../test/harness/auth.ts';
import type { TestAuth } from '../../test/harness/auth.ts';
import { prepareFirstStart } from './first-start.ts';

let opened: TestAuth;
beforeEach(async () => {
  opened = await openAuth();
});
afterEach(() => opened.close());

const OWN_KEY = `sbx_${'k'.repeat(32)}`;

test('an ingest key of the user takes the place of one that is made up, and is not told again', async () => {
  const config = { adminUsername: 'admin', ingestKey: OWN_KEY };
  expect(await prepareFirstStart(opened.auth, config)).toMatchObject({ ingestKey: undefined });
  expect(await opened.whoIs(bearer(OWN_KEY))).toMatchObject({ scopes: ['telemetry:write'] });
  expect(await prepareFirstStart(opened.auth, config)).toBeUndefined();
});

test('a key that is made up is told once', async () => {
  const first = await prepareFirstStart(opened.auth, { adminUsername: 'admin' });
  expect(first?.ingestKey).toMatch(/^sbx_[\w-]{43}$/);
  expect(await opened.whoIs(bearer(first!.ingestKey!))).toMatchObject({ kind: 'api_key' });
});
