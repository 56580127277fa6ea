import { z } from 'zod';

import { AppError } from '../errors.ts';
import {
  answerOf,
  FROM_AFTER_TO,
  inOrder,
  isoTime,
  limitOf,
  numberedPageOf,
  success,
  text,
  time,
  traceOf,
  traceShape,
} from './answer.ts';
import type { Api, ApiDeps } from './api-deps.ts';
import type { CallFilter, GatewayBox } from './gateway-box.ts';
import { principalOf } from './route-access.ts';

const callAnswer = z
  .object({
    trace_id: z.string(),
    span_id: z.string(),
    parent_span_id: z.string(),
    session_id: z.string().optional(),
    agent_id: z.string(),
    /** The name of the gateway elsewhere that it came to; absent for the one within this server. */
    gateway: z.string().optional(),
    face: z.string(),
    tool: z.string(),
    /** Without secrets; cut where they are long. */
    params: z.record(z.string(), z.unknown()),
    /** The beginning of the answer as text, without secrets; absent where none was kept. */
    result: z.string().optional(),
    /** Present when the answer is longer. */
    result_cut: z.literal(true).optional(),
    /** `allow`, `deny`, `human_approval`, `rate_limited` or `error`. */
    policy: z.string(),
    policy_rule: z.string(),
    status_code: z.int(),
    latency_ms: z.number(),
    error: z.string().optional(),
    timestamp: z.string(),
    approval_id: z.string().optional(),
    approval_status: z.string().optional(),
    approved_by: z.string().optional(),
    approval_ms: z.number().optional(),
    estimated_input_tokens: z.int(),
    estimated_output_tokens: z.int(),
    tokens_source: z.enum(['real', 'estimate']),
  })
  .meta({ id: 'GatewayCall' });

const callsQuery = z
  .strictObject({
    agent: text(256).optional(),
    tool: text(512).optional(),
    session: text(256).optional(),
    /** What was decided: `allow`, `deny`, `human_approval`, `rate_limited` or `error`. */
    policy: text(32).optional(),
    /** The rule that decided, as calls name it. */
    rule: text(512).optional(),
    /** `failed`: refused, or with an answer of 400 and above, or a failure that the tool reports. */
    status: z.enum(['ok', 'failed']).optional(),
    ...traceShape,
    span_id: text(16).optional(),
    from: time.optional(),
    to: time.optional(),
    page: z.coerce.number().int().min(1).max(100_000).default(1),
    limit: limitOf(50, 500),
  })
  .refine(({ from, to }) => inOrder(from, to), FROM_AFTER_TO);

const gatewayAnswer = z
  .object({
    running: z.boolean(),
    /** Where agents reach it; null when none runs. */
    url: z.string().nullable(),
    /** Of this server's gateway and of those elsewhere, while somebody can still decide. */
    approvals_pending: z.int(),
    /** Those that run elsewhere and tell of their approvals here, by name. */
    elsewhere: z.array(
      z.object({
        name: z.string(),
        connected: z.boolean(),
        /** Where it is reached by who can; '' when it did not say. */
        url: z.string(),
        version: z.string(),
        heard_at: z.string(),
        approvals_pending: z.int(),
      }),
    ),
    servers: z.array(
      z.object({
        name: z.string(),
        kind: z.string(),
        transport: z.string(),
        state: z.string(),
        tools: z.int(),
        error: z.string(),
      }),
    ),
  })
  .meta({ id: 'Gateway' });

/** The gateway of this server; throws `NOT_FOUND` when it runs none. */
export function gatewayOf({ gateway }: Pick<ApiDeps, 'gateway'>): GatewayBox {
  if (gateway !== undefined) return gateway;
  throw new AppError('NOT_FOUND', 'this server runs no gateway; start it with --gateway FILE');
}

/** Of all gateways together, newest first. */
function findCalls(
  { gateway, toldCalls }: ApiDeps,
  filter: CallFilter,
  { offset, limit }: { readonly offset: number; readonly limit: number },
) {
  const until = { offset: 0, limit: offset + limit };
  const told = toldCalls.find(filter, until);
  const own = gateway?.calls.find(filter, until) ?? { entries: [], total: 0 };
  const entries = [...own.entries, ...told.entries]
    .toSorted((a, b) => Date.parse(b.timestamp) - Date.parse(a.timestamp))
    .slice(offset, offset + limit);
  return { entries, total: own.total + told.total };
}

async function gatewaysElsewhere(deps: ApiDeps, project: string) {
  const waiting = await deps.store.toldApprovals.countPending(project, deps.clock.now());
  const gateways = await deps.linkedGateways.list(project);
  return gateways.map(({ name, connected, url, version, heardAtMs }) => ({
    name,
    connected,
    url,
    version,
    heard_at: isoTime(heardAtMs),
    approvals_pending: waiting.get(name) ?? 0,
  }));
}

/** Tool calls through the gateway, and the rules by which they are let through. */
export function gatewayCallRoutes(api: Api, deps: ApiDeps): void {
  api.route({
    method: 'GET',
    url: '/api/v1/gateway',
    config: { access: 'governance:read' },
    schema: {
      tags: ['gateway'],
      summary: 'Answers whether a gateway runs in this server, and what stands behind it.',
      response: { 200: answerOf(gatewayAnswer) },
    },
    handler: async (request) => {
      const { gateway } = deps;
      const elsewhere = await gatewaysElsewhere(deps, principalOf(request).project);
      const waiting = elsewhere.map(({ connected, approvals_pending: n }) => (connected ? n : 0));
      return success({
        running: gateway !== undefined,
        url: gateway?.url ?? null,
        approvals_pending: waiting.reduce((sum, n) => sum + n, gateway?.desk.pending() ?? 0),
        elsewhere,
        servers: [...(gateway?.upstreams() ?? [])],
      });
    },
  });

  api.route({
    method: 'GET',
    url: '/api/v1/calls',
    config: { access: 'governance:read' },
    schema: {
      tags: ['gateway'],
      summary: 'Lists the tool calls of late, newest first; older ones are spans.',
      querystring: callsQuery,
      response: { 200: numberedPageOf(callAnswer) },
    },
    handler: async (request) => {
      const { page, limit, from, to, status, ...rest } = request.query;
      const { trace, trace_id, span_id: spanId, ...named } = rest;
      const traceId = traceOf({ trace, trace_id });
      const failed = status === undefined ? undefined : status === 'failed';
      const { project } = principalOf(request);
      const filter = { ...named, failed, traceId, spanId, fromMs: from, toMs: to, project };
      const found = findCalls(deps, filter, { offset: (page - 1) * limit, limit });
      return { ...success(found.entries), meta: { total: found.total, page, limit } };
    },
  });
}
