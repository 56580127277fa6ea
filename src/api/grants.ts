import { z } from 'zod';

import { actorOf } from '../auth/principal.ts';
import type { Grant } from '../model/approval.ts';
import { answerOf, idParams, isoTime, isoTimeOrNull, nonEmptyText, success } from './answer.ts';
import type { Api, ApiDeps } from './api-deps.ts';
import { deciderOf } from './approvals.ts';
import { gatewayOf } from './gateway-calls.ts';
import { principalOf } from './route-access.ts';

const grantAnswer = z
  .object({
    id: z.string(),
    agent: z.string(),
    tools: z.array(z.string()),
    created_by: z.string(),
    reason: z.string().nullable(),
    created_at: z.string(),
    expires_at: z.string(),
    uses_max: z.int().nullable(),
    uses: z.int(),
    revoked_at: z.string().nullable(),
  })
  .meta({ id: 'Grant' });

const grantsQuery = z.strictObject({ which: z.enum(['active', 'all']).default('active') });

const pattern = nonEmptyText(256);
const MINUTES_MAX = 366 * 24 * 60;

const grantBody = z.strictObject({
  /** A name, or a pattern with `*`. */
  agent: pattern,
  tools: z.array(pattern).min(1).max(100),
  minutes: z.number().positive().max(MINUTES_MAX),
  uses_max: z.int().min(1).optional(),
  reason: nonEmptyText(2_000).optional(),
});

/** Standing approvals: calls that nobody is asked about for a while. */
export function grantRoutes(api: Api, deps: ApiDeps): void {
  api.route({
    method: 'GET',
    url: '/api/v1/grants',
    config: { access: 'governance:read' },
    schema: {
      tags: ['gateway'],
      summary: 'Lists standing approvals, newest first.',
      querystring: grantsQuery,
      response: { 200: answerOf(z.array(grantAnswer)) },
    },
    handler: async (request) => {
      const { project } = principalOf(request);
      const grants = (await deps.gateway?.grants.list(project, request.query.which)) ?? [];
      return success(grants.map(toGrantAnswer));
    },
  });

  api.route({
    method: 'POST',
    url: '/api/v1/grants',
    config: { access: 'governance:write' },
    schema: {
      tags: ['gateway'],
      summary: 'Approves calls of agents to tools for a while.',
      body: grantBody,
      response: { 201: answerOf(grantAnswer) },
    },
    handler: async (request, reply) => {
      const principal = deciderOf(principalOf(request));
      const { minutes, uses_max: usesMax, ...rest } = request.body;
      const grant = await gatewayOf(deps).grants.create(
        principal.project,
        { ...rest, durationMs: minutes * 60_000, usesMax },
        actorOf(principal),
      );
      return reply.code(201).send(success(toGrantAnswer(grant)));
    },
  });

  api.route({
    method: 'DELETE',
    url: '/api/v1/grants/:id',
    config: { access: 'governance:write' },
    schema: {
      tags: ['gateway'],
      summary: 'Revokes a standing approval.',
      params: idParams,
      response: { 200: answerOf(grantAnswer) },
    },
    handler: async (request) => {
      const principal = deciderOf(principalOf(request));
      const { id } = request.params;
      const { grants } = gatewayOf(deps);
      return success(toGrantAnswer(await grants.revoke(principal.project, id, actorOf(principal))));
    },
  });
}

const toGrantAnswer = (grant: Grant): z.infer<typeof grantAnswer> => ({
  id: grant.id,
  agent: grant.agent,
  tools: [...grant.tools],
  created_by: grant.createdBy,
  reason: grant.reason,
  created_at: isoTime(grant.createdAtMs),
  expires_at: isoTime(grant.expiresAtMs),
  uses_max: grant.usesMax,
  uses: grant.uses,
  revoked_at: isoTimeOrNull(grant.revokedAtMs),
});
