import { Agent, request as httpRequest } from 'node:http';
import type { IncomingHttpHeaders } from 'node:http';
import { connect } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { gzipSync } from 'node:zlib';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { startServer } from '../../harness/server.ts';
import type { TestServer } from '../../harness/server.ts';
import { encodeRequest } from './numbered-request.ts';
import { createLedger, send } from './sender.ts';

const LIMIT_BYTES = 64 * 1024 * 1024;
const JSON_TYPE = 'application/json';
const PROTOBUF_TYPE = 'application/x-protobuf';

let server: TestServer;
beforeAll(async () => {
  server = await startServer({ env: { SIGNALBOX_BODY_TIMEOUT_MS: '2000' } });
});
afterAll(async () => {
  await server.dispose();
});

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  /** The request went over a connection that had served another before. */
  readonly reused: boolean;
}

async function post(
  headers: Readonly<Record<string, string | number>>,
  body: Buffer | Readable,
  // Exporters keep their connections open.
  agent = new Agent({ keepAlive: true }),
): Promise<Answer> {
  return await new Promise((resolve, reject) => {
    const sending = httpRequest(`${server.url}/v1/traces`, {
      method: 'POST',
      headers,
      agent,
    });
    sending.on('response', (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () =>
        resolve({
          status: response.statusCode!,
          headers: response.headers,
          body: Buffer.concat(chunks),
          reused: sending.reusedSocket,
        }),
      );
    });
    sending.on('error', reject);
    if (Buffer.isBuffer(body)) sending.end(body);
    // The server may answer before all is sent.
    else pipeline(body, sending).catch(() => undefined);
  });
}

/** `google.rpc.Status`: code = 1, message = 2. */
function decodeStatus(body: Buffer): { code: number; message: string } {
  // The message begins at its second field: tag, length, text.
  expect(body[0]).toBe(0x08);
  expect(body[2]).toBe(0x12);
  const at = body[3]! < 0x80 ? 4 : 5;
  return { code: body[1]!, message: body.toString('utf8', at) };
}

function statusOf({ headers, body }: Answer): { code: number; message: string } {
  return headers['content-type'] === PROTOBUF_TYPE
    ? decodeStatus(body)
    : (JSON.parse(body.toString('utf8')) as { code: number; message: string });
}

async function isServing(): Promise<boolean> {
  const request = encodeRequest(
    'traces',
    { lane: 9, index: Math.floor(performance.now() * 1000) },
    { encoding: 'json', gzip: false },
  );
  return (await send(server.url, request, createLedger())) === 200;
}

function* zeros(bytes: number): Iterable<Buffer> {
  const chunk = Buffer.alloc(1 << 20);
  for (let sent = 0; sent < bytes; sent += chunk.length) yield chunk;
}

describe.each([JSON_TYPE, PROTOBUF_TYPE])('a request in %s', (type) => {
  test('whose announced length is over 64 MiB is answered with 413', async () => {
    const bytes = LIMIT_BYTES + (1 << 20);
    const answer = await post(
      { 'content-type': type, 'content-length': bytes },
      Readable.from(zeros(bytes)),
    );
    expect(answer.status).toBe(413);
    expect(answer.headers['content-type']).toBe(type);
    expect(statusOf(answer).message).toContain(`the limit is ${LIMIT_BYTES}`);
    expect(await isServing()).toBe(true);
  });

  test('that grows over 64 MiB in chunks is answered with 413', async () => {
    const answer = await post(
      { 'content-type': type },
      Readable.from(zeros(LIMIT_BYTES + (4 << 20))),
    );
    expect(answer.status).toBe(413);
    expect(statusOf(answer).message).toContain(`the limit is ${LIMIT_BYTES}`);
    expect(await isServing()).toBe(true);
  });

  test('that inflates to a gigabyte is answered with 413', async () => {
    const bomb = gzipSync(Buffer.alloc(1 << 30));
    const before = performance.now();
    const answer = await post({ 'content-type': type, 'content-encoding': 'gzip' }, bomb);
    expect(answer.status).toBe(413);
    expect(statusOf(answer).message).toContain(`larger than ${LIMIT_BYTES} bytes`);
    // It stops at the limit: a gigabyte alone would take longer.
    expect(performance.now() - before).toBeLessThan(3_000);
    expect(await isServing()).toBe(true);
  });

  test('that is no telemetry is answered with 400 and leaves the connection as it was', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const first = await post({ 'content-type': type }, Buffer.from('{"resourceSpans":'), agent);
    expect(first.status).toBe(400);
    expect(first.headers['content-type']).toBe(type);
    expect(statusOf(first)).toMatchObject({ code: 3 });
    expect(statusOf(first).message).toContain('cannot decode OTLP');
    const nothing = Buffer.from(type === JSON_TYPE ? '{}' : '');
    const second = await post({ 'content-type': type }, nothing, agent);
    expect({ status: second.status, reused: second.reused }).toEqual({ status: 200, reused: true });
    agent.destroy();
  });

  test('that is not what its content encoding says is answered with 400', async () => {
    const answer = await post(
      { 'content-type': type, 'content-encoding': 'gzip' },
      Buffer.from('plain'),
    );
    expect(answer.status).toBe(400);
    expect(statusOf(answer).message).toContain('cannot decompress a gzip body of 5 bytes');
  });

  test('in a content encoding that is not known is answered with 400', async () => {
    const answer = await post(
      { 'content-type': type, 'content-encoding': 'br' },
      Buffer.from('plain'),
    );
    expect(answer.status).toBe(400);
    expect(answer.headers['content-type']).toBe(type);
    expect(statusOf(answer).message).toContain('"br"');
  });
});

test('a request in a content type that is not known is answered with 415, in JSON', async () => {
  const answer = await post({ 'content-type': 'text/plain' }, Buffer.from('hello'));
  expect(answer.status).toBe(415);
  expect(answer.headers['content-type']).toBe(JSON_TYPE);
  expect(statusOf(answer)).toMatchObject({
    code: 3,
    message:
      'content type "text/plain" is not supported; send application/x-protobuf or application/json',
  });
});

test('bodies that never end hold nobody else up, and are cut off', async () => {
  const { hostname, port } = new URL(server.url);
  const slow = Array.from({ length: 40 }, () => {
    const socket = connect(Number(port), hostname);
    let answer = '';
    socket.setEncoding('utf8').on('data', (text: string) => (answer += text));
    socket.write(
      `POST /v1/traces HTTP/1.1\r\nHost: ${hostname}\r\nContent-Type: ${JSON_TYPE}\r\nContent-Length: ${LIMIT_BYTES}\r\n\r\n{`,
    );
    return new Promise<string>((resolve) => {
      socket.on('close', () => resolve(answer.slice(0, answer.indexOf('\r\n'))));
      socket.on('error', () => undefined);
    });
  });
  for (let index = 0; index < 20; index++) expect(await isServing()).toBe(true);
  expect(await Promise.all(slow)).toEqual(slow.map(() => 'HTTP/1.1 408 Request Timeout'));
});
