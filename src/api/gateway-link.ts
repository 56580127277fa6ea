import { z } from 'zod';

import { actorOf, type Principal } from '../auth/principal.ts';
import { isDeeperThan } from '../base/is-deeper-than.ts';
import { AppError } from '../errors.ts';
import { APPROVAL_STATUSES, EXECUTION_STATES, type ToldApproval } from '../model/approval.ts';
import { GATEWAY_LINK_PATH, type ToldApprovalWire } from '../model/gateway-link.ts';
import { answerOf, hexId, idParams, success, text } from './answer.ts';
import type { Api, ApiDeps } from './api-deps.ts';
import { openEventStream, type EventStream } from './event-stream.ts';
import type { ToldCall } from './linked-gateways.ts';
import { principalOf } from './route-access.ts';

/** Of a report: arguments are up to 262,144 characters each. */
const REPORT_BYTES_MAX = 16 * 1024 * 1024;
/** So that either end notices when the other is gone. */
const PULSE_MS = 5_000;
const APPROVALS_MAX = 500;
const PARAMS_CHARACTERS_MAX = 1_000_000;
const PARAMS_LEVELS_MAX = 128;
/** Of a call as JSON: gateways keep less. As many as are kept are in memory. */
const CALL_PARAMS_CHARACTERS_MAX = 32_768;

const someId = idParams.shape.id;
const instance = z.string().regex(/^[\w-]{8,64}$/);
const cursor = z
  .string()
  .max(256)
  .regex(/^[\w:.-]*$/);
const timeMs = z.int().min(0).max(8.64e15);
/** '' where there is none. */
const hexOrNone = (digits: number) => z.union([z.literal(''), hexId(digits)]);

const paramsJson = text(PARAMS_CHARACTERS_MAX).refine((json) => {
  try {
    return !isDeeperThan(JSON.parse(json), PARAMS_LEVELS_MAX);
  } catch {
    return false;
  }
}, 'must be JSON');

const toldApproval = z.strictObject({
  id: someId,
  agent: text(1_024),
  tool: text(1_024),
  arguments_sha256: hexId(64),
  policy_version: text(256),
  policy_rule: text(1_024),
  status: z.enum(APPROVAL_STATUSES),
  execution: z.enum(EXECUTION_STATES),
  params_json: paramsJson,
  injection_risk: z.boolean(),
  session_id: text(1_024),
  trace_id: hexOrNone(32),
  span_id: hexOrNone(16),
  parent_span_id: hexOrNone(16),
  face: text(32),
  created_at_ms: timeMs,
  expires_at_ms: timeMs,
  resolved_at_ms: timeMs.nullable(),
  resolved_by: text(1_024).nullable(),
  reasoning: text(8_192).nullable(),
  confidence: z.number().min(0).max(1).nullable(),
  executed_at_ms: timeMs.nullable(),
  dangers: z.array(text(1_024)).max(16),
}) satisfies z.ZodType<ToldApprovalWire>;

const nanos = z.string().regex(/^\d{1,20}$/);

/** As the gateway's own list has it; what it says beside this is not kept. */
const toldCall = z.object({
  trace_id: hexOrNone(32),
  span_id: hexId(16),
  parent_span_id: hexOrNone(16),
  session_id: text(1_024).optional(),
  agent_id: text(1_024),
  face: text(32),
  tool: text(1_024),
  params: z
    .record(z.string(), z.unknown())
    .refine(
      (value) =>
        !isDeeperThan(value, PARAMS_LEVELS_MAX) &&
        JSON.stringify(value).length <= CALL_PARAMS_CHARACTERS_MAX,
      'must be as short as gateways keep it',
    ),
  result: text(16_384).optional(),
  result_cut: z.literal(true).optional(),
  policy: text(32),
  policy_rule: text(1_024),
  status_code: z.int(),
  latency_ms: z.number(),
  error: text(16_384).optional(),
  timestamp: z.iso.datetime({ offset: true }),
  start_unix_nano: nanos,
  end_unix_nano: nanos,
  approval_id: text(64).optional(),
  approval_status: text(32).optional(),
  approved_by: text(1_024).optional(),
  approval_ms: z.number().optional(),
  estimated_input_tokens: z.int(),
  estimated_output_tokens: z.int(),
  tokens_source: z.enum(['real', 'estimate']),
});

const reportBody = z.strictObject({
  instance,
  /** As the stream's first event names it. */
  connection: someId,
  /** Each is checked by itself: one that is wrong must not hold up the others. */
  approvals: z.array(z.unknown()).max(APPROVALS_MAX),
  approvals_cursor: cursor.optional(),
  calls: z.array(z.unknown()).max(APPROVALS_MAX).default([]),
  calls_cursor: cursor.optional(),
  answers: z
    .array(
      z.strictObject({
        id: someId,
        error: z.strictObject({ code: z.string().max(64), message: text(16_384) }).optional(),
      }),
    )
    .max(2_000),
});

const reportAnswer = z.object({
  rejected: z.array(z.object({ id: z.string(), error: z.string() })),
});

const linkQuery = z.strictObject({
  instance,
  url: text(2_048).default(''),
  version: text(64).default(''),
});

