import { SPAN_STATUS, type OutgoingSpan } from '../model/outgoing-telemetry.ts';
import type { JsonObject } from './tool-call.ts';

/**
 * A call as `/traces` and the trace file tell of it: one flat object a line. The names are those that readers of Agent
 * Mesh's files know, and some more.
 */
export interface TraceEntry {
  readonly trace_id: string;
  readonly span_id: string;
  /** '' for a root. */
  readonly parent_span_id: string;
  readonly session_id?: string | undefined;
  readonly agent_id: string;
  readonly project: string;
  /** Of the gateway that tells of it, where that is not this one. */
  readonly gateway?: string | undefined;
  readonly face: string;
  readonly tool: string;
  /** Without secrets; cut where it is long. */
  readonly params: JsonObject;
  readonly policy: string;
  readonly policy_rule: string;
  /** What the caller was answered, or what the backend answered. */
  readonly status_code: number;
  /** Without the time that the call waited for a decision. */
  readonly latency_ms: number;
  readonly error?: string | undefined;
  /** The beginning of the answer as text, without secrets. */
  readonly result?: string | undefined;
  readonly result_cut?: true | undefined;
  /** The end: ISO 8601. */
  readonly timestamp: string;
  readonly start_unix_nano: string;
  readonly end_unix_nano: string;
  readonly exit_code?: number | undefined;
  readonly approval_id?: string | undefined;
  readonly approval_status?: string | undefined;
  readonly approved_by?: string | undefined;
  readonly approval_ms?: number | undefined;
  readonly supervisor_reasoning?: string | undefined;
  readonly supervisor_confidence?: number | undefined;
  readonly estimated_input_tokens: number;
  readonly estimated_output_tokens: number;
  readonly tokens_source: 'real' | 'estimate';
}

/** The span of a call, finished, with every attribute that is known of it. `kind` is what the configuration says. */
export function spanOf(entry: TraceEntry, kind: number): OutgoingSpan {
  const failed = entry.policy === 'deny' || entry.policy === 'rate_limited' || isFailure(entry);
  return {
    traceId: entry.trace_id,
    spanId: entry.span_id,
    parentSpanId: entry.parent_span_id,
    name: entry.tool,
    kind,
    startNs: BigInt(entry.start_unix_nano),
    endNs: BigInt(entry.end_unix_nano),
    attributes: {
      'agent.id': entry.agent_id,
      'tool.name': entry.tool,
      'policy.action': actionOf(entry.policy),
      'policy.rule': entry.policy_rule,
      'http.status_code': entry.status_code,
      'error.message': entry.error,
      'approval.id': entry.approval_id,
      'approval.status': entry.approval_status,
      'approval.duration_ms': entry.approval_ms,
      'llm.token.input': entry.estimated_input_tokens,
      'llm.token.output': entry.estimated_output_tokens,
      'llm.token.source': entry.tokens_source,
      'session.id': entry.session_id,
      'process.exit.code': entry.exit_code,
      'approval.decided_by': entry.approved_by,
      'approval.confidence': entry.supervisor_confidence,
      'gateway.face': entry.face,
      'gen_ai.operation.name': 'execute_tool',
      'gen_ai.tool.name': entry.tool,
      'gen_ai.agent.name': entry.agent_id,
    },
    events: [],
    status: failed ? { code: SPAN_STATUS.error, message: entry.error } : { code: SPAN_STATUS.ok },
  };
}

/** Readers know three; a call that never came to a rule was denied. */
const actionOf = (policy: string): string =>
  policy === 'allow' || policy === 'human_approval' ? policy : 'deny';

/** Whether the call itself did not come to a good end, or was refused. */
export const isFailure = (entry: TraceEntry): boolean =>
  entry.error !== undefined || entry.status_code >= 400;

/** Whether a line of a file is an entry: enough of it to list and to export. */
export function isTraceEntry(value: unknown): value is TraceEntry {
  if (typeof value !== 'object' || value === null) return false;
  const entry = value as Readonly<Record<string, unknown>>;
  return (
    ['trace_id', 'agent_id', 'tool', 'policy', 'policy_rule', 'timestamp'].every(
      (name) => typeof entry[name] === 'string',
    ) &&
    /^\d{1,20}$/.test(String(entry['start_unix_nano'])) &&
    /^\d{1,20}$/.test(String(entry['end_unix_nano'])) &&
    typeof entry['status_code'] === 'number'
  );
}
