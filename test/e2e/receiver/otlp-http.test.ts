import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { deflateRawSync, deflateSync, gzipSync } from 'node:zlib';

import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';

import { AppError } from '../../../src/errors.ts';
import { transcodeJson } from '../../../src/otlp/transcode-json.ts';
import { eventually } from '../../harness/eventually.ts';
import type { ReceiverOptions, TestReceiver } from '../../harness/receiver.ts';
import { startReceiver } from '../../harness/receiver.ts';
import type { Answer } from './http-call.ts';
import { call, json } from './http-call.ts';

const BASES = ['', '/api/v1/otel', '/api/v1/ingest', '/api/public/otel'] as const;
const SIGNALS = ['traces', 'metrics', 'logs'] as const;
const JSON_TYPE = 'application/json';
const PROTOBUF_TYPE = 'application/x-protobuf';

const SPAN = { traceId: '01'.repeat(16), spanId: '02'.repeat(8), name: 'invoke_agent a' };
const scopeSpans = (...spans: unknown[]) => ({ resourceSpans: [{ scopeSpans: [{ spans }] }] });
const BODIES = {
  traces: scopeSpans(SPAN),
  metrics: {
    resourceMetrics: [
      {
        scopeMetrics: [
          { metrics: [{ name: 'm', gauge: { dataPoints: [{ timeUnixNano: '1', asDouble: 1 }] } }] },
        ],
      },
    ],
  },
  logs: { resourceLogs: [{ scopeLogs: [{ logRecords: [{ body: { stringValue: 'x' } }] }] }] },
};
const ACCEPTED = {
  traces: 'accepted_spans',
  metrics: 'accepted_data_points',
  logs: 'accepted_log_records',
};

/** `google.rpc.Status` in protocol buffers: code = 1, message = 2, details = 3. */
function decodeStatus(body: Buffer): { code: number; message: string; hasDetails: boolean } {
  expect(body[0]).toBe(0x08);
  expect(body[2]).toBe(0x12);
  const long = body[3]! >= 0x80;
  const length = long ? (body[3]! & 0x7f) + body[4]! * 0x80 : body[3]!;
  const at = long ? 5 : 4;
  const hasDetails = body[at + length] === 0x1a;
  return { code: body[1]!, message: body.toString('utf8', at, at + length), hasDetails };
}

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
  expect(receiver.admission.bytes).toBe(0);
  await receiver.close();
});

const inJson = (
  path = '/v1/traces',
  body: unknown = BODIES.traces,
  headers: Record<string, string> = {},
): Promise<Answer> =>
  call(`${receiver.url}${path}`, {
    headers: { 'content-type': JSON_TYPE, ...headers },
    body: JSON.stringify(body),
  });

