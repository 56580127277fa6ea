import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';

import { afterAll, beforeAll, expect, test } from 'vitest';

import { sightingOf, startApi, type TestApi } from '../../test/harness/api.ts';
import { DEFAULT_PROJECT } from '../auth/principal.ts';

let api: TestApi;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.close());

/** A live stream, and its next event as it came over the wire. */
async function listen() {
  const key = await api.keyWith('monitoring:read');
  const headers = { authorization: `Bearer ${key}` };
  const asked = get(`${api.url}/api/v1/live`, { headers });
  const [answer] = (await once(asked, 'response')) as [IncomingMessage];
  const chunks = answer.setEncoding('utf8')[Symbol.asyncIterator]();
  let held = '';
  const next = async (): Promise<string | undefined> => {
    while (!held.includes('\n\n')) {
      const { value, done } = await chunks.next();
      if (done === true) return undefined;
      held += value;
    }
    const [event = '', ...rest] = held.split('\n\n');
    held = rest.join('\n\n');
    return event;
  };
  return { answer, next, close: () => asked.destroy() };
}

test('what changes is told once for many changes at once, and only to its project', async () => {
  const { answer, next, close } = await listen();
  expect(answer.headers['content-type']).toBe('text/event-stream');
  expect(await next()).toBe('retry: 3000');
  api.changes.publish({ project: 'another', topic: 'costs' });
  for (let times = 0; times < 3; times++) {
    api.changes.publish({ project: DEFAULT_PROJECT, topic: 'traces' });
  }
  api.changes.publish({ project: DEFAULT_PROJECT, topic: 'agents' });
  expect(await next()).toBe('event: change\ndata: traces');
  expect(await next()).toBe('event: change\ndata: agents');
  close();
});

test('a decision through the API is told; a refused one is not', async () => {
  const { discovered } = await api.registry.observe([sightingOf('told')]);
  const key = await api.keyWith('registry:write', 'registry:read');
  const { next, close } = await listen();
  await next();
  const path = `/api/v1/agents/${discovered[0]}`;
  await api.call('PATCH', '/api/v1/agents/nobody', { key, body: { status: 'APPROVED' } });
  await api.call('PATCH', path, { key, body: { status: 'APPROVED' } });
  expect(await next()).toBe('event: change\ndata: agents');
  close();
});

test('a server that closes ends its streams', async () => {
  const other = await startApi();
  const key = await other.keyWith('monitoring:read');
  const answer = await fetch(`${other.url}/api/v1/live`, {
    headers: { authorization: `Bearer ${key}` },
  });
  const [text] = await Promise.all([answer.text(), other.close()]);
  expect(text).toBe('retry: 3000\n\n');
});
