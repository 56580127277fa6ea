import { createHmac } from 'node:crypto';

import { SMTPServer } from 'smtp-server';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';

import { NOON_MS, startApi, type TestApi } from '../../test/harness/api.ts';
import { startWebhookReceiver, type WebhookReceiver } from '../../test/harness/webhook-receiver.ts';
import type { NewAlert } from '../analysis/alerts/alert-desk.ts';

let api: TestApi;
let receiver: WebhookReceiver;
let admin: string;

beforeAll(async () => {
  [api, receiver] = await Promise.all([startApi(), startWebhookReceiver()]);
  admin = await api.keyWith('admin');
});
afterAll(async () => {
  await api.close();
  await receiver.close();
});
beforeEach(async () => {
  api.clock.nowMs = NOON_MS;
  receiver.received.length = 0;
  await api.store.alerts.removeBefore(Number.MAX_SAFE_INTEGER);
  for (const channel of await api.alertDesk.listChannels('default')) {
    await call('DELETE', `/channels/${channel.id}`);
  }
});

const call = (method: string, path: string, body?: unknown) =>
  api.call(method, `/api/v1/alerts${path}`, { key: admin, body });

let alerts = 0;
const alertOf = (rest: Partial<NewAlert> = {}): NewAlert => ({
  project: 'default',
  key: `key ${(alerts += 1)}`,
  kind: 'budget',
  severity: 'high',
  subject: { kind: 'agent', id: 'agt_1', name: 'sorter' },
  title: 'sorter has spent <80 %>',
  text: 'It spent 8 of 10 dollars.',
  detail: { percent: 80 },
  ...rest,
});

const makeHook = async (rest: object = {}) =>
  (
    await call('POST', '/channels', {
      name: 'hook',
      target: { kind: 'webhook', url: `${receiver.url}/hook?token=hush` },
      ...rest,
    })
  ).body.data;

const makeMail = (port: number, rest: object = {}) => ({
  kind: 'email',
  host: '127.0.0.1',
  port,
  security: 'none',
  username: 'signalbox',
  password: 'opensesame',
  from: 'Signalbox <signalbox@example.com>',
  to: ['ada@example.com', 'bob@example.com'],
  ...rest,
});

test('delivers a raised alert to a webhook, signed, and tells so', async () => {
  const channel = await makeHook();
  expect(await api.alertDesk.raise(alertOf())).toBe(true);
  await api.delivery.settled();
  const [{ headers, body, path }] = receiver.received as [(typeof receiver.received)[0]];
  const listed = (await call('GET', '?limit=1')).body.data[0];
  expect(path).toBe('/hook?token=hush');
  expect(JSON.parse(body)).toEqual({
    type: 'alert.raised',
    timestamp: '2026-11-20T12:00:00.000Z',
    data: {
      id: listed.id,
      project: 'default',
      kind: 'budget',
      severity: 'high',
      subject: { kind: 'agent', id: 'agt_1', name: 'sorter' },
      title: 'sorter has spent <80 %>',
      text: 'It spent 8 of 10 dollars.',
      detail: { percent: 80 },
    },
  });
  const key = Buffer.from(String(channel.secret).replace('whsec_', ''), 'base64');
  const id = String(headers['webhook-id']);
  const signed = `${id}.${NOON_MS / 1_000}.${body}`;
  expect(headers['webhook-signature']).toBe(
    `v1,${createHmac('sha256', key).update(signed).digest('base64')}`,
  );
  expect(listed).toMatchObject({
    kind: 'budget',
    severity: 'high',
    raised_at: '2026-11-20T12:00:00.000Z',
    deliveries: [
      {
        id,
        channel_id: channel.id,
        state: 'delivered',
        attempts: 1,
        next_attempt: null,
        error: null,
        settled_at: '2026-11-20T12:00:00.000Z',
      },
    ],
  });
});

test('raises an alert once for its key', async () => {
  await makeHook();
  const alert = alertOf();
  expect(await Promise.all([1, 2, 3].map(() => api.alertDesk.raise(alert)))).toEqual([
    true,
    false,
    false,
  ]);
  await api.delivery.settled();
  expect(receiver.received).toHaveLength(1);
});

