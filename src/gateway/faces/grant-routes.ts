import type { FastifyInstance } from 'fastify';
import { z } from 'zod';

import { addRoute } from './add-route.ts';
import type { Grant } from '../../model/approval.ts';
import { parseDuration } from '../duration.ts';
import { checked } from './checked.ts';
import type { HttpDeps } from './http-face.ts';
import { originOf } from './request-origin.ts';

const pattern = z.string().trim().min(1).max(256);

const grantBody = z.object({
  agent: pattern,
  /** Patterns; as one text they are parted by commas. */
  tools: z.union([
    z.array(pattern).min(1).max(100),
    z.string().transform((text, context) => {
      const tools = text.split(',').map((tool) => tool.trim());
      if (tools.every((tool) => tool !== '' && tool.length <= 256)) return tools;
      context.addIssue({ code: 'custom', message: 'name tools, parted by commas' });
      return z.NEVER;
    }),
  ]),
  duration: z.string().max(50),
  max_uses: z.int().min(1).optional(),
  reason: z.string().max(2_000).optional(),
});

/** Standing approvals, and the policies. */
export function grantRoutes(app: FastifyInstance, deps: HttpDeps): void {
  addRoute(app, 'GET', '/grants', async (request) => {
    const { project } = await deps.identity.readerOf(originOf(request.raw));
    const grants = await deps.grants.list(project, 'active');
    return grants.map((grant) => grantAnswer(grant, deps.clock.now()));
  });

  addRoute(app, 'POST', '/grants', async (request, reply) => {
    const { principal } = await deps.identity.deciderOf(originOf(request.raw));
    const body = checked(grantBody, request.body, 'the body');
    const grant = await deps.grants.create(
      principal.project,
      {
        agent: body.agent,
        tools: body.tools,
        durationMs: parseDuration(body.duration),
        usesMax: body.max_uses,
        reason: body.reason,
      },
      deps.actorOf(principal),
    );
    return reply.code(201).send(grantAnswer(grant, deps.clock.now()));
  });

  addRoute(app, 'DELETE', '/grants/:id', async (request) => {
    const { principal } = await deps.identity.deciderOf(originOf(request.raw));
    const { id } = request.params as { id: string };
    await deps.grants.revoke(principal.project, id, deps.actorOf(principal));
    return { status: 'revoked', id };
  });

  addRoute(app, 'GET', '/policies', async (request) => {
    await deps.identity.readerOf(originOf(request.raw));
    const { version, policies } = deps.policies.current();
    const problem = deps.policies.problem();
    return { version, ...(problem === '' ? {} : { problem }), policies };
  });
}

export function grantAnswer(grant: Grant, nowMs: number) {
  return {
    id: grant.id,
    agent: grant.agent,
    tools: grant.tools.join(','),
    expires_at: new Date(grant.expiresAtMs).toISOString(),
    remaining: `${Math.max(0, Math.round((grant.expiresAtMs - nowMs) / 1_000))}s`,
    granted_by: grant.createdBy,
    ...(grant.reason === null ? {} : { reason: grant.reason }),
    ...(grant.usesMax === null ? {} : { max_uses: grant.usesMax, uses: grant.uses }),
  };
}
