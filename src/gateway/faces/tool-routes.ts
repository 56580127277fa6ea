import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';

import { addRoute } from './add-route.ts';
import type { CallOutcome } from '../tool-call.ts';
import { checked } from './checked.ts';
import type { HttpDeps } from './http-face.ts';
import { one, originOf, sessionOf, traceOf } from './request-origin.ts';

const callBody = z.object({ params: z.record(z.string(), z.unknown()).default({}) });

const decideBody = z.object({
  /** Counts only where an agent may name itself; otherwise the credential says who it is. */
  agent: z.string().min(1).max(256).optional(),
  tool: z.string().min(1).max(512),
  arguments: z.record(z.string(), z.unknown()).default({}),
});

/** Calls, and what could be called. */
export function toolRoutes(app: FastifyInstance, deps: HttpDeps): void {
  addRoute(app, 'POST', '/tool/:name', async (request, reply) => {
    const caller = await deps.identity.callerOf(originOf(request.raw));
    const { name } = request.params as { name: string };
    const { params } = checked(callBody, request.body ?? {}, 'the body');
    const callback = one(request.headers['x-callback-url']) ?? '';
    const outcome = await deps.governor.govern({
      caller,
      tool: name,
      params,
      sessionId: sessionOf(request.headers),
      trace: traceOf(request.headers),
      face: 'http',
      callbackUrl: deps.notifier.mayCallBack(callback) ? callback : '',
      model: one(request.headers['x-agent-model']),
      whenAsked: one(request.headers['prefer']) === 'respond-async' ? 'at-once' : 'wait',
      signal: goneSignal(request, reply),
    });
    return answer(reply, outcome);
  });

  addRoute(app, 'POST', '/decide', async (request) => {
    const caller = await deps.identity.callerOf(originOf(request.raw));
    const { agent, tool, arguments: params } = checked(decideBody, request.body, 'the body');
    const mayName = caller.proof === 'named' || caller.proof === 'none';
    const asked = { ...caller, agent: mayName ? (agent ?? caller.agent) : caller.agent };
    const { action, rule, reason } = deps.governor.preview(asked, tool, params);
    const traceId = traceOf(request.headers)?.traceId ?? deps.newHexId(16);
    return { action, rule, reason, agent: asked.agent, tool, trace_id: traceId };
  });

  addRoute(app, 'GET', '/tools', async (request) => {
    await deps.identity.readerOf(originOf(request.raw));
    return deps.catalog.list().map(({ name, upstream, tool }) => ({
      name,
      server: upstream.name,
      source: upstream.status().kind,
      description: tool.description,
      input_schema: tool.inputSchema,
      ...tool.rest,
    }));
  });

  pinRoutes(app, deps);

  addRoute(app, 'GET', '/mcp-servers', async (request) => {
    await deps.identity.readerOf(originOf(request.raw));
    return deps.catalog.statuses().filter(({ kind }) => kind === 'mcp');
  });
}

/** What agents read of tools: as it was accepted, and as it waits to be. */
function pinRoutes(app: FastifyInstance, deps: HttpDeps): void {
  addRoute(app, 'GET', '/tools/pins', async (request) => {
    await deps.identity.readerOf(originOf(request.raw));
    const pins = await deps.pins.list();
    return pins.map((pin) => ({
      server: pin.server,
      tool: pin.tool,
      digest: pin.digest,
      definition: JSON.parse(pin.definitionJson) as unknown,
      pinned_at: new Date(pin.pinnedAtMs).toISOString(),
      held: pin.held && {
        digest: pin.held.digest,
        definition: JSON.parse(pin.held.definitionJson) as unknown,
        since: new Date(pin.held.sinceMs).toISOString(),
      },
    }));
  });

  addRoute(app, 'POST', '/tools/pins/:server/:tool/accept', async (request) => {
    const { principal } = await deps.identity.deciderOf(originOf(request.raw));
    const { server, tool } = request.params as { server: string; tool: string };
    const body = z.object({
      digest: z.string().optional(),
      reason: z.string().max(2_000).optional(),
    });
    const { digest, reason } = checked(body, request.body ?? {}, 'the body');
    const which = { server, tool, digest };
    const pin = await deps.pins.accept(which, deps.actorOf(principal), reason);
    return { server, tool, digest: pin.digest };
  });
}

function answer(reply: FastifyReply, outcome: CallOutcome): FastifyReply {
  const { code, result, traceId, approvalId, policy, rule, latencyMs, error } = outcome;
  return reply
    .code(code)
    .header('x-trace-id', traceId)
    .send({
      ...(result === undefined ? {} : { result: result.value }),
      trace_id: traceId,
      ...(approvalId === undefined ? {} : { approval_id: approvalId }),
      policy,
      policy_rule: rule,
      latency_ms: latencyMs,
      ...(error === undefined ? {} : { error }),
    });
}

/** Aborts when the caller closes the connection before it is answered. */
function goneSignal(request: FastifyRequest, reply: FastifyReply): AbortSignal {
  const gone = new AbortController();
  reply.raw.on('close', () => {
    if (!reply.raw.writableEnded) gone.abort(new Error('the caller has gone'));
  });
  if (request.raw.socket.destroyed) gone.abort(new Error('the caller has gone'));
  return gone.signal;
}
