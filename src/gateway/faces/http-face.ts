import { fastify, LogController, type FastifyBaseLogger, type FastifyInstance } from 'fastify';

import { AppError, messageOf } from '../../errors.ts';
import type { GatewayFile } from '../gateway-file.ts';
import type { Gateway } from '../gateway.ts';
import { approvalRoutes } from './approval-routes.ts';
import { grantRoutes } from './grant-routes.ts';
import { mcpRoutes } from './mcp-http.ts';
import { statusRoutes } from './status-routes.ts';
import { toolRoutes } from './tool-routes.ts';
import { traceRoutes } from './trace-routes.ts';

/** Of a request: arguments may carry a file. */
const BODY_BYTES_MAX = 10 * 1024 * 1024;
/** How often it is looked for requests that take too long to arrive, at least. */
const CHECK_MS_MAX = 5_000;

/** What the routes work on. */
export type HttpDeps = Omit<Gateway, 'listen' | 'serveStdio' | 'shutdown'>;

/** All that the gateway answers over HTTP. */
export async function createHttpFace(
  deps: HttpDeps,
  logger: FastifyBaseLogger,
  bounds: Pick<GatewayFile, 'arrival_seconds' | 'connections_max'>,
): Promise<FastifyInstance> {
  const arrivalMs = Math.ceil(bounds.arrival_seconds * 1_000);
  const app: FastifyInstance = fastify({
    loggerInstance: logger,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: BODY_BYTES_MAX,
    requestTimeout: arrivalMs,
    http: { connectionsCheckingInterval: Math.min(CHECK_MS_MAX, arrivalMs) },
    forceCloseConnections: true,
  });
  app.server.headersTimeout = arrivalMs;
  app.server.maxConnections = bounds.connections_max;
  parseJson(app);
  app.setErrorHandler((error, request, reply) => {
    const known = toAppError(error);
    if (known.http >= 500) request.log.error({ err: error }, known.message);
    if (known.code === 'UNAUTHORIZED') reply.header('www-authenticate', 'Bearer realm="gateway"');
    return reply.code(known.http).send({ error: known.message, code: known.code, policy: 'error' });
  });
  app.setNotFoundHandler((request, reply) => {
    const error = `there is no ${request.method} ${request.url.split('?')[0]}`;
    return reply.code(404).send({ error, code: 'NOT_FOUND', policy: 'error' });
  });
  app.addHook('onSend', async (_, reply) => void reply.header('cache-control', 'no-store'));
  toolRoutes(app, deps);
  traceRoutes(app, deps);
  approvalRoutes(app, deps);
  grantRoutes(app, deps);
  statusRoutes(app, deps);
  await mcpRoutes(app, deps);
  return app;
}

/** JSON whatever the content type says, as callers that name none expect; a page of a browser cannot send it unasked. */
function parseJson(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'string' }, (_, body, done) => {
    if (body === '') return done(null, undefined);
    try {
      return done(null, JSON.parse(body.toString()) as unknown);
    } catch (error) {
      const message = `the body is no JSON: ${messageOf(error)}`;
      return done(new AppError('VALIDATION_ERROR', message, { cause: error }), undefined);
    }
  });
}

function toAppError(error: unknown): AppError {
  if (error instanceof AppError) return error;
  const { code, statusCode } = error as { code?: unknown; statusCode?: unknown };
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE') {
    return new AppError('BODY_TOO_LARGE', `the body is larger than ${BODY_BYTES_MAX} bytes`);
  }
  if (statusCode === 400) {
    return new AppError('VALIDATION_ERROR', messageOf(error), { cause: error });
  }
  return new AppError('INTERNAL_ERROR', undefined, { cause: error });
}