describe.each(BASES.flatMap((base) => SIGNALS.map((signal) => ({ base, signal }))))(
  'POST $base/v1/$signal',
  ({ base, signal }) => {
    const path = `${base}/v1/${signal}`;
    const protobuf = transcodeJson(signal, Buffer.from(JSON.stringify(BODIES[signal])));
    const data = { [ACCEPTED[signal]]: 1, agents_discovered: signal === 'traces' ? 1 : 0 };

    test('answers protocol buffers with protocol buffers, empty on full success', async () => {
      const headers = { 'content-type': PROTOBUF_TYPE };
      const answer = await call(`${receiver.url}${path}`, { headers, body: protobuf });
      expect(answer.status).toBe(200);
      expect(answer.headers['content-type']).toBe(PROTOBUF_TYPE);
      expect(answer.headers['content-length']).toBe('0');
      expect(receiver.received.at(-1)).toMatchObject({ signal, encoding: 'protobuf' });
    });

    test('answers JSON with JSON, whatever parameters the content type has', async () => {
      const answer = await inJson(path, BODIES[signal], {
        'content-type': 'Application/JSON; charset=utf-8',
      });
      expect(answer.status).toBe(200);
      expect(answer.headers['content-type']).toBe(JSON_TYPE);
      const answered = json(answer) as { data?: { agents_discovered: number } };
      if (base === '') expect(answered).toEqual({});
      else {
        const discovered = answered.data!.agents_discovered;
        expect(answered).toEqual({
          success: true,
          data: { ...data, agents_discovered: discovered },
        });
      }
    });

    test('takes an empty request as a success', async () => {
      for (const [type, body] of [
        [JSON_TYPE, '{}'],
        [PROTOBUF_TYPE, ''],
      ] as const) {
        const headers = { 'content-type': type, 'content-length': body.length };
        const answer = await call(`${receiver.url}${path}`, { headers, body });
        expect({ status: answer.status, type: answer.headers['content-type'] }).toEqual({
          status: 200,
          type,
        });
      }
    });

    test('answers what cannot be decoded with 400 and a Status in the same encoding', async () => {
      const broken = await inJson(path, '[');
      expect(broken.status).toBe(400);
      expect(broken.headers['content-type']).toBe(JSON_TYPE);
      const status = json(broken) as { code: number; message: string; success?: boolean };
      expect(status.code).toBe(3);
      expect(status.message).not.toBe('');
      expect(status.success).toBe(base === '' ? undefined : false);
      const binary = await call(`${receiver.url}${path}`, {
        headers: { 'content-type': PROTOBUF_TYPE },
        body: Buffer.from([0x0a, 0xff]),
      });
      expect(binary.status).toBe(400);
      expect(binary.headers['content-type']).toBe(PROTOBUF_TYPE);
      expect(decodeStatus(binary.body)).toMatchObject({ code: 3, hasDetails: true });
    });

    test('is only for POST, and says so', async () => {
      for (const method of ['GET', 'PUT', 'DELETE']) {
        const answer = await call(`${receiver.url}${path}`, { method });
        expect(answer.status).toBe(405);
        expect(answer.headers.allow).toBe('POST, OPTIONS');
        expect(json(answer)).toMatchObject({ code: 12 });
      }
    });
  },
);

test('a bad span is a counted rejection with a reason, and the good one is taken', async () => {
  const body = scopeSpans(SPAN, { ...SPAN, spanId: '' }, { ...SPAN, traceId: '00'.repeat(16) });
  const message =
    '2 spans rejected: span_id is missing or all zeros (1); trace_id is missing or all zeros (1)';
  expect(json(await inJson('/v1/traces', body))).toEqual({
    partialSuccess: { rejectedSpans: '2', errorMessage: message },
  });
  expect(json(await inJson('/api/v1/ingest/v1/traces', body))).toMatchObject({
    partialSuccess: { rejectedSpans: '2', errorMessage: message },
    success: true,
    data: { accepted_spans: 1 },
  });
  const binary = await call(`${receiver.url}/v1/traces`, {
    headers: { 'content-type': PROTOBUF_TYPE },
    body: transcodeJson('traces', Buffer.from(JSON.stringify(body))),
  });
  const inner = Buffer.concat([
    Buffer.from([0x08, 2, 0x12, message.length]),
    Buffer.from(message, 'utf8'),
  ]);
  expect(binary.status).toBe(200);
  expect(binary.body).toEqual(Buffer.concat([Buffer.from([0x0a, inner.length]), inner]));
});

test.each([
  ['gzip', gzipSync],
  ['x-gzip', gzipSync],
  ['GZIP', gzipSync],
  ['deflate', deflateSync],
  ['deflate', deflateRawSync],
  ['identity', (body: Buffer) => body],
  ['', (body: Buffer) => body],
])('reads the content encoding %j', async (encoding, compress) => {
  const body = compress(Buffer.from(JSON.stringify(BODIES.traces)));
  const headers = { 'content-type': JSON_TYPE, 'content-encoding': encoding };
  const answer = await call(`${receiver.url}/v1/traces`, { headers, body });
  expect([answer.status, json(answer)]).toEqual([200, {}]);
});

test.each(['br', 'zstd', 'gzip, gzip'])('refuses the content encoding %j by name', async (name) => {
  const answer = await inJson('/v1/traces', {}, { 'content-encoding': name });
  expect(answer.status).toBe(400);
  expect(json(answer)).toMatchObject({
    code: 3,
    message: expect.stringContaining(name) as unknown,
  });
});

test.each(['text/plain', 'application/grpc', 'garbage', ';', 'a/b/c; ='])(
  'refuses the content type %j in JSON',
  async (type) => {
    const answer = await inJson('/v1/traces', {}, { 'content-type': type });
    expect([answer.status, answer.headers['content-type']]).toEqual([415, JSON_TYPE]);
    expect(json(answer)).toMatchObject({
      code: 3,
      message: `content type ${JSON.stringify(type)} is not supported; send application/x-protobuf or application/json`,
    });
  },
);

