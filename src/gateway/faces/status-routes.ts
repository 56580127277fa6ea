import type { FastifyInstance } from 'fastify';

import { addRoute } from './add-route.ts';
import type { HttpDeps } from './http-face.ts';
import { originOf } from './request-origin.ts';

/** What an operator's tools look at. */
export function statusRoutes(app: FastifyInstance, deps: HttpDeps): void {
  addRoute(app, 'GET', '/health', async () => ({
    status: 'ok',
    tools: deps.catalog.list().length,
    traces: deps.calls.counts(),
    approvals_pending: deps.desk.pending(),
    calls_waiting: deps.desk.waiting(),
    policies: { version: deps.policies.current().version, problem: deps.policies.problem() },
    registry: deps.directory === undefined ? 'none' : deps.directory.isStale() ? 'stale' : 'fresh',
    version: deps.version,
  }));

  addRoute(app, 'GET', '/version', async () => ({ version: deps.version }));

  addRoute(app, 'GET', '/metrics', async (request, reply) => {
    await deps.identity.readerOf(originOf(request.raw));
    return reply.type('text/plain; version=0.0.4; charset=utf-8').send(deps.meter.text());
  });
}
