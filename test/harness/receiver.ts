import { fastify } from 'fastify';

import { createAuth } from '../../src/auth/auth.ts';
import { SYSTEM_PRINCIPAL } from '../../src/auth/principal.ts';
import type { Scope } from '../../src/auth/scope.ts';
import { AppError, messageOf } from '../../src/errors.ts';
import { TelemetryColumns } from '../../src/model/telemetry-columns.ts';
import { TelemetryDecoder } from '../../src/otlp/telemetry-decoder.ts';
import { transcodeJson } from '../../src/otlp/transcode-json.ts';
import { Admission } from '../../src/pipeline/admission.ts';
import { inflate } from '../../src/pipeline/inflate.ts';
import type { TelemetryReceipt, TelemetryRequest } from '../../src/pipeline/telemetry-consumer.ts';
import { startOtlpGrpc } from '../../src/receiver/otlp-grpc.ts';
import { registerOtlpHttp } from '../../src/receiver/otlp-http.ts';
import { TelemetryIntake } from '../../src/receiver/telemetry-intake.ts';
import { DIALECTS } from '../../src/semconv/dialects.ts';
import { RUN_ROOT_NAMES } from '../../src/semconv/run-root.ts';
import { adaFrom, openAuth } from './auth.ts';

export interface ReceiverOptions {
  readonly corsOrigins?: readonly string[];
  readonly requestBytesMax?: number;
  readonly inflightBytesMax?: number;
  readonly bodyTimeoutMs?: number;
  /** Thrown where the disk would be asked for room. */
  readonly refusal?: AppError;
  /** Thrown where the request would be stored. */
  readonly failure?: Error;
  /** Not loopback alone: nobody is trusted for where he is. */
  readonly exposed?: boolean;
}

/** Both receivers on real sockets, over real credentials; requests are decoded as the server does, and then dropped. */
export interface TestReceiver {
  readonly url: string;
  readonly grpcAddress: string;
  readonly admission: Admission;
  readonly intake: TelemetryIntake;
  readonly received: Omit<TelemetryRequest, 'body'>[];
  readonly unforeseen: unknown[];
  keyWith(...scopes: Scope[]): Promise<string>;
  /** An access token of a person. */
  login(): Promise<string>;
  /** Requests are taken over only after what this returns is called. */
  hold(): () => void;
  shutdownGrpc(): Promise<void>;
  abortGrpc(): void;
  close(): Promise<void>;
}

export async function startReceiver(options: ReceiverOptions = {}): Promise<TestReceiver> {
  const opened = await openAuth();
  const { clock, store } = opened;
  const auth = createAuth({ store, clock, loopbackOnly: options.exposed !== true });
  const bytesMax = options.requestBytesMax ?? 1 << 20;
  const admission = new Admission(options.inflightBytesMax ?? 16 << 20);
  const received: Omit<TelemetryRequest, 'body'>[] = [];
  let held: Promise<void> = Promise.resolve();
  const consume = async (request: TelemetryRequest): Promise<TelemetryReceipt> => {
    await held;
    if (options.failure !== undefined) throw options.failure;
    const outcome = decode(request, bytesMax);
    const { signal, encoding, compression, project, receivedAtMs } = request;
    received.push({ signal, encoding, compression, project, receivedAtMs });
    return { ...outcome, duplicate: false };
  };
  const intake = new TelemetryIntake({
    gate: auth.telemetryAuthorizer,
    consumer: { consume },
    admission,
    requireRoom: () => {
      if (options.refusal !== undefined) throw options.refusal;
    },
    observe: async (sightings) => sightings.length,
    clock,
    requestBytesMax: bytesMax,
    bodyTimeoutMs: options.bodyTimeoutMs ?? 10_000,
  });
  const app = fastify({ return503OnClosing: false, forceCloseConnections: true });
  await registerOtlpHttp(app, intake, options.corsOrigins ?? []);
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  const unforeseen: unknown[] = [];
  const listen = { host: '127.0.0.1', port: 0 };
  const onFailure = (error: unknown): void => void unforeseen.push(error);
  const grpc = await startOtlpGrpc({ intake, listen, onFailure });
  return {
    url,
    grpcAddress: grpc.address,
    admission,
    intake,
    received,
    unforeseen,
    keyWith: async (...scopes) =>
      (await auth.apiKeys.create({ label: scopes.join(), scopes }, SYSTEM_PRINCIPAL)).secret,
    async login() {
      await opened.addAda('member');
      return (await auth.logins.login(adaFrom('127.0.0.1'))).access_token;
    },
    hold() {
      let release = (): void => undefined;
      held = new Promise((resolve) => (release = resolve));
      return release;
    },
    shutdownGrpc: () => grpc.shutdown(),
    abortGrpc: () => grpc.abort(),
    async close() {
      grpc.abort();
      await app.close();
      await opened.close();
    },
  };
}

function decode(request: TelemetryRequest, bytesMax: number): Omit<TelemetryReceipt, 'duplicate'> {
  const { signal, project, receivedAtMs } = request;
  const rules = { dialects: DIALECTS, runRootNames: RUN_ROOT_NAMES };
  const decoder = new TelemetryDecoder(new TelemetryColumns(), rules);
  const inflated = inflate(request, bytesMax);
  let body = inflated;
  if (request.encoding === 'json') {
    try {
      body = transcodeJson(signal, inflated);
    } catch (error) {
      throw new AppError('TELEMETRY_MALFORMED', messageOf(error));
    }
  }
  return decoder.decode(signal, body, { project, receivedAtMs });
}
