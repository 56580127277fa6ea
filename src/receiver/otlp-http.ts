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
import { discardRest, readBody } from './read-body.ts';
import type { IntakeReceipt, TelemetryIntake } from './telemetry-intake.ts';

/** Bases under which OTLP/HTTP is served: its own, Muster's, MeshAI's and Langfuse's. */
const BASES = ['', '/api/v1/otel', '/api/v1/ingest', '/api/public/otel'] as const;
const MEDIA_TYPE: Readonly<Record<Encoding, string>> = {
  protobuf: 'application/x-protobuf',
  json: 'application/json',
};

/** Where exporters end up that were given a bare address, or a signal's path where a base was due. */
const MISTAKEN_PATHS: readonly string[] = [
  '/',
  ...BASES.filter((base) => base !== ''),
  ...BASES.flatMap((base) =>
    SIGNALS.flatMap((given) => [
      `${base}/v1/${given}/`,
      ...SIGNALS.map((signal) => `${base}/v1/${given}/v1/${signal}`),
    ]),
  ),
];

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
    // What fails before a handler runs, such as a content type that is none.
    scope.setErrorHandler((error, request, reply) => {
      const failure =
        (error as { statusCode?: unknown }).statusCode === 415
          ? mediaTypeUnsupported(request)
          : error;
      return sendFailure(reply, { encoding: 'json', union: false, error: failure });
    });
    for (const base of BASES) for (const signal of SIGNALS) addRoute(scope, base, signal, intake);
    for (const path of MISTAKEN_PATHS) addSignpost(scope, path);
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
    bodyLimit: Number.MAX_SAFE_INTEGER,
    handler: async (request, reply) => {
      const encoding = encodingOf(request);
      const union = base !== '';
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
        return await sendReceipt(reply, { signal, encoding: encoding!, union, receipt });
      } catch (error) {
        return await sendFailure(reply, { encoding: encoding ?? 'json', union, error });
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
  if (encoding === undefined) throw mediaTypeUnsupported(request);
  const compression = compressionOf(headers['content-encoding']);
  intake.requireOpen();
  const { admission, requestBytesMax: bytesMax, bodyTimeoutMs: timeoutMs } = intake.options;
  const body = await readBody(request.raw, { admission, bytesMax, timeoutMs });
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

function mediaTypeUnsupported(request: FastifyRequest): AppError {
  const given = JSON.stringify(request.headers['content-type'] ?? '');
  return new AppError(
    'MEDIA_TYPE_UNSUPPORTED',
    `content type ${given} is not supported; send application/x-protobuf or application/json`,
  );
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

/** Answers with `google.rpc.Status` in the request's encoding; the union routes add what MeshAI's clients read. */
async function sendFailure(
  reply: FastifyReply,
  failure: { encoding: Encoding; union: boolean; error: unknown },
): Promise<FastifyReply> {
  const { encoding, union, error } = failure;
  const known =
    error instanceof AppError
      ? error
      : new AppError('INTERNAL_ERROR', messageOf(error), { cause: error });
  if (known.code === 'INTERNAL_ERROR') reply.log.error(error);
  if (known.code === 'REQUEST_TIMEOUT') reply.header('connection', 'close');
  else discardRest(reply.request.raw);
  const { message, retryAfterSeconds } = known;
  const status = { code: known.grpc, message, retryAfterSeconds };
  reply.code(known.http).header('content-type', MEDIA_TYPE[encoding]);
  if (retryAfterSeconds !== undefined) reply.header('retry-after', String(retryAfterSeconds));
  if (encoding === 'protobuf') return reply.send(encodeRpcStatus(status));
  const json = rpcStatusJson(status);
  return reply.send(jsonBytes(union ? { ...json, success: false, error: message } : json));
}

function addSignpost(scope: FastifyInstance, path: string): void {
  scope.post(path, async (request, reply) => {
    const error = new AppError(
      'NOT_FOUND',
      `telemetry is received at /v1/traces, /v1/metrics and /v1/logs, not at ${path}: give OTEL_EXPORTER_OTLP_ENDPOINT the address alone, or an exporter's own url option the whole path`,
    );
    return sendFailure(reply, { encoding: encodingOf(request) ?? 'json', union: false, error });
  });
}

/** As bytes: to text the server would add a charset, and Go's exporter wants the bare media type. */
function jsonBytes(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value), 'utf8');
}

function single(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header[0] : header;
}
