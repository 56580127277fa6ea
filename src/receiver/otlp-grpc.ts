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

/** Serves OTLP/gRPC. Messages pass as bytes: they are decoded once, where all telemetry is. */
export async function startOtlpGrpc(
  intake: TelemetryIntake,
  listen: HostPort,
): Promise<GrpcReceiver> {
  const grpc = await import('@grpc/grpc-js');
  const server = new grpc.Server({
    'grpc.max_receive_message_length': intake.options.requestBytesMax,
    'grpc.max_send_message_length': 4 * 1024 * 1024,
  });
  for (const signal of SIGNALS) {
    server.addService(serviceOf(signal), {
      Export: (call: ServerUnaryCall<Buffer, Buffer>, callback: sendUnaryData<Buffer>) => {
        receive(call, signal, intake).then(
          (response) => callback(null, response),
          (error: unknown) => callback(toServiceError(grpc, error)),
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
  return {
    address: `${host}:${port}`,
    shutdown: () =>
      new Promise((resolve) => {
        server.tryShutdown(() => resolve());
      }),
    abort: () => server.forceShutdown(),
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

async function receive(
  call: ServerUnaryCall<Buffer, Buffer>,
  signal: Signal,
  intake: TelemetryIntake,
): Promise<Buffer> {
  const header = (name: string): string | undefined => {
    const value = call.metadata.get(name)[0];
    return value === undefined ? undefined : String(value);
  };
  const { admission, gate } = intake.options;
  const { project } = await gate.authorize({
    authorization: header('authorization'),
    apiKey: header('x-api-key'),
    remoteAddress: addressOf(call.getPeer()),
    origin: header('origin'),
    forwarded: header('forwarded') ?? header('x-forwarded-for'),
  });
  intake.requireOpen();
  const message = call.request;
  admission.reserve(message.length);
  try {
    const body = new Uint8Array(message).buffer;
    const receipt = await intake.take({
      signal,
      encoding: 'protobuf',
      compression: 'none',
      project,
      body,
    });
    return encodeExportResponse(receipt);
  } finally {
    admission.release(message.length);
  }
}

/** The host of a peer such as `127.0.0.1:51234` or `[::1]:51234`. */
function addressOf(peer: string): string {
  return peer.slice(0, peer.lastIndexOf(':')).replace(/^\[|\]$/g, '');
}

function toServiceError(
  grpc: typeof Grpc,
  error: unknown,
): { code: number; details: string; metadata: Grpc.Metadata } {
  const known =
    error instanceof AppError
      ? error
      : new AppError('INTERNAL_ERROR', messageOf(error), { cause: error });
  const { retryAfterSeconds } = known;
  const metadata = new grpc.Metadata();
  if (retryAfterSeconds !== undefined) {
    // RESOURCE_EXHAUSTED may be retried only when the answer carries RetryInfo.
    const details = encodeRpcStatus({
      code: known.grpc,
      message: known.message,
      retryAfterSeconds,
    });
    metadata.set('grpc-status-details-bin', details);
  }
  return { code: known.grpc, details: known.message, metadata };
}