test('refuses a body without a content type', async () => {
  const answer = await call(`${receiver.url}/v1/traces`, { body: '{}' });
  expect([answer.status, json(answer)]).toMatchObject([415, { code: 3 }]);
});

test.each([
  '/',
  '/api/v1/otel',
  '/v1/traces/v1/traces',
  '/v1/traces/v1/metrics',
  '/api/v1/ingest/v1/logs/v1/logs',
  '/v1/logs/',
])('shows who posts to %s the way, in the encoding of the request', async (path) => {
  const answer = await inJson(path);
  expect([answer.status, answer.headers['content-type']]).toEqual([404, JSON_TYPE]);
  expect(json(answer)).toMatchObject({
    code: 5,
    message: expect.stringContaining(
      `/v1/traces, /v1/metrics and /v1/logs, not at ${path}`,
    ) as unknown,
  });
  const headers = { 'content-type': PROTOBUF_TYPE };
  const binary = await call(`${receiver.url}${path}`, { headers, body: Buffer.alloc(10) });
  expect([binary.status, binary.headers['content-type']]).toEqual([404, PROTOBUF_TYPE]);
  expect(decodeStatus(binary.body).code).toBe(5);
});

describe('limits', () => {
  const LIMIT = 10_000;

  test('a body over the limit is 413, announced or not, and however it is compressed', async () => {
    const { url, admission } = await start({ requestBytesMax: LIMIT });
    const large = Buffer.from(JSON.stringify(scopeSpans({ ...SPAN, name: 'n'.repeat(LIMIT) })));
    for (const type of [JSON_TYPE, PROTOBUF_TYPE]) {
      for (const headers of [
        { 'content-length': large.length },
        { 'transfer-encoding': 'chunked' },
      ] as Record<string, string | number>[]) {
        const answer = await call(`${url}/v1/traces`, {
          headers: { ...headers, 'content-type': type },
          body: large,
        });
        expect([answer.status, answer.headers['content-type']]).toEqual([413, type]);
      }
    }
    const headers = { 'content-type': JSON_TYPE, 'content-encoding': 'gzip' };
    const bomb = await call(`${url}/v1/traces`, { headers, body: gzipSync(large) });
    expect([bomb.status, json(bomb)]).toMatchObject([413, { code: 8 }]);
    expect(admission.bytes).toBe(0);
  });

  test('a large refused body is read to its end, and the connection serves on', async () => {
    const { url } = await start({ requestBytesMax: LIMIT });
    const { hostname, port } = new URL(url);
    const socket = connect(Number(port), hostname);
    let answers = '';
    socket.setEncoding('utf8').on('data', (text: string) => (answers += text));
    const body = Buffer.alloc(8 << 20, ' ');
    const head = (type: string, length: number): string =>
      `POST /v1/traces HTTP/1.1\r\nHost: x\r\nContent-Type: ${type}\r\nContent-Length: ${length}\r\n\r\n`;
    for (const type of [JSON_TYPE, 'text/plain']) {
      socket.write(head(type, body.length));
      socket.write(body);
    }
    socket.write(`${head(JSON_TYPE, 2)}{}`);
    const statuses = await eventually('three answers', () => {
      const found = [...answers.matchAll(/HTTP\/1\.1 (\d+)/g)].map((match) => match[1]);
      return found.length === 3 ? found : undefined;
    });
    expect(statuses).toEqual(['413', '415', '200']);
    socket.destroy();
  });

  test('more than fits in memory is 429 with a time to come back, and room is given back', async () => {
    const holding = await start({ inflightBytesMax: 5_000 });
    const { url, admission } = holding;
    const body = JSON.stringify(scopeSpans({ ...SPAN, name: 'n'.repeat(3_000) }));
    const headers = { 'content-type': JSON_TYPE };
    const release = holding.hold();
    const first = call(`${url}/v1/traces`, { headers, body });
    await eventually('the first request', () => (admission.bytes > 3_000 ? true : undefined));
    for (const encoding of [
      { 'content-length': body.length },
      { 'transfer-encoding': 'chunked' },
    ] as Record<string, string | number>[]) {
      const second = await call(`${url}/v1/traces`, { headers: { ...headers, ...encoding }, body });
      expect([second.status, second.headers['retry-after'], json(second)]).toEqual([
        429,
        '1',
        {
          code: 8,
          message: expect.any(String) as unknown,
          details: [{ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '1s' }],
        },
      ]);
    }
    release();
    expect((await first).status).toBe(200);
    expect(admission.bytes).toBe(0);
  });

  test('a connection that ends in the midst of a body gives its memory back', async () => {
    const { hostname, port } = new URL(receiver.url);
    const socket = connect(Number(port), hostname);
    socket.write(
      `POST /v1/traces HTTP/1.1\r\nHost: x\r\nContent-Type: ${JSON_TYPE}\r\nContent-Length: 100000\r\n\r\n${'x'.repeat(50_000)}`,
    );
    await eventually('the body', () => (receiver.admission.bytes >= 50_000 ? true : undefined));
    socket.destroy();
    await eventually('the memory', () => (receiver.admission.bytes === 0 ? true : undefined));
    expect((await inJson()).status).toBe(200);
  });

  test('a body that does not arrive in time is 408, and holds nobody else up', async () => {
    const { url, admission } = await start({ bodyTimeoutMs: 300, inflightBytesMax: 2 << 20 });
    const { hostname, port } = new URL(url);
    const slow = Array.from({ length: 10 }, async () => {
      const socket = connect(Number(port), hostname);
      let answer = '';
      socket.setEncoding('utf8').on('data', (text: string) => (answer += text));
      socket.write(
        `POST /v1/traces HTTP/1.1\r\nHost: x\r\nContent-Type: ${JSON_TYPE}\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n`,
      );
      await new Promise((resolve) => socket.on('close', resolve));
      return answer.split('\r\n')[0];
    });
    const headers = { 'content-type': JSON_TYPE };
    expect((await call(`${url}/v1/traces`, { headers, body: '{}' })).status).toBe(200);
    expect(await Promise.all(slow)).toEqual(slow.map(() => 'HTTP/1.1 408 Request Timeout'));
    expect(admission.bytes).toBe(0);
  });

  test('a sender that asks whether to continue is told to', async () => {
    const body = JSON.stringify(BODIES.traces);
    const answer = await new Promise<number>((resolve, reject) => {
      const headers = {
        'content-type': JSON_TYPE,
        expect: '100-continue',
        'content-length': body.length,
      };
      const sending = httpRequest(`${receiver.url}/v1/traces`, { method: 'POST', headers });
      sending.on('continue', () => sending.end(body));
      sending.on('response', (response) => {
        response.resume();
        resolve(response.statusCode!);
      });
      sending.on('error', reject);
      sending.flushHeaders();
    });
    expect(answer).toBe(200);
  });
});

