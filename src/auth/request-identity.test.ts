import { expect, test } from 'vitest';

import {
  credentialOf,
  isFromThisMachine,
  isLoopback,
  readCookie,
  requireSameOrigin,
  type RequestIdentity,
} from './request-identity.ts';

const basic = (pair: string) => `Basic ${Buffer.from(pair).toString('base64')}`;

test.each<[string, Partial<RequestIdentity>, unknown]>([
  ['nothing', {}, undefined],
  ['a bearer key', { authorization: 'Bearer sbx_a' }, { kind: 'key', secret: 'sbx_a' }],
  ['a bearer token', { authorization: '  bearer   a.b.c ' }, { kind: 'token', secret: 'a.b.c' }],
  [
    'a bearer key whose space is still encoded',
    { authorization: 'Bearer%20sbx_a' },
    { kind: 'key', secret: 'sbx_a' },
  ],
  ['a key behind a colon', { authorization: basic('pk:sbx_a') }, { kind: 'key', secret: 'sbx_a' }],
  ['a key without a name', { authorization: basic(':sbx_a') }, { kind: 'key', secret: 'sbx_a' }],
  ['x-api-key', { apiKey: ' sbx_a' }, { kind: 'key', secret: 'sbx_a' }],
  ['a cookie', { cookie: 'a=b; signalbox_session=sbs_x' }, { kind: 'cookie', secret: 'sbs_x' }],
  [
    'a header before a cookie',
    { authorization: 'Bearer sbx_a', cookie: 'signalbox_session=sbs_x' },
    { kind: 'key', secret: 'sbx_a' },
  ],
  ['another cookie', { cookie: 'session=sbs_x; signalbox_session=' }, undefined],
])('reads %s', (_, request, want) => {
  expect(credentialOf({ method: 'GET', ...request })).toEqual(want);
});

test.each(['', 'Bearer', 'Bearer ', 'sbx_a', 'Bearer a b', 'Digest a', basic('ada:password')])(
  'does not overlook the unreadable header %j',
  (authorization) => {
    const request = { method: 'GET', authorization, cookie: 'signalbox_session=sbs_x' };
    expect(() => credentialOf(request)).toThrow(/^the credential cannot be read/);
  },
);

test('reads no credential of absurd length', () => {
  const long = 'x'.repeat(4_097);
  expect(() => credentialOf({ method: 'GET', apiKey: long })).toThrow(/too long/);
  expect(readCookie(`signalbox_session=${long}`, 'signalbox_session')).toBeUndefined();
});

test.each<[boolean, Partial<RequestIdentity>]>([
  [true, { method: 'GET' }],
  [true, { method: 'HEAD', secFetchSite: 'cross-site' }],
  [true, { secFetchSite: 'same-origin' }],
  [false, { secFetchSite: 'same-site' }],
  [false, { secFetchSite: 'cross-site' }],
  [false, { secFetchSite: 'none' }],
  [false, { secFetchSite: 'cross-site', origin: 'http://box:4318', host: 'box:4318' }],
  [true, { origin: 'http://box:4318', host: 'box:4318' }],
  [true, { origin: 'https://box', host: 'box' }],
  [false, { origin: 'http://box:4319', host: 'box:4318' }],
  [false, { origin: 'null', host: 'box' }],
  [false, {}],
])('allows a signed-in browser: %s for %j', (allowed, request) => {
  const ask = () => requireSameOrigin({ method: 'POST', ...request });
  if (allowed) expect(ask).not.toThrow();
  else expect(ask).toThrow(expect.objectContaining({ code: 'FORBIDDEN' }));
});

test.each([
  ['127.0.0.1', true],
  ['127.8.9.10', true],
  ['::1', true],
  ['::ffff:127.0.0.1', true],
  ['10.0.0.1', false],
  ['1127.0.0.1', false],
  ['127.0.0.1.evil', false],
  ['::ffff:10.0.0.1', false],
  ['localhost', false],
  [undefined, false],
])('takes %j for loopback: %s', (address, want) => {
  expect(isLoopback(address)).toBe(want);
});

test('takes a page in a browser and a proxy for somebody else', () => {
  const remoteAddress = '127.0.0.1';
  expect(isFromThisMachine({ remoteAddress })).toBe(true);
  for (const header of [
    { origin: 'http://evil.example' },
    { origin: '' },
    { secFetchSite: 'same-origin' },
    { forwarded: '10.0.0.1' },
  ]) {
    expect(isFromThisMachine({ remoteAddress, ...header })).toBe(false);
  }
});
