import { fileURLToPath } from 'node:url';

import type { FastifyBaseLogger, FastifyInstance } from 'fastify';
import { fastify, LogController } from 'fastify';

import type { ApiDeps } from './api/api-deps.ts';
import { registerApi, ROUTER_OPTIONS } from './api/register-api.ts';
import { registerWebPages } from './api/web-pages.ts';
import type { Config } from './config.ts';
import { AppError, messageOf } from './errors.ts';
import { parseAddress } from './receiver/config.ts';
import type { GrpcReceiver } from './receiver/otlp-grpc.ts';
import { startOtlpGrpc } from './receiver/otlp-grpc.ts';
import { registerOtlpHttp } from './receiver/otlp-http.ts';
import type { TelemetryIntake } from './receiver/telemetry-intake.ts';

/** How long requests in flight may take to be answered at shutdown; connections still open then are cut. */
const ANSWER_MS = 2_000;

export interface Doors {
  readonly httpUrl: string;
  readonly grpcAddress: string;
  /** Lets requests in; over HTTP they wait until then. */
  admit(): void;
  shutdown(): Promise<void>;
}

export async function openDoors(
  config: Config,
  log: FastifyBaseLogger,
  intake: TelemetryIntake,
  apiDeps: (addresses: ApiDeps['addresses']) => ApiDeps,
): Promise<Doors> {
  const app: FastifyInstance = fastify({
    loggerInstance: log,
    logController: new LogController({ disableRequestLogging: true }),
    forceCloseConnections: 'idle',
    // Receivers say themselves, in their protocol, that the server is shutting down.
    return503OnClosing: false,
    routerOptions: ROUTER_OPTIONS,
  });
  let admit = (): void => {};
  const admitted = new Promise<void>((resolve) => {
    admit = resolve;
  });
  app.addHook('onRequest', () => admitted);
  const at = { http: '', grpc: 'off' };
  await registerOtlpHttp(app, intake, config.corsOrigins);
  const deps = apiDeps(() => at);
  await registerApi(app, deps);
  await registerWebPages(app, fileURLToPath(new URL('./web/', import.meta.url)));
  at.http = await listen(app, parseAddress(config.http));
  const grpc = await openGrpc(config, log, intake).catch(async (error: unknown) => {
    app.server.closeAllConnections();
    await app.close();
    throw error;
  });
  at.grpc = grpc?.address ?? 'off';
  return {
    httpUrl: at.http,
    grpcAddress: at.grpc,
    admit,
    async shutdown() {
      intake.close();
      const cut = setTimeout(() => {
        app.server.closeAllConnections();
        grpc?.abort();
      }, ANSWER_MS);
      await Promise.all([app.close(), grpc?.shutdown()]);
      clearTimeout(cut);
    },
  };
}

async function openGrpc(
  config: Config,
  log: FastifyBaseLogger,
  intake: TelemetryIntake,
): Promise<GrpcReceiver | undefined> {
  if (config.grpc === 'off') return undefined;
  const onFailure = (error: unknown): void => log.error(error);
  return startOtlpGrpc({ intake, listen: parseAddress(config.grpc), onFailure });
}

async function listen(
  app: FastifyInstance,
  { host, port }: { host: string; port: number },
): Promise<string> {
  try {
    const address = await app.listen({ host, port });
    return address.replace('0.0.0.0', '127.0.0.1').replace('[::]', '[::1]');
  } catch (error) {
    throw new AppError(
      'ADDRESS_IN_USE',
      `cannot listen on ${host}:${port}: ${messageOf(error)}; stop what uses it, or choose another with --http HOST:PORT`,
      { cause: error },
    );
  }
}
