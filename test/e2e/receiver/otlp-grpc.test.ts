import { connect as connectHttp2 } from 'node:http2';
import { connect } from 'node:net';

import * as grpc from '@grpc/grpc-js';
import { afterEach, describe, expect, test } from 'vitest';

import { AppError } from '../../../src/errors.ts';
import { transcodeJson } from '../../../src/otlp/transcode-json.ts';
import { eventually } from '../../harness/eventually.ts';
import type { ReceiverOptions, TestReceiver } from '../../harness/receiver.ts';
import { startReceiver } from '../../harness/receiver.ts';

const PATHS = {
  traces: '/opentelemetry.proto.collector.trace.v1.TraceService/Export',
  metrics: '/opentelemetry.proto.collector.metrics.v1.MetricsService/Export',
  logs: '/opentelemetry.proto.collector.logs.v1.LogsService/Export',
};
const SIGNALS = ['traces', 'metrics', 'logs'] as const;
const SPAN = { traceId: '01'.repeat(16), spanId: '02'.repeat(8), name: 'invoke_agent a' };

const encode = (...spans: unknown[]): Buffer =>
  Buffer.from(
    transcodeJson(
      'traces',
      Buffer.from(JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans }] }] })),
    ),
  );

const opened: TestReceiver[] = [];
const clients: grpc.Client[] = [];
afterEach(async () => {
  for (const client of clients.splice(0)) client.close();
  for (const one of opened.splice(0)) await one.close();
});

async function start(options: ReceiverOptions = {}): Promise<TestReceiver> {
  const receiver = await startReceiver(options);
  opened.push(receiver);
  return receiver;
}

interface Answer {
  readonly code: grpc.status;
  readonly details: string;
  readonly body?: Buffer | undefined;
  readonly status?: Buffer | undefined;
}

const pass = (bytes: Buffer): Buffer => bytes;

function call(
  receiver: TestReceiver,
  body: Buffer,
  options: { path?: string; headers?: Record<string, string>; gzip?: boolean } = {},
): Promise<Answer> {
  const client = new grpc.Client(receiver.grpcAddress, grpc.credentials.createInsecure(), {
    'grpc.max_send_message_length': -1,
    ...(options.gzip === true && {
      'grpc.default_compression_algorithm': grpc.compressionAlgorithms.gzip,
    }),
  });
  clients.push(client);
  const metadata = new grpc.Metadata();
  for (const [name, value] of Object.entries(options.headers ?? {})) metadata.set(name, value);
  return new Promise((resolve) => {
    const path = options.path ?? PATHS.traces;
    client.makeUnaryRequest(path, pass, pass, body, metadata, (error, answer) => {
      if (error === null) resolve({ code: grpc.status.OK, details: '', body: answer });
      else {
        const status = error.metadata.get('grpc-status-details-bin')[0];
        resolve({ code: error.code, details: error.details, status: status as Buffer | undefined });
      }
    });
  });
}

test.each(SIGNALS)('takes %s, plain and compressed, and an empty request', async (signal) => {
  const receiver = await start();
  const path = PATHS[signal];
  const body = signal === 'traces' ? encode({ ...SPAN, name: 'n'.repeat(5_000) }) : Buffer.alloc(0);
  for (const gzip of [false, true]) {
    expect(await call(receiver, body, { path, gzip })).toEqual({
      code: grpc.status.OK,
      details: '',
      body: Buffer.alloc(0),
    });
  }
  await call(receiver, Buffer.alloc(0), { path });
  expect(receiver.received.map((request) => request.signal)).toEqual([signal, signal, signal]);
  expect(receiver.admission.bytes).toBe(0);
});

test('counts a bad span as rejected, with a reason', async () => {
  const receiver = await start();
  const { code, body } = await call(receiver, encode(SPAN, { ...SPAN, spanId: '' }));
  const message = '1 span rejected: span_id is missing or all zeros (1)';
  const inner = Buffer.concat([Buffer.from([0x08, 1, 0x12, message.length]), Buffer.from(message)]);
  expect({ code, body }).toEqual({
    code: grpc.status.OK,
    body: Buffer.concat([Buffer.from([0x0a, inner.length]), inner]),
  });
});

test('refuses what cannot be decoded, and services that are not there', async () => {
  const receiver = await start();
  const broken = await call(receiver, Buffer.from([0x0a, 0xff]));
  expect(broken.code).toBe(grpc.status.INVALID_ARGUMENT);
  expect(broken.details).toContain('cannot decode OTLP traces request of 2 bytes');
  expect((await call(receiver, Buffer.alloc(0), { path: '/no.Service/Export' })).code).toBe(
    grpc.status.UNIMPLEMENTED,
  );
  expect(receiver.admission.bytes).toBe(0);
});

