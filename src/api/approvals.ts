import { z } from 'zod';

import { AppError } from '../errors.ts';
import { actorOf, type Principal } from '../auth/principal.ts';
import {
  APPROVAL_STATUSES,
  EXECUTION_STATES,
  type Approval,
  type Grant,
  type ToolPin,
} from '../model/approval.ts';
import {
  answerOf,
  idParams,
  isoTime,
  isoTimeOrNull,
  limitOf,
  nonEmptyText,
  numberedPageOf,
  success,
  text,
} from './answer.ts';
import type { Api, ApiDeps } from './api-deps.ts';
import { gatewayOf } from './gateway-calls.ts';
import { principalOf } from './route-access.ts';

const approvalAnswer = z
  .object({
    id: z.string(),
    agent: z.string(),
    tool: z.string(),
    /** Without secrets. */
    params: z.unknown(),
    arguments_sha256: z.string(),
    policy_rule: z.string(),
    policy_version: z.string(),
    status: z.enum(APPROVAL_STATUSES),
    /** What became of the call once approved. */
    execution: z.enum(EXECUTION_STATES),
    injection_risk: z.boolean(),
    session_id: z.string(),
    trace_id: z.string(),
    span_id: z.string(),
    created_at: z.string(),
    expires_at: z.string(),
    resolved_at: z.string().nullable(),
    resolved_by: z.string().nullable(),
    reasoning: z.string().nullable(),
    confidence: z.number().nullable(),
  })
  .meta({ id: 'Approval' });

const listQuery = z.strictObject({
  status: z.enum(APPROVAL_STATUSES).optional(),
  agent: text(256).optional(),
  /** A name, or a pattern with `*`. */
  tool: text(512).optional(),
  page: z.coerce.number().int().min(1).max(100_000).default(1),
  limit: limitOf(50, 500),
});

const decisionBody = z.strictObject({
  decision: z.enum(['approve', 'deny']),
  reason: nonEmptyText(2_000).optional(),
});

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

const pinAnswer = z
  .object({
    server: z.string(),
    tool: z.string(),
    digest: z.string(),
    definition: z.unknown(),
    pinned_at: z.string(),
    /** The changed definition that waits for review; null when none does. */
    held: z.object({ digest: z.string(), definition: z.unknown(), since: z.string() }).nullable(),
  })
  .meta({ id: 'ToolPin' });

const acceptBody = z.strictObject({
  server: text(64),
  tool: text(512),
  /** Of the definition that was looked at. */
  digest: text(64),
});

/** Decisions about tool calls: one by one, standing ones, and about tools that have changed. */
export function approvalRoutes(api: Api, deps: ApiDeps): void {
  readingRoutes(api, deps);

  api.route({
    method: 'POST',
    url: '/api/v1/approvals/:id/decide',
    config: { access: 'governance:write' },
    schema: {
      tags: ['gateway'],
      summary: 'Approves or denies a call that waits; the first decision stands.',
      params: idParams,
      body: decisionBody,
      response: { 200: answerOf(approvalAnswer) },
    },
    handler: async (request) => {
      const principal = deciderOf(principalOf(request));
      const { decision, reason } = request.body;
      const approval = await gatewayOf(deps).desk.decide(principal.project, request.params.id, {
        status: decision === 'approve' ? 'approved' : 'denied',
        actor: actorOf(principal),
        reasoning: reason,
      });
      return success(toAnswer(approval));
    },
  });

  grantRoutes(api, deps);
  pinRoutes(api, deps);
}

/** Whoever calls tools cannot decide about calls, whatever else it may. */
function deciderOf(principal: Principal): Principal {
  if (principal.kind === 'api_key' && principal.scopes.includes('gateway:call')) {
    const why = 'a key that calls tools cannot decide about calls; use one without gateway:call';
    throw new AppError('FORBIDDEN', why);
  }
  return principal;
}

function readingRoutes(api: Api, deps: ApiDeps): void {
  api.route({
    method: 'GET',
    url: '/api/v1/approvals',
    config: { access: 'governance:read' },
    schema: {
      tags: ['gateway'],
      summary: 'Lists calls that waited or wait for a decision, newest first.',
      querystring: listQuery,
      response: { 200: numberedPageOf(approvalAnswer) },
    },
    handler: async (request) => {
      const { page, limit, ...filter } = request.query;
      const { project } = principalOf(request);
      const window = { offset: (page - 1) * limit, limit };
      const found = await deps.store.approvals.find(project, filter, window);
      return {
        ...success(found.approvals.map(toAnswer)),
        meta: { total: found.total, page, limit },
      };
    },
  });

  api.route({
    method: 'GET',
    url: '/api/v1/approvals/:id',
    config: { access: 'governance:read' },
    schema: {
      tags: ['gateway'],
      summary: 'Answers one approval.',
      params: idParams,
      response: { 200: answerOf(approvalAnswer) },
    },
    handler: async (request) => {
      const { id } = request.params;
      const approval = await deps.store.approvals.get(principalOf(request).project, id);
      if (approval === undefined) throw new AppError('NOT_FOUND', `there is no approval ${id}`);
      return success(toAnswer(approval));
    },
  });
}

function grantRoutes(api: Api, deps: ApiDeps): void {
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

function pinRoutes(api: Api, deps: ApiDeps): void {
  api.route({
    method: 'GET',
    url: '/api/v1/tool-pins',
    config: { access: 'governance:read' },
    schema: {
      tags: ['gateway'],
      summary: 'Lists the definitions of tools as they were accepted, and changed ones that wait.',
      response: { 200: answerOf(z.array(pinAnswer)) },
    },
    handler: async () => success(((await deps.gateway?.pins.list()) ?? []).map(toPinAnswer)),
  });

  api.route({
    method: 'POST',
    url: '/api/v1/tool-pins/accept',
    config: { access: 'governance:write' },
    schema: {
      tags: ['gateway'],
      summary: 'Accepts the changed definition of a tool, which is refused until then.',
      body: acceptBody,
      response: { 200: answerOf(pinAnswer) },
    },
    handler: async (request) => {
      const principal = deciderOf(principalOf(request));
      const { server, tool, digest } = request.body;
      const { pins } = gatewayOf(deps);
      return success(toPinAnswer(await pins.accept(server, tool, digest, actorOf(principal))));
    },
  });
}

const toAnswer = (approval: Approval): z.infer<typeof approvalAnswer> => ({
  id: approval.id,
  agent: approval.agent,
  tool: approval.tool,
  params: JSON.parse(approval.paramsJson) as unknown,
  arguments_sha256: approval.argumentsDigest,
  policy_rule: approval.policyRule,
  policy_version: approval.policyVersion,
  status: approval.status,
  execution: approval.execution,
  injection_risk: approval.injectionRisk,
  session_id: approval.sessionId,
  trace_id: approval.traceId,
  span_id: approval.spanId,
  created_at: isoTime(approval.createdAtMs),
  expires_at: isoTime(approval.expiresAtMs),
  resolved_at: isoTimeOrNull(approval.resolvedAtMs),
  resolved_by: approval.resolvedBy,
  reasoning: approval.reasoning,
  confidence: approval.confidence,
});

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

const toPinAnswer = ({ server, tool, digest, definitionJson, pinnedAtMs, held }: ToolPin) => ({
  server,
  tool,
  digest,
  definition: JSON.parse(definitionJson) as unknown,
  pinned_at: isoTime(pinnedAtMs),
  held: held && {
    digest: held.digest,
    definition: JSON.parse(held.definitionJson) as unknown,
    since: isoTime(held.sinceMs),
  },
});
