import type { FastifyInstance } from 'fastify';
import { z } from 'zod';

import { addRoute } from './add-route.ts';
import { tracesJson } from '../../exporter/traces-json.ts';
import { spanOf, type TraceEntry } from '../trace-entry.ts';
import { checked, numberOf, time } from './checked.ts';
import type { HttpDeps } from './http-face.ts';
import { originOf } from './request-origin.ts';

const PAGE_MAX = 1_000;

const filter = {
  agent: z.string().optional(),
  tool: z.string().optional(),
  session: z.string().optional(),
  policy: z.string().optional(),
  trace_id: z.string().optional(),
  from: time.optional(),
  to: time.optional(),
};

const tracesQuery = z.object({
  ...filter,
  limit: numberOf(100, PAGE_MAX),
  offset: numberOf(0, 1_000_000),
});
const otelQuery = z.object({ ...filter, limit: numberOf(200, PAGE_MAX) });
const limitQuery = (byDefault: number) => z.object({ limit: numberOf(byDefault, PAGE_MAX) });

/** The calls of late, newest first. */
export function traceRoutes(app: FastifyInstance, deps: HttpDeps): void {
  const filterOf = ({ trace_id: traceId, from, to, ...rest }: z.infer<typeof otelQuery>) => ({
    ...rest,
    traceId,
    fromMs: from,
    toMs: to,
  });

  addRoute(app, 'GET', '/traces', async (request, reply) => {
    await deps.identity.readerOf(originOf(request.raw));
    const { limit, offset, ...query } = checked(tracesQuery, request.query, 'the query');
    const { entries, total } = deps.calls.find(filterOf({ ...query, limit }), { offset, limit });
    void reply.header('x-total-count', String(total));
    return entries.map(withoutResult);
  });

  addRoute(app, 'GET', '/otel-traces', async (request, reply) => {
    await deps.identity.readerOf(originOf(request.raw));
    const query = checked(otelQuery, request.query, 'the query');
    const { entries } = deps.calls.find(filterOf(query), { offset: 0, limit: query.limit });
    const spans = entries.map((entry) => spanOf(entry, deps.spanKind));
    return reply.type('application/json').send(tracesJson([{ origin: deps.origin, spans }]));
  });

  addRoute(app, 'GET', '/sessions', async (request) => {
    await deps.identity.readerOf(originOf(request.raw));
    return deps.calls.sessions(checked(limitQuery(50), request.query, 'the query').limit);
  });

  addRoute(app, 'GET', '/sessions/:id', async (request) => {
    await deps.identity.readerOf(originOf(request.raw));
    const { id } = request.params as { id: string };
    const { limit } = checked(limitQuery(200), request.query, 'the query');
    return deps.calls.find({ session: id }, { offset: 0, limit }).entries.map(withoutResult);
  });
}

/** What tools gave is for people: whoever reads this list may be an agent on the same machine. */
export const withoutResult = ({ result: _result, result_cut: _cut, ...entry }: TraceEntry) => entry;