test('tries what fails again, later each time, under the same id, until it is delivered', async () => {
  await makeHook();
  receiver.answers.push(
    { status: 500, body: 'on fire' },
    { status: 302, headers: { location: 'http://127.0.0.1:1/' } },
  );
  await api.alertDesk.raise(alertOf());
  await api.delivery.settled();
  const delivery = async () => (await call('GET', '?limit=1')).body.data[0].deliveries[0];
  expect(await delivery()).toMatchObject({
    state: 'pending',
    attempts: 1,
    next_attempt: '2026-11-20T12:00:10.000Z',
    error: 'it answers 500: on fire',
  });
  api.delivery.wake();
  await api.delivery.settled();
  expect(receiver.received).toHaveLength(1);
  api.clock.nowMs += 10_000;
  api.delivery.wake();
  await api.delivery.settled();
  expect(await delivery()).toMatchObject({
    attempts: 2,
    next_attempt: '2026-11-20T12:00:40.000Z',
    error: 'it answers 302, a redirect; name the final address',
  });
  api.clock.nowMs += 30_000;
  api.delivery.wake();
  await api.delivery.settled();
  expect(await delivery()).toMatchObject({ state: 'delivered', attempts: 3, error: null });
  expect(new Set(receiver.received.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
});

test('gives up, aloud, what keeps failing, and at once what is gone', async () => {
  await makeHook();
  receiver.answers.push(...Array.from({ length: 12 }, () => ({ status: 503 })));
  await api.alertDesk.raise(alertOf());
  for (let attempt = 1; attempt <= 12; attempt += 1) {
    api.clock.nowMs += 7_200_000;
    api.delivery.wake();
    await api.delivery.settled();
  }
  const [failed] = (await call('GET', '?limit=1')).body.data[0].deliveries;
  expect(failed).toMatchObject({ state: 'failed', attempts: 12, error: 'it answers 503: ' });
  receiver.answers.push({ status: 410 });
  await api.alertDesk.raise(alertOf());
  await api.delivery.settled();
  const [gone] = (await call('GET', '?limit=1')).body.data[0].deliveries;
  expect(gone).toMatchObject({ state: 'failed', attempts: 1 });
});

test('sends each channel only what it takes', async () => {
  await makeHook({ name: 'grave', severity_min: 'critical' });
  await makeHook({ name: 'anomalies', kinds: ['anomaly'] });
  await makeHook({ name: 'off', enabled: false });
  await api.alertDesk.raise(alertOf());
  await api.delivery.settled();
  expect(receiver.received).toHaveLength(0);
  await api.alertDesk.raise(alertOf({ kind: 'anomaly', severity: 'critical' }));
  await api.delivery.settled();
  expect(receiver.received).toHaveLength(2);
});

test('posts to Slack what it shows as text', async () => {
  const target = { kind: 'slack', url: `${receiver.url}/services/T0/B0/x` };
  await call('POST', '/channels', { name: 'chat', target });
  await api.alertDesk.raise(alertOf());
  await api.delivery.settled();
  expect(receiver.received.map(({ body }) => JSON.parse(body))).toEqual([
    { text: '*[high] sorter has spent &lt;80 %&gt;*\nIt spent 8 of 10 dollars.' },
  ]);
});

/** A real mail server on a free port, that knows one user. */
async function startMailServer() {
  const letters: { from: string; to: string[]; text: string }[] = [];
  const server = new SMTPServer({
    disabledCommands: ['STARTTLS'],
    allowInsecureAuth: true,
    onAuth: ({ username, password }, _session, done) => {
      if (username === 'signalbox' && password === 'opensesame') done(null, { user: username });
      else done(new Error('no such user'));
    },
    onData: (stream, { envelope }, done) => {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        const { mailFrom, rcptTo } = envelope;
        letters.push({
          from: mailFrom === false ? '' : mailFrom.address,
          to: rcptTo.map(({ address }) => address),
          text: Buffer.concat(chunks).toString('utf8'),
        });
        done();
      });
    },
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  const { port } = server.server.address() as { port: number };
  return { port, letters, close: () => new Promise<void>((resolve) => server.close(resolve)) };
}

test('sends e-mail through a mail server that asks who it is', async () => {
  const mail = await startMailServer();
  const { body } = await call('POST', '/channels', { name: 'mail', target: makeMail(mail.port) });
  await api.alertDesk.raise(alertOf());
  await api.delivery.settled();
  const [delivery] = (await call('GET', '?limit=1')).body.data[0].deliveries;
  expect(delivery).toMatchObject({ state: 'delivered', error: null });
  expect(mail.letters).toMatchObject([
    { from: 'signalbox@example.com', to: ['ada@example.com', 'bob@example.com'] },
  ]);
  const { text } = mail.letters[0]!;
  expect(text).toContain('Subject: [Signalbox] high: sorter has spent <80 %>');
  expect(text).toContain(`Message-ID: <${delivery.id}@signalbox.invalid>`);
  expect(text).toContain('It spent 8 of 10 dollars.');

  const wrong = makeMail(mail.port, { password: 'guess' });
  await call('PUT', `/channels/${body.data.id}`, { name: 'mail', target: wrong });
  const tried = await call('POST', `/channels/${body.data.id}/test`);
  expect(tried.body.data).toMatchObject({ delivered: false });
  expect(tried.body.data.error).toContain('no such user');
  expect(tried.body.data.error).not.toContain('guess');
  const safe = makeMail(mail.port, { security: 'starttls' });
  await call('PUT', `/channels/${body.data.id}`, { name: 'mail', target: safe });
  expect((await call('POST', `/channels/${body.data.id}/test`)).body.data.delivered).toBe(false);
  expect(mail.letters).toHaveLength(1);
  await mail.close();
});

test('shows no secret again, and keeps those that a change leaves out', async () => {
  const made = await makeHook({ severity_min: 'high' });
  expect(made).toMatchObject({ destination: receiver.url, secret: /^whsec_/ });
  const changed = await call('PUT', `/channels/${made.id}`, {
    name: 'hook',
    target: { kind: 'webhook' },
  });
  const one = await call('GET', `/channels/${made.id}`);
  const { secret: _secret, ...rest } = made;
  expect(changed.body.data).toEqual({ ...rest, severity_min: 'low' });
  expect(one.body.data).toEqual(changed.body.data);
  const audit = await api.store.auditLog.find('default', { targetId: made.id }, { limit: 9 });
  const everything = JSON.stringify([(await call('GET', '/channels')).body, audit]);
  expect(everything).not.toContain('hush');
  expect(everything).not.toContain('whsec_');
  expect(audit.map(({ action }) => action)).toEqual([
    'alert_channel.changed',
    'alert_channel.created',
  ]);
  const tried = await call('POST', `/channels/${made.id}/test`);
  expect(tried.body.data).toEqual({
    delivered: true,
    answer: expect.stringMatching(/^HTTP 2\d\d/),
    error: null,
  });
  expect(receiver.received[0]).toMatchObject({ path: '/hook?token=hush' });
});

test('does not give a password to another server than it was for', async () => {
  const { body } = await call('POST', '/channels', { name: 'mail', target: makeMail(25) });
  const { password: _password, ...elsewhere } = makeMail(25, { host: 'mail.example.com' });
  const answer = await call('PUT', `/channels/${body.data.id}`, {
    name: 'mail',
    target: elsewhere,
  });
  expect([answer.status, answer.body.error]).toEqual([400, 'the target needs its password']);
});

test('refuses channels that cannot be, and says what would be right', async () => {
  const refuse = async (target: unknown, rest: object = {}) => {
    const { status, body } = await call('POST', '/channels', { name: 'x', target, ...rest });
    return [status, body.code];
  };
  expect(await refuse({ kind: 'webhook', url: 'file:///etc/passwd' })).toEqual([
    400,
    'VALIDATION_ERROR',
  ]);
  expect(await refuse({ kind: 'webhook' })).toEqual([400, 'VALIDATION_ERROR']);
  expect(await refuse(makeMail(25, { to: ['nobody'] }))).toEqual([400, 'VALIDATION_ERROR']);
  expect(await refuse({ kind: 'webhook', url: 'http://x', secret: 'short' })).toEqual([
    400,
    'VALIDATION_ERROR',
  ]);
  await makeHook();
  const again = await call('POST', '/channels', {
    name: 'hook',
    target: { kind: 'slack', url: receiver.url },
  });
  expect([again.status, again.body.code]).toEqual([409, 'CONFLICT']);
  expect((await call('GET', '/channels/chn_none')).status).toBe(404);
  expect((await call('DELETE', '/channels/chn_none')).status).toBe(404);
});

test('lets nobody but administrators set channels, and readers see alerts', async () => {
  const reader = await api.keyWith('monitoring:read', 'governance:write');
  const channels = await api.call('GET', '/api/v1/alerts/channels', { key: reader });
  expect(channels.status).toBe(403);
  expect((await api.call('GET', '/api/v1/alerts', { key: reader })).status).toBe(200);
});

test('lists alerts page by page', async () => {
  for (let index = 0; index < 3; index += 1) await api.alertDesk.raise(alertOf({ kind: 'risk' }));
  const first = (await call('GET', '?kind=risk&limit=2')).body;
  const second = (await call('GET', `?kind=risk&limit=2&cursor=${first.meta.next_cursor}`)).body;
  expect([first.data.length, second.data.length, second.meta]).toEqual([
    2,
    1,
    { limit: 2, next_cursor: null },
  ]);
  expect((await call('GET', '?cursor=bm9uc2Vuc2U')).status).toBe(400);
});
