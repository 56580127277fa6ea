import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';

import { addRoute } from './add-route.ts';
import type { Principal } from '../../auth/principal.ts';
import { holds } from '../../auth/scope.ts';
import { AppError } from '../../errors.ts';
import { APPROVAL_STATUSES, type Approval } from '../../model/approval.ts';
import { decideApproval } from '../approvals/decide-approval.ts';
import { hasInjectionRisk } from '../injection.ts';
import { withholdContent } from '../withhold-content.ts';
import { checked, numberOf } from './checked.ts';
import { confirmPage, donePage } from './decision-page.ts';
import { grantAnswer } from './grant-routes.ts';
import type { HttpDeps } from './http-face.ts';
import { originOf } from './request-origin.ts';
import { withoutResult } from './trace-routes.ts';

const REASON_CHARACTERS_MAX = 4_000;

const listQuery = z.object({
  status: z.enum(APPROVAL_STATUSES).optional(),
  agent: z.string().optional(),
  tool: z.string().optional(),
  limit: numberOf(100, 1_000),
  offset: numberOf(0, 1_000_000),
});

const decisionBody = z
  .object({
    resolved_by: z.string().min(1).max(256).optional(),
    reasoning: z.string().max(REASON_CHARACTERS_MAX).optional(),
    confidence: z.number().min(0).max(1).optional(),
  })
  .default({});

const linkQuery = z.object({
  decision: z.enum(['approve', 'deny']),
  expires: z.coerce.number(),
  signature: z.string().max(200),
});

const RECENT_CALLS = 10;

/** Calls that wait, and what was decided about them. */
export function approvalRoutes(app: FastifyInstance, deps: HttpDeps): void {
  const decide = async (request: FastifyRequest, status: 'approved' | 'denied') => {
    const { principal, agent } = await deps.identity.deciderOf(originOf(request.raw));
    const { id } = request.params as { id: string };
    const body = checked(decisionBody, request.body ?? {}, 'the body');
    const approval = await deps.desk.get(principal.project, id);
    if (agent !== undefined && agent === approval.agent) {
      throw new AppError('FORBIDDEN', 'an agent cannot decide about its own calls');
    }
    const decided = await decideApproval(deps, approval, {
      status,
      actor: deps.actorOf(principal),
      // A key is shared by those who hold it, so that they may say who they are; an agent's name is proven.
      resolvedBy: agent === undefined ? (body.resolved_by ?? principal.name) : `agent:${agent}`,
      reasoning: body.reasoning,
      confidence: body.confidence,
    });
    return { status: decided.status, id: decided.id };
  };

  addRoute(app, 'GET', '/approvals', async (request, reply) => {
    const reader = await deps.identity.readerOf(originOf(request.raw));
    const { limit, offset, ...filter } = checked(listQuery, request.query, 'the query');
    const { approvals, total } = await deps.desk.find(reader.project, filter, { offset, limit });
    void reply.header('x-total-count', String(total));
    return approvals.map((approval) => approvalAnswer(approval, reader, deps));
  });

  addRoute(app, 'GET', '/approvals/:id', async (request) => {
    const reader = await deps.identity.readerOf(originOf(request.raw));
    const { project } = reader;
    const { id } = request.params as { id: string };
    const approval = await deps.desk.get(project, id);
    const page = { offset: 0, limit: RECENT_CALLS };
    const grants = await deps.grants.list(project, 'active');
    return {
      ...approvalAnswer(approval, reader, deps),
      recent_traces: deps.calls.find({ agent: approval.agent }, page).entries.map(withoutResult),
      active_grants: grants.map((grant) => grantAnswer(grant, deps.clock.now())),
    };
  });

  addRoute(app, 'POST', '/approvals/:id/approve', (request) => decide(request, 'approved'));
  addRoute(app, 'POST', '/approvals/:id/deny', (request) => decide(request, 'denied'));
  void app.register(async (scope) => linkRoutes(scope, deps));
}