describe('refusals that pass', () => {
  test('a full disk and a shutdown are 503 with a time to come back, in both encodings', async () => {
    const full = await start({
      refusal: new AppError('STORAGE_FULL', undefined, { retryAfterSeconds: 5 }),
    });
    const closing = await start();
    closing.intake.close();
    for (const { url } of [full, closing]) {
      const headers = { 'content-type': PROTOBUF_TYPE };
      const binary = await call(`${url}/v1/logs`, { headers, body: Buffer.alloc(0) });
      expect([binary.status, binary.headers['retry-after']]).toEqual([503, '5']);
      expect(decodeStatus(binary.body)).toMatchObject({ code: 14, hasDetails: true });
      const text = await call(`${url}/v1/logs`, {
        headers: { 'content-type': JSON_TYPE },
        body: '{}',
      });
      expect(json(text)).toMatchObject({
        code: 14,
        details: [{ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '5s' }],
      });
    }
  });

  test('what nobody foresaw is 500, which a sender does not repeat', async () => {
    const { url, admission } = await start({ failure: new Error('a bug') });
    const headers = { 'content-type': JSON_TYPE };
    const answer = await call(`${url}/v1/traces`, { headers, body: '{}' });
    expect([answer.status, answer.headers['retry-after'], json(answer)]).toEqual([
      500,
      undefined,
      { code: 13, message: 'a bug' },
    ]);
    expect(admission.bytes).toBe(0);
  });
});
