import { writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, expect, test } from 'vitest';

import { startTestGateway, type TestGateway } from '../../../test/harness/gateway.ts';

let backend: Server;
let gateway: TestGateway;
let last: { method: string; url: string; headers: IncomingMessage['headers']; body: string };

beforeAll(async () => {
  backend = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      last = { method: request.method!, url: request.url!, headers: request.headers, body };
      const path = request.url!.split('?')[0]!;
      if (path === '/v1/huge') response.end('x'.repeat(3_000_000));
      else if (path === '/v1/drip') response.write('{');
      else if (path === '/v1/moved') response.writeHead(302, { location: '/v1/secret' }).end();
      else response.writeHead(path === '/v1/broken' ? 503 : 200).end('{"ok":true}');
    });
  });
  await new Promise<void>((resolve) => backend.listen(0, '127.0.0.1', resolve));
  const { port } = backend.address() as AddressInfo;
  const get = (operationId: string) => ({ get: { operationId } });
  const document = {
    openapi: '3.0.0',
    servers: [{ url: `http://127.0.0.1:${port}/v1` }],
    paths: {
      '/orders/{id}': {
        parameters: [{ $ref: '#/components/parameters/Id' }],
        get: { operationId: 'getOrder', parameters: [{ name: 'expand', in: 'query' }] },
        put: {
          operationId: 'findOrder',
          parameters: [
            { name: 'tags', in: 'query', style: 'form', explode: false },
            { name: 'pipes', in: 'query', style: 'pipeDelimited', explode: false },
            { name: 'old', in: 'query', type: 'array', items: { type: 'string' } },
            { name: 'filter', in: 'query', style: 'deepObject', explode: true },
            { name: 'X-Ids', in: 'header', schema: { type: 'array' } },
            { name: 'session', in: 'cookie', schema: { type: 'string' } },
          ],
        },
        post: {
          operationId: 'updateOrder',
          requestBody: {
            required: true,
            content: { 'application/json': { schema: { $ref: '#/components/schemas/Order' } } },
          },
        },
      },
      '/huge': get('getHuge'),
      '/drip': get('getDrip'),
      '/moved': get('getMoved'),
      '/broken': get('getBroken'),
    },
    components: {
      parameters: { Id: { name: 'id', in: 'path', required: true, schema: { type: 'string' } } },
      schemas: {
        Order: { type: 'object', properties: { parent: { $ref: '#/components/schemas/Order' } } },
      },
    },
  };
  const file = join(tmpdir(), `signalbox-openapi-${process.pid}.json`);
  writeFileSync(file, JSON.stringify(document));
  gateway = await startTestGateway({
    loop_guard: false,
    policies: [{ name: 'all', rules: [{ tools: ['shop.*'], action: 'allow' }] }],
    openapi: [
      {
        name: 'shop',
        file,
        headers: { 'x-secret': 's' },
        timeout_seconds: 0.3,
        result_bytes_max: 1_000_000,
      },
    ],
  });
});
afterAll(async () => {
  await gateway.close();
  backend.closeAllConnections();
  await new Promise((resolve) => backend.close(resolve));
});

test('operations are tools, with references followed and cycles ended', async () => {
  const tools = (await gateway.ask('GET', '/tools')).body as {
    name: string;
    input_schema: object;
  }[];
  expect(tools.map(({ name }) => name)).toEqual([
    'shop.find_order',
    'shop.get_broken',
    'shop.get_drip',
    'shop.get_huge',
    'shop.get_moved',
    'shop.get_order',
    'shop.update_order',
  ]);
  expect(tools[5]!.input_schema).toEqual({
    type: 'object',
    properties: { id: { type: 'string' }, expand: { type: 'string' } },
    required: ['id'],
  });
  expect(tools[6]!.input_schema).toMatchObject({ required: ['id', 'body'] });
});

test('arguments go where the document says, with the call as the parent of what follows', async () => {
  const answer = await gateway.tool('shop.get_order', { id: 'a/b c', expand: ['x', 'y'] });
  expect(answer.body.result).toEqual({ ok: true });
  expect(last).toMatchObject({
    method: 'GET',
    url: '/v1/orders/a%2Fb%20c?expand=x&expand=y',
    body: '',
  });
  const [entry] = (await gateway.ask('GET', '/traces')).body;
  expect(last.headers).toMatchObject({
    traceparent: `00-${entry.trace_id}-${entry.span_id}-01`,
    'x-secret': 's',
  });
  await gateway.tool('shop.update_order', { id: '7', amount: 5 });
  expect(last).toMatchObject({ method: 'POST', url: '/v1/orders/7', body: '{"amount":5}' });
  await gateway.tool('shop.update_order', { id: '7', body: { amount: 6 } });
  expect(last.body).toBe('{"amount":6}');
});

test('lists and objects are written as the document says, and cookies are sent', async () => {
  await gateway.tool('shop.find_order', {
    id: [7, 8],
    tags: ['x', 'y&z'],
    pipes: ['a', 'b'],
    old: ['c', 'd'],
    filter: { status: 'open', owner: 'a b' },
    'X-Ids': [1, 2],
    session: 's;1',
  });
  expect(decodeURIComponent(last.url)).toBe(
    '/v1/orders/7,8?tags=x,y&z&pipes=a|b&old=c,d&filter[status]=open&filter[owner]=a+b',
  );
  expect(last.url).toContain('y%26z');
  expect(last.headers).toMatchObject({ 'x-ids': '1,2', cookie: 'session=s%3B1' });
});

test.each([
  ['shop.get_order', { id: '..' }, 400],
  ['shop.get_order', {}, 400],
  ['shop.get_huge', {}, 502],
  ['shop.get_drip', {}, 502],
  ['shop.get_broken', {}, 502],
  ['shop.get_moved', {}, 200],
])('%s with %j is answered %i', async (tool, params, status) => {
  const answer = await gateway.tool(tool, params);
  expect(answer.status).toBe(status);
});

test('a redirect is an answer and is not followed', async () => {
  await gateway.tool('shop.get_moved');
  expect(last.url).toBe('/v1/moved');
  const [entry] = (await gateway.ask('GET', '/traces?tool=shop.get_moved')).body;
  expect(entry).toMatchObject({ status_code: 302, policy: 'allow' });
});
