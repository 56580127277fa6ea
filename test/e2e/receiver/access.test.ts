import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';

import type { ReceiverOptions, TestReceiver } from '../../harness/receiver.ts';
import { startReceiver } from '../../harness/receiver.ts';
import type { Answer } from './http-call.ts';
import { call, json } from './http-call.ts';

const JSON_TYPE = 'application/json';

const opened: TestReceiver[] = [];
async function start(options: ReceiverOptions = {}): Promise<TestReceiver> {
  const receiver = await startReceiver(options);
  opened.push(receiver);
  return receiver;
}
afterEach(async () => {
  for (const one of opened.splice(0)) await one.close();
});

let receiver: TestReceiver;
beforeAll(async () => {
  receiver = await startReceiver();
});
afterAll(async () => {
  await receiver.close();
});

describe('browsers', () => {
  const ORIGIN = 'https://app.example.com';
  const preflight = (url: string, origin: string): Promise<Answer> =>
    call(`${url}/v1/traces`, {
      method: 'OPTIONS',
      headers: {
        origin,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'authorization,content-type,x-team',
      },
    });

  test('of a configured origin may ask, send, and read refusals', async () => {
    const allowing = await start({ corsOrigins: [ORIGIN] });
    const { url } = allowing;
    const asked = await preflight(url, ORIGIN);
    expect(asked.status).toBe(204);
    expect(asked.headers).toMatchObject({
      'access-control-allow-origin': ORIGIN,
      'access-control-allow-methods': 'POST',
      'access-control-allow-headers': 'authorization,content-type,x-team',
      'access-control-max-age': '7200',
      vary: 'origin',
    });
    const headers = {
      origin: ORIGIN,
      'content-type': JSON_TYPE,
      authorization: `Bearer ${await allowing.keyWith('telemetry:write')}`,
    };
    const sent = await call(`${url}/v1/traces`, { headers, body: '{}' });
    expect([sent.status, sent.headers['access-control-allow-origin']]).toEqual([200, ORIGIN]);
    for (const [refusal, status] of [
      [{ authorization: 'Bearer sbx_wrong' }, 401],
      [{ 'content-type': 'nothing' }, 415],
      [{ 'content-type': ';' }, 415],
      [{ 'content-encoding': 'br' }, 400],
    ] as const) {
      const answer = await call(`${url}/v1/traces`, {
        headers: { ...headers, ...refusal },
        body: '{}',
      });
      expect([answer.status, answer.headers['access-control-allow-origin']]).toEqual([
        status,
        ORIGIN,
      ]);
      expect(answer.headers['access-control-expose-headers']).toBe('retry-after');
    }
  });

  test('of any other origin are told nothing', async () => {
    const { url } = await start({ corsOrigins: [ORIGIN] });
    for (const origin of ['https://evil.example', 'null', `${ORIGIN}.evil.example`]) {
      const asked = await preflight(url, origin);
      expect(asked.headers['access-control-allow-origin']).toBeUndefined();
      expect(asked.headers.vary).toBe('origin');
    }
    expect(
      (await preflight(receiver.url, ORIGIN)).headers['access-control-allow-origin'],
    ).toBeUndefined();
  });

  test('of any origin may send where * is configured', async () => {
    const { url } = await start({ corsOrigins: ['*'] });
    const asked = await preflight(url, 'https://any.example');
    expect(asked.headers['access-control-allow-origin']).toBe('https://any.example');
  });
});

describe('credentials', () => {
  const send = async (
    one: TestReceiver,
    headers: Record<string, string>,
  ): Promise<[number, unknown]> => {
    const answer = await call(`${one.url}/v1/traces`, {
      headers: { 'content-type': JSON_TYPE, ...headers },
      body: '{}',
    });
    return [answer.status, (json(answer) as { code?: number }).code];
  };

  test('decide who may send', async () => {
    const good = await receiver.keyWith('telemetry:write');
    const poor = await receiver.keyWith('monitoring:read');
    const person = await receiver.login();
    const basic = (secret: string) => Buffer.from(`any:${secret}`).toString('base64');
    expect(await send(receiver, {})).toEqual([200, undefined]);
    expect(await send(receiver, { authorization: `Bearer ${good}` })).toEqual([200, undefined]);
    expect(await send(receiver, { authorization: `Basic ${basic(good)}` })).toEqual([
      200,
      undefined,
    ]);
    expect(await send(receiver, { 'x-api-key': good })).toEqual([200, undefined]);
    expect(await send(receiver, { authorization: `Bearer ${person}` })).toEqual([200, undefined]);
    expect(await send(receiver, { authorization: `Bearer ${poor}` })).toEqual([403, 7]);
    for (const wrong of ['Bearer sbx_wrong', 'Bearer', 'nonsense', `Bearer ${person}x`]) {
      expect(await send(receiver, { authorization: wrong }), wrong).toEqual([401, 16]);
    }
    expect(await send(receiver, { 'x-api-key': 'wrong' })).toEqual([401, 16]);
  });

  test('are needed where a browser or another machine may be behind it', async () => {
    const exposed = await start({ exposed: true });
    expect(await send(exposed, {})).toEqual([401, 16]);
    const key = await exposed.keyWith('telemetry:write');
    expect(await send(exposed, { authorization: `Bearer ${key}` })).toEqual([200, undefined]);
    for (const headers of [
      { origin: receiver.url },
      { 'sec-fetch-site': 'none' },
      { 'x-forwarded-for': '10.0.0.1' },
      { forwarded: 'for=10.0.0.1' },
    ] as Record<string, string>[]) {
      expect(await send(receiver, headers), JSON.stringify(headers)).toEqual([401, 16]);
    }
  });
});
