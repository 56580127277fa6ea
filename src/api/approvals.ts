import { z } from 'zod';

import { AppError } from '../errors.ts';
import { actorOf, type Principal } from '../auth/principal.ts';
import { APPROVAL_STATUSES, EXECUTION_STATES, type ToldApproval } from '../model/approval.ts';
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

/** A list holds up to this much of the arguments of each, and the beginning where there is more. */
const PARAMS_CHARACTERS_MAX = 16_384;
const SHOWN_CHARACTERS = 4_096;

const approvalAnswer = z
  .object({
    id: z.string(),
    agent: z.string(),
    tool: z.string(),
    /** Without secrets; in lists, long ones are cut, and one approval alone has them whole. */
    params: z.unknown(),
    /** Of the arguments as JSON. */
    params_characters: z.int(),
    params_cut: z.boolean(),
    /** Why approving it asks for a reason; empty for a call like any other, and for one that is decided. */
    dangers: z.array(z.string()),
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
    /** The name of the gateway elsewhere that holds the call; null for the one within this server. */
    gateway: z.string().nullable(),
    /** Why nobody can decide it here now; null where somebody can, and for one that is decided. */
    undecidable: z.string().nullable(),
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
      const { id } = request.params;
      const { decision, reason } = request.body;
      const actor = actorOf(principal);
      const told = await toldOf(deps, principal.project, id);
      if (told !== undefined) {
        requirePending(told);
        const decided = await deps.linkedGateways.decide(told, { decision, actor, reason });
        return success(toAnswer(decided, deps));
      }
      const status = decision === 'approve' ? ('approved' as const) : ('denied' as const);
      const own = { status, actor, reasoning: reason };
      const approval = await gatewayOf(deps).decide(principal.project, id, own);
      return success(toAnswer({ ...approval, ...OWN }, deps));
    },
  });
}

/** Of the gateway within this server. */
const OWN = { gateway: '', dangers: [] } as const;

/** The approval of a gateway elsewhere; undefined for one of this server's own, whatever others tell. */
async function toldOf(
  { store }: Pick<ApiDeps, 'store'>,
  project: string,
  id: string,
): Promise<ToldApproval | undefined> {
  const told = await store.toldApprovals.get(project, id);
  if (told === undefined) return undefined;
  return (await store.approvals.get(project, id)) === undefined ? told : undefined;
}

function requirePending({ id, status, resolvedBy }: ToldApproval): void {
  if (status === 'pending') return;
  const message = `${id} was decided before (${status} by ${resolvedBy}); the first decision stands`;
  throw new AppError('CONFLICT', message);
}

/** Whoever calls tools cannot decide about calls, whatever else it may. */
export function deciderOf(principal: Principal): Principal {
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
      const found = await deps.store.toldApprovals.findAll(project, filter, window);
      return {
        ...success(found.approvals.map((each) => toAnswer(each, deps, PARAMS_CHARACTERS_MAX))),
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
      const { project } = principalOf(request);
      const own = await deps.store.approvals.get(project, id);
      if (own !== undefined) return success(toAnswer({ ...own, ...OWN }, deps));
      const told = await deps.store.toldApprovals.get(project, id);
      if (told === undefined) throw new AppError('NOT_FOUND', `there is no approval ${id}`);
      return success(toAnswer(told, deps));
    },
  });
}

type AnswerDeps = Pick<ApiDeps, 'gateway' | 'linkedGateways' | 'clock'>;

/** With the arguments whole, or, beyond `charactersMax`, with their beginning. */
function toAnswer(
  approval: ToldApproval,
  deps: AnswerDeps,
  charactersMax = Infinity,
): z.infer<typeof approvalAnswer> {
  const { paramsJson, status } = approval;
  const cut = paramsJson.length > charactersMax;
  return {
    id: approval.id,
    agent: approval.agent,
    tool: approval.tool,
    params: cut
      ? { _cut: paramsJson.slice(0, SHOWN_CHARACTERS), _characters: paramsJson.length }
      : (JSON.parse(paramsJson) as unknown),
    params_characters: paramsJson.length,
    params_cut: cut,
    dangers: status === 'pending' ? [...dangersOf(approval, deps)] : [],
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
    gateway: approval.gateway === '' ? null : approval.gateway,
    undecidable: status === 'pending' ? undecidableOf(approval, deps) : null,
  };
}

const dangersOf = (approval: ToldApproval, { gateway }: AnswerDeps): readonly string[] =>
  approval.gateway === '' ? (gateway?.dangersOf(approval) ?? []) : approval.dangers;

function undecidableOf(
  { project, gateway: name, expiresAtMs }: ToldApproval,
  { gateway, linkedGateways, clock }: AnswerDeps,
): string | null {
  if (name === '') {
    return gateway === undefined
      ? 'This server runs no gateway now: start it with --gateway.'
      : null;
  }
  if (linkedGateways.isConnected(project, name)) return null;
  return expiresAtMs > clock.now()
    ? `The gateway ${name} is not connected: decide at its own address, or when it is back.`
    : `Its time is over, and the gateway ${name} is not connected to tell what became of it.`;
}
