import type { Readable } from 'node:stream';

import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

import { AppError, messageOf } from '../errors.ts';
import type { Signal } from '../model/signal.ts';
import { SIGNALS } from '../model/signal.ts';
import type { Encoding } from '../otlp/response.ts';
import {
  encodeExportResponse,
  encodeRpcStatus,
  exportResponseJson,
  rpcStatusJson,
} from '../otlp/response.ts';
import type { TelemetryRequest } from '../pipeline/telemetry-consumer.ts';
import { createCors } from './cors.ts';
import { readBody } from './read-body.ts';
import type { IntakeReceipt, TelemetryIntake } from './telemetry-intake.ts';

/** Bases under which OTLP/HTTP is served: its own, Muster's and MeshAI's. */
const BASES = ['', '/api/v1/otel', '/api/v1/ingest'] as const;
const MEDIA_TYPE: Readonly<Record<Encoding, string>> = {
  protobuf: 'application/x-protobuf',
  json: 'application/json',
};

/** Serves `POST {base}/v1/{traces,metrics,logs}`. https://opentelemetry.io/docs/specs/otlp/#otlphttp */
export async function registerOtlpHttp(
  app: FastifyInstance,
  intake: TelemetryIntake,
  corsOrigins: readonly string[],
): Promise<void> {
  await app.register(async (scope) => {
    // The body is read by the handler, under its own limits.
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', (_request, payload, done) => done(null, payload));
    const cors = createCors(corsOrigins);
    scope.addHook('onRequest', async (request, reply) => cors(request.headers, reply));
    for (const base of BASES) for (const signal of SIGNALS) addRoute(scope, base, signal, intake);
    for (const path of ['/', '/v1/traces/v1/traces']) addSignpost(scope, path);
  });
}

function addRoute(
  scope: FastifyInstance,
  base: string,
  signal: Signal,
  intake: TelemetryIntake,
): void {
  scope.route({
    method: ['POST', 'OPTIONS', 'GET', 'PUT', 'PATCH', 'DELETE'],
    url: `${base}/v1/${signal}`,
    // Reading beyond a refusal would cost what the refusal saves.
    bodyLimit: Number.MAX_SAFE_INTEGER,
    handler: async (request, reply) => {
      const encoding = encodingOf(request);
      if (request.method === 'OPTIONS') return reply.code(204).send();
      try {
        if (request.method !== 'POST') {
          reply.header('allow', 'POST, OPTIONS');
          throw new AppError(
            'METHOD_NOT_ALLOWED',
            `telemetry is sent with POST, not ${request.method}`,
          );
        }
        const receipt = await receive(request, signal, encoding, intake);
        return await sendReceipt(reply, {
          signal,
          encoding: encoding!,
          union: base !== '',
          receipt,
        });
      } catch (error) {
        return await sendFailure(reply, encoding ?? 'json', error);
      }
    },
  });
}

async function receive(
  request: FastifyRequest,
  signal: Signal,
  encoding: Encoding | undefined,
  intake: TelemetryIntake,
): Promise<IntakeReceipt> {
  const { headers } = request;
  const { project } = await intake.options.gate.authorize({
    authorization: headers.authorization,
    apiKey: single(headers['x-api-key']),
    remoteAddress: request.socket.remoteAddress,
    origin: headers.origin,
    secFetchSite: single(headers['sec-fetch-site']),
    forwarded: headers.forwarded ?? single(headers['x-forwarded-for']),
  });
  if (encoding === undefined) {
    throw new AppError(
      'MEDIA_TYPE_UNSUPPORTED',
      `content type ${JSON.stringify(headers['content-type'] ?? '')} is not supported; send application/x-protobuf or application/json`,
    );
  }
  const compression = compressionOf(headers['content-encoding']);
  intake.requireOpen();
  const announced =
    headers['content-length'] === undefined ? undefined : Number(headers['content-length']);
  const { admission, requestBytesMax } = intake.options;
  const stream = (request.body as Readable | undefined) ?? request.raw;
  const body = await readBody(stream, announced, { admission, bytesMax: requestBytesMax });
  try {
    return await intake.take({ signal, encoding, compression, project, body: body.bytes });
  } finally {
    body.release();
  }
}