/** By which gateways elsewhere tell of their approvals and hear decisions; they open the connection. */
export function gatewayLinkRoutes(api: Api, deps: ApiDeps): void {
  const streams = new Set<EventStream>();
  // Streams have no end of their own and would keep the server from closing.
  api.addHook('preClose', async () => {
    for (const stream of streams) stream.end();
  });

  api.route({
    method: 'GET',
    url: GATEWAY_LINK_PATH,
    config: { access: 'gateway:link' },
    schema: {
      tags: ['gateway'],
      summary:
        'Connects a gateway that runs elsewhere: decisions about its calls come as server-sent events.',
      description: 'The label of the key is the name of the gateway.',
      querystring: linkQuery,
    },
    handler: async (request, reply) => {
      const { project, name } = gatewayOf(principalOf(request));
      const known = await deps.linkedGateways.greet({ project, name, ...request.query });
      const stream = openEventStream(reply, () => {
        clearInterval(pulse);
        streams.delete(stream);
        link.closed();
      });
      streams.add(stream);
      const link = deps.linkedGateways.attach(known, {
        send: (event) => stream.write(`data: ${JSON.stringify(event)}\n\n`),
        end: () => stream.end(),
      });
      const pulse = setInterval(() => {
        stream.write(': still here\n\n');
        link.check();
      }, PULSE_MS);
    },
  });

  api.route({
    method: 'POST',
    url: GATEWAY_LINK_PATH,
    bodyLimit: REPORT_BYTES_MAX,
    config: { access: 'gateway:link' },
    schema: {
      tags: ['gateway'],
      summary: 'Takes what a connected gateway tells of its approvals and calls.',
      body: reportBody,
      response: { 200: answerOf(reportAnswer) },
    },
    handler: async (request) => {
      const principal = gatewayOf(principalOf(request));
      const { project, name } = principal;
      const { approvals, rejected } = parseApprovals(request.body.approvals, { project, name });
      const told = parseCalls(request.body.calls, { project, gateway: name });
      const refused = await deps.linkedGateways.take({
        project,
        name,
        approvals,
        instance: request.body.instance,
        connection: request.body.connection,
        approvalsCursor: request.body.approvals_cursor,
        calls: told.calls,
        callsCursor: request.body.calls_cursor,
        answers: request.body.answers,
        actor: actorOf(principal),
      });
      const others = refused.map((each) => ({ id: each, error: 'another gateway told of it' }));
      return success({ rejected: [...rejected, ...told.rejected, ...others] });
    },
  });
}

/** A gateway is who its key says; a person is none. */
function gatewayOf(principal: Principal): Principal {
  if (principal.kind === 'api_key' || principal.kind === 'service') return principal;
  throw new AppError('FORBIDDEN', 'a gateway connects with a key, whose label is its name');
}

function parseApprovals(
  values: readonly unknown[],
  { project, name }: { readonly project: string; readonly name: string },
) {
  const approvals: ToldApproval[] = [];
  const rejected: { id: string; error: string }[] = [];
  for (const value of values) {
    const parsed = toldApproval.safeParse(value);
    if (parsed.success) approvals.push(toldOf(parsed.data, project, name));
    else rejected.push(rejectionOf((value as { id?: unknown } | null)?.id, parsed.error));
  }
  return { approvals, rejected };
}

function parseCalls(
  values: readonly unknown[],
  place: { readonly project: string; readonly gateway: string },
) {
  const calls: ToldCall[] = [];
  const rejected: { id: string; error: string }[] = [];
  for (const value of values) {
    const parsed = toldCall.safeParse(value);
    if (parsed.success) calls.push({ ...parsed.data, ...place });
    else rejected.push(rejectionOf((value as { span_id?: unknown } | null)?.span_id, parsed.error));
  }
  return { calls, rejected };
}

function rejectionOf(id: unknown, { issues }: z.ZodError): { id: string; error: string } {
  const { path, message } = issues[0]!;
  return { id: String(id).slice(0, 64), error: `${path.join('.')}: ${message}` };
}

const toldOf = (
  wire: z.infer<typeof toldApproval>,
  project: string,
  gateway: string,
): ToldApproval => ({
  project,
  gateway,
  id: wire.id,
  agent: wire.agent,
  tool: wire.tool,
  argumentsDigest: wire.arguments_sha256,
  policyVersion: wire.policy_version,
  policyRule: wire.policy_rule,
  status: wire.status,
  execution: wire.execution,
  paramsJson: wire.params_json,
  injectionRisk: wire.injection_risk,
  sessionId: wire.session_id,
  traceId: wire.trace_id,
  spanId: wire.span_id,
  parentSpanId: wire.parent_span_id,
  face: wire.face,
  callbackUrl: '',
  createdAtMs: wire.created_at_ms,
  expiresAtMs: wire.expires_at_ms,
  resolvedAtMs: wire.resolved_at_ms,
  resolvedBy: wire.resolved_by,
  reasoning: wire.reasoning,
  confidence: wire.confidence,
  executedAtMs: wire.executed_at_ms,
  dangers: wire.dangers,
});