/** Links in notices. Looking at one decides nothing, because programs that show a link look at it first. */
function linkRoutes(app: FastifyInstance, deps: HttpDeps): void {
  // Its forms are no JSON.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'string' }, (_, body, done) => done(null, body));
  const read = async (request: FastifyRequest) => {
    const { id } = request.params as { id: string };
    const { decision, expires, signature } = checked(linkQuery, request.query, 'the link');
    if (!deps.links.verify({ id, decision, expiresAtMs: expires, signature })) {
      throw new AppError('FORBIDDEN', 'the link has expired or was altered');
    }
    return { approval: await deps.desk.get(deps.project, id), decision };
  };

  addRoute(app, 'GET', '/approvals/:id/link', async (request, reply) => {
    const { approval, decision } = await read(request);
    const page =
      approval.status === 'pending'
        ? confirmPage(approval, { decision, dangers: deps.dangersOf(approval) })
        : donePage(approval);
    return sendPage(reply, 200, page);
  });

  addRoute(app, 'POST', '/approvals/:id/link', async (request, reply) => {
    const { approval, decision } = await read(request);
    const reasoning = reasonOf(request.body);
    try {
      const decided = await decideApproval(deps, approval, {
        status: decision === 'approve' ? 'approved' : 'denied',
        actor: { kind: 'system', id: 'decision-link', name: 'a signed link' },
        reasoning,
      });
      return await sendPage(reply, 200, donePage(decided));
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== 'VALIDATION_ERROR') throw error;
      const dangers = deps.dangersOf(approval);
      return sendPage(reply, 400, confirmPage(approval, { decision, dangers, isMissing: true }));
    }
  });
}

const sendPage = (reply: FastifyReply, status: number, page: string): FastifyReply =>
  reply.code(status).type('text/html; charset=utf-8').headers(PAGE_HEADERS).send(page);

/** Of the form's one field; undefined when it is empty. */
function reasonOf(body: unknown): string | undefined {
  const text = typeof body === 'string' ? new URLSearchParams(body).get('reason') : null;
  return text?.trim().slice(0, REASON_CHARACTERS_MAX) || undefined;
}

/** The link is the credential: it must not leak through a referrer, nor the page stand in a frame. */
const PAGE_HEADERS = {
  'content-security-policy':
    "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
};

/** People decide about what they see; whoever sends no credential on this machine may be an agent. */
const mayDecide = ({ kind, scopes }: Principal): boolean =>
  (kind === 'user' || kind === 'api_key') &&
  holds(scopes, 'governance:write') &&
  !scopes.includes('gateway:call');

function approvalAnswer(approval: Approval, reader: Principal, deps: HttpDeps) {
  const params = JSON.parse(approval.paramsJson) as unknown;
  const remainingMs = Math.max(0, approval.expiresAtMs - deps.clock.now());
  return {
    id: approval.id,
    agent_id: approval.agent,
    tool: approval.tool,
    params: deps.exposeContent || mayDecide(reader) ? params : withholdContent(params),
    policy_rule: approval.policyRule,
    status: approval.status,
    execution: approval.execution,
    created_at: new Date(approval.createdAtMs).toISOString(),
    expires_at: new Date(approval.expiresAtMs).toISOString(),
    ...(approval.status === 'pending' ? { remaining: `${Math.round(remainingMs / 1_000)}s` } : {}),
    ...(approval.resolvedAtMs === null
      ? {}
      : { resolved_at: new Date(approval.resolvedAtMs).toISOString() }),
    ...(approval.resolvedBy === null ? {} : { resolved_by: approval.resolvedBy }),
    ...(approval.reasoning === null ? {} : { reasoning: approval.reasoning }),
    ...(approval.confidence === null ? {} : { confidence: approval.confidence }),
    injection_risk: approval.injectionRisk || hasInjectionRisk(params),
    ...(approval.status === 'pending' ? { dangers: deps.dangersOf(approval) } : {}),
    arguments_sha256: approval.argumentsDigest,
    policy_version: approval.policyVersion,
    trace_id: approval.traceId,
    ...(approval.sessionId === '' ? {} : { session_id: approval.sessionId }),
  };
}