function encodingOf(request: FastifyRequest): Encoding | undefined {
  const mediaType = (request.headers['content-type'] ?? '').split(';')[0]!.trim().toLowerCase();
  if (mediaType === 'application/x-protobuf' || mediaType === 'application/protobuf')
    return 'protobuf';
  return mediaType === 'application/json' ? 'json' : undefined;
}

function compressionOf(header: string | undefined): TelemetryRequest['compression'] {
  switch ((header ?? '').trim().toLowerCase()) {
    case '':
    case 'identity':
      return 'none';
    case 'gzip':
    case 'x-gzip':
      return 'gzip';
    case 'deflate':
    case 'zlib':
      return 'deflate';
    default:
      throw new AppError(
        'ENCODING_UNSUPPORTED',
        `content encoding ${JSON.stringify(header)} is not supported; send gzip, deflate or none`,
      );
  }
}

/**
 * Answers in the request's encoding. On Muster's and MeshAI's routes a JSON answer is a union: what an SDK
 * reads beside what MeshAI's clients read.
 */
async function sendReceipt(
  reply: FastifyReply,
  answer: { signal: Signal; encoding: Encoding; union: boolean; receipt: IntakeReceipt },
): Promise<FastifyReply> {
  const { signal, encoding, union, receipt } = answer;
  reply.code(200).header('content-type', MEDIA_TYPE[encoding]);
  if (encoding === 'protobuf') return reply.send(encodeExportResponse(receipt));
  const otlp = exportResponseJson(signal, receipt);
  if (!union) return reply.send(jsonBytes(otlp));
  const data = {
    [ACCEPTED_FIELD[signal]]: receipt.accepted,
    agents_discovered: receipt.discovered,
  };
  return reply.send(jsonBytes({ ...otlp, success: true, data }));
}

const ACCEPTED_FIELD: Readonly<Record<Signal, string>> = {
  traces: 'accepted_spans',
  metrics: 'accepted_data_points',
  logs: 'accepted_log_records',
};

async function sendFailure(
  reply: FastifyReply,
  encoding: Encoding,
  error: unknown,
): Promise<FastifyReply> {
  const known =
    error instanceof AppError
      ? error
      : new AppError('INTERNAL_ERROR', messageOf(error), { cause: error });
  if (known.code === 'INTERNAL_ERROR') reply.log.error(error);
  const { retryAfterSeconds } = known;
  const status = { code: known.grpc, message: known.message, retryAfterSeconds };
  reply.code(known.http).header('content-type', MEDIA_TYPE[encoding]);
  if (retryAfterSeconds !== undefined) reply.header('retry-after', String(retryAfterSeconds));
  // What is left of a refused body is not read: the connection cannot serve another request.
  if (!reply.request.raw.complete) reply.header('connection', 'close');
  if (encoding === 'protobuf') return reply.send(encodeRpcStatus(status));
  return reply.send(jsonBytes(rpcStatusJson(status)));
}

/** Exporters given a bare address, or one with the path twice, end up here. */
function addSignpost(scope: FastifyInstance, path: string): void {
  scope.post(path, async (_request, reply) => {
    const message = `telemetry is received at /v1/traces, /v1/metrics and /v1/logs, not at ${path}: give OTEL_EXPORTER_OTLP_ENDPOINT the address alone, or an exporter's own url option the whole path`;
    return reply
      .code(404)
      .header('content-type', 'application/json')
      .send(jsonBytes({ code: 5, message }));
  });
}

/** As bytes: to text the server would add a charset, and Go's exporter wants the bare media type. */
function jsonBytes(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value), 'utf8');
}

function single(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header[0] : header;
}