describe('limits', () => {
  test('a message over the limit is RESOURCE_EXHAUSTED, not to be sent again', async () => {
    const receiver = await start({ requestBytesMax: 100_000 });
    for (const gzip of [false, true]) {
      const answer = await call(receiver, encode({ ...SPAN, name: 'n'.repeat(200_000) }), { gzip });
      expect({ code: answer.code, status: answer.status }).toEqual({
        code: grpc.status.RESOURCE_EXHAUSTED,
        status: undefined,
      });
    }
  });

  test('more than fits in memory is RESOURCE_EXHAUSTED with RetryInfo', async () => {
    const receiver = await start({ inflightBytesMax: 5_000 });
    const body = encode({ ...SPAN, name: 'n'.repeat(3_000) });
    const release = receiver.hold();
    const first = call(receiver, body);
    await eventually('the first', () => (receiver.admission.bytes > 3_000 ? true : undefined));
    const second = await call(receiver, body);
    expect(second.code).toBe(grpc.status.RESOURCE_EXHAUSTED);
    expect(second.status!.toString('latin1')).toContain('google.rpc.RetryInfo');
    release();
    expect((await first).code).toBe(grpc.status.OK);
    expect(receiver.admission.bytes).toBe(0);
  });

  test('a full disk and a shutdown are UNAVAILABLE with RetryInfo', async () => {
    const full = await start({ refusal: new AppError('STORAGE_FULL', 'no room left') });
    const closing = await start();
    closing.intake.close();
    for (const receiver of [full, closing]) {
      const answer = await call(receiver, encode(SPAN));
      expect(answer.code).toBe(grpc.status.UNAVAILABLE);
      expect(answer.status!.toString('latin1')).toContain('google.rpc.RetryInfo');
    }
  });

  test('what nobody foresaw is INTERNAL and told to the log', async () => {
    const failure = new Error('a bug');
    const receiver = await start({ failure });
    expect(await call(receiver, encode(SPAN))).toMatchObject({
      code: grpc.status.INTERNAL,
      details: 'a bug',
      status: undefined,
    });
    expect(receiver.unforeseen).toEqual([failure]);
  });
});

test('credentials in the metadata decide who may send', async () => {
  const receiver = await start();
  const good = await receiver.keyWith('telemetry:write');
  const poor = await receiver.keyWith('registry:read');
  const codeWith = async (headers: Record<string, string>, one = receiver): Promise<grpc.status> =>
    (await call(one, encode(SPAN), { headers })).code;
  expect(await codeWith({})).toBe(grpc.status.OK);
  expect(await codeWith({ authorization: `Bearer ${good}` })).toBe(grpc.status.OK);
  expect(await codeWith({ 'x-api-key': good })).toBe(grpc.status.OK);
  expect(await codeWith({ authorization: `Bearer ${await receiver.login()}` })).toBe(
    grpc.status.OK,
  );
  expect(await codeWith({ authorization: `Bearer ${poor}` })).toBe(grpc.status.PERMISSION_DENIED);
  expect(await codeWith({ authorization: 'Bearer sbx_wrong' })).toBe(grpc.status.UNAUTHENTICATED);
  expect(await codeWith({ origin: 'http://a.example' })).toBe(grpc.status.UNAUTHENTICATED);
  expect(await codeWith({ 'x-forwarded-for': '10.0.0.1' })).toBe(grpc.status.UNAUTHENTICATED);
  const exposed = await start({ exposed: true });
  expect(await codeWith({}, exposed)).toBe(grpc.status.UNAUTHENTICATED);
});

test('who may not send is told so before the message has arrived', async () => {
  const receiver = await start({ exposed: true });
  const session = connectHttp2(`http://${receiver.grpcAddress}`);
  const stream = session.request({
    ':method': 'POST',
    ':path': PATHS.traces,
    'content-type': 'application/grpc',
    te: 'trailers',
  });
  const status = await new Promise((resolve, reject) => {
    stream.on('response', (headers) => {
      if (headers['grpc-status'] !== undefined) resolve(headers['grpc-status']);
    });
    stream.on('trailers', (headers) => resolve(headers['grpc-status']));
    stream.on('error', reject);
    // A message of a mebibyte is announced, and never sent.
    stream.write(Buffer.from([0, 0, 0x10, 0, 0]));
  });
  expect(status).toBe(String(grpc.status.UNAUTHENTICATED));
  session.destroy();
});

test(
  'a shutdown lets a call finish, is not held up by idle clients, and cuts a stuck one on demand',
  { timeout: 15_000 },
  async () => {
    const receiver = await start();
    const idle = connectHttp2(`http://${receiver.grpcAddress}`);
    await new Promise((resolve) => idle.once('remoteSettings', resolve));
    const release = receiver.hold();
    const last = call(receiver, encode(SPAN));
    await eventually('the call', () => (receiver.admission.bytes > 0 ? true : undefined));
    const stopped = receiver.shutdownGrpc();
    release();
    expect((await last).code).toBe(grpc.status.OK);
    idle.destroy();
    await stopped;

    const other = await start();
    const [host, port] = other.grpcAddress.split(':');
    // A peer that never says what it wants, and one in the midst of a message.
    const mute = connect(Number(port), host);
    mute.on('error', () => undefined);
    const stuck = connectHttp2(`http://${other.grpcAddress}`);
    stuck.on('error', () => undefined);
    const stream = stuck.request({
      ':method': 'POST',
      ':path': PATHS.logs,
      'content-type': 'application/grpc',
      te: 'trailers',
    });
    stream.on('error', () => undefined);
    stream.write(Buffer.from([0, 0, 0, 0, 9]));
    await new Promise((resolve) => stuck.once('remoteSettings', resolve));
    const ended = other.shutdownGrpc();
    other.abortGrpc();
    await ended;
    mute.destroy();
  },
);
