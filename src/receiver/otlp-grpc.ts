import type * as Grpc from '@grpc/grpc-js';
import type { sendUnaryData, ServerUnaryCall, ServiceDefinition } from '@grpc/grpc-js';

import { AppError, messageOf } from '../errors.ts';
import type { Signal } from '../model/signal.ts';
import { SIGNALS } from '../model/signal.ts';
import { encodeExportResponse, encodeRpcStatus } from '../otlp/response.ts';
import type { HostPort } from './config.ts';
import type { TelemetryIntake } from './telemetry-intake.ts';

export interface GrpcReceiver {
  /** `HOST:PORT` as it listens. */
  readonly address: string;
  /** Finishes the calls under way and stops listening. */
  shutdown(): Promise<void>;
  /** Ends the calls that are still under way, so that `shutdown` returns. */
  abort(): void;
}

const SERVICE: Readonly<Record<Signal, string>> = {
  traces: 'opentelemetry.proto.collector.trace.v1.TraceService',
  metrics: 'opentelemetry.proto.collector.metrics.v1.MetricsService',
  logs: 'opentelemetry.proto.collector.logs.v1.LogsService',
};

/** Calls at once on one connection; more wait at the sender. */
const CONNECTION_CALLS_MAX = 100;
/** OTLP: an answer has 4 MiB at most. */
const ANSWER_BYTES_MAX = 4 * 1024 * 1024;

export interface GrpcOptions {
  readonly intake: TelemetryIntake;
  readonly listen: HostPort;
  /** Told about failures that no catalogue entry foresees. */
  readonly onFailure: (error: unknown) => void;
}

/** Serves OTLP/gRPC. Messages pass as bytes: they are decoded once, where all telemetry is. */
export async function startOtlpGrpc(options: GrpcOptions): Promise<GrpcReceiver> {
  const { intake, listen } = options;
  const grpc = await import('@grpc/grpc-js');
  // What it would write to standard error comes back as an error, too.
  grpc.setLogVerbosity(grpc.logVerbosity.NONE);
  const fail = (error: unknown): ServiceFailure => {
    const failure = toServiceFailure(grpc, error);
    if (!(error instanceof AppError)) options.onFailure(error);
    return failure;
  };
  const projects = new WeakMap<Grpc.Metadata, string>();
  const server = new grpc.Server({
    'grpc.max_receive_message_length': intake.options.requestBytesMax,
    'grpc.max_send_message_length': ANSWER_BYTES_MAX,
    'grpc.max_concurrent_streams': CONNECTION_CALLS_MAX,
    interceptors: [
      // Who may not send is told so before a message is read into memory.
      (_method, call) =>
        new grpc.ServerInterceptingCall(call, {
          start: (next) =>
            next({
              onReceiveMetadata: (metadata, pass) => {
                admit(intake, metadata, call.getPeer()).then(
                  (project) => {
                    projects.set(metadata, project);
                    pass(metadata);
                  },
                  (error: unknown) => call.sendStatus(fail(error)),
                );
              },
            }),
        }),
    ],
  });
  for (const signal of SIGNALS) {
    server.addService(serviceOf(signal), {
      Export: (call: ServerUnaryCall<Buffer, Buffer>, callback: sendUnaryData<Buffer>) => {
        const project = projects.get(call.metadata)!;
        receive(intake, signal, project, call.request).then(
          (response) => callback(null, response),
          (error: unknown) => callback(fail(error)),
        );
      },
    });
  }
  const host = listen.host.includes(':') ? `[${listen.host}]` : listen.host;
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync(
      `${host}:${listen.port}`,
      grpc.ServerCredentials.createInsecure(),
      (error, bound) => {
        if (error === null) resolve(bound);
        else reject(addressError(`${host}:${listen.port}`, error));
      },
    );
  });
  let giveUp = (): void => undefined;
  const givenUp = new Promise<void>((resolve) => (giveUp = resolve));
  const stop = (): Promise<void> =>
    new Promise((resolve) => {
      server.tryShutdown(() => resolve());
    });
  return {
    address: `${host}:${port}`,
    shutdown: () => Promise.race([stop(), givenUp]),
    abort() {
      // Connections on which nobody ever spoke HTTP/2 outlive even this: they are not waited for.
      server.forceShutdown();
      giveUp();
    },
  };
}

function addressError(address: string, cause: Error): AppError {
  return new AppError(
    'ADDRESS_IN_USE',
    `cannot listen on ${address} for OTLP/gRPC: ${cause.message}; choose another with --grpc HOST:PORT, or --grpc off`,
    { cause },
  );
}

function serviceOf(signal: Signal): ServiceDefinition {
  const pass = (bytes: Buffer): Buffer => bytes;
  return {
    Export: {
      path: `/${SERVICE[signal]}/Export`,
      requestStream: false,
      responseStream: false,
      requestSerialize: pass,
      requestDeserialize: pass,
      responseSerialize: pass,
      responseDeserialize: pass,
    },
  };
}

/** The project that the call may send to; throws what refuses it. */
async function admit(
  intake: TelemetryIntake,
  metadata: Grpc.Metadata,
  peer: string,
): Promise<string> {
  const header = (name: string): string | undefined => metadata.get(name)[0]?.toString();
  const { project } = await intake.options.gate.authorize({
    authorization: header('authorization'),
    apiKey: header('x-api-key'),
    remoteAddress: addressOf(peer),
    origin: header('origin'),
    forwarded: header('forwarded') ?? header('x-forwarded-for'),
  });
  intake.requireOpen();
  return project;
}

async function receive(
  intake: TelemetryIntake,
  signal: Signal,
  project: string,
  message: Buffer,
): Promise<Buffer> {
  const { admission } = intake.options;
  admission.reserve(message.length);
  try {
    // A buffer of its own: it is handed to another thread.
    const body = new Uint8Array(message).buffer;
    const request = { signal, encoding: 'protobuf', compression: 'none', project, body } as const;
    return encodeExportResponse(await intake.take(request));
  } finally {
    admission.release(message.length);
  }
}

/** The host of a peer such as `127.0.0.1:51234` or `[::1]:51234`. */
function addressOf(peer: string): string {
  return peer.slice(0, peer.lastIndexOf(':')).replace(/^\[|\]$/g, '');
}

interface ServiceFailure {
  readonly code: Grpc.status;
  readonly details: string;
  readonly metadata: Grpc.Metadata;
}

function toServiceFailure(grpc: typeof Grpc, error: unknown): ServiceFailure {
  const known =
    error instanceof AppError
      ? error
      : new AppError('INTERNAL_ERROR', messageOf(error), { cause: error });
  const { message, retryAfterSeconds } = known;
  // oxlint-disable-next-line typescript/no-unsafe-enum-assignment -- the catalogue holds the protocol's own numbers
  const code: Grpc.status = known.grpc;
  const metadata = new grpc.Metadata();
  if (retryAfterSeconds !== undefined) {
    // RESOURCE_EXHAUSTED may be retried only when the answer carries RetryInfo.
    metadata.set('grpc-status-details-bin', encodeRpcStatus({ code, message, retryAfterSeconds }));
  }
  return { code, details: message, metadata };
}
