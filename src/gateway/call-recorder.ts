import { canonicalJson } from '../base/canonical-json.ts';
import type { TraceExporter } from '../exporter/trace-exporter.ts';
import type { Approval } from '../model/approval.ts';
import type { OutgoingOrigin } from '../model/outgoing-telemetry.ts';
import { redactBeginning, redactJsonBeginning } from '../model/secrets.ts';
import type { CallLog } from './call-log.ts';
import { countTokens } from './token-count.ts';
import type { CallPolicy, JsonObject, ToolResult } from './tool-call.ts';
import { spanOf, type TraceEntry } from './trace-entry.ts';

/** A call that has ended, however. Times are nanoseconds since 1970 UTC. */
export interface FinishedCall {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string;
  readonly sessionId: string;
  readonly agent: string;
  readonly project: string;
  readonly face: string;
  readonly tool: string;
  readonly params: JsonObject;
  readonly policy: CallPolicy;
  readonly rule: string;
  readonly code: number;
  readonly startNs: bigint;
  readonly endNs: bigint;
  readonly latencyMs: number;
  readonly error?: string | undefined;
  readonly result?: ToolResult | undefined;
  readonly approval?: Approval | undefined;
}

/** Writes every call down once, when it has ended, without holding it up. */
export type CallRecorder = (call: FinishedCall) => void;

const PARAMS_CHARACTERS_MAX = 16_384;
const RESULT_CHARACTERS_MAX = 4_096;
const ERROR_CHARACTERS_MAX = 2_000;

export function createCallRecorder(options: {
  readonly log: CallLog;
  readonly exporters: readonly Pick<TraceExporter, 'export'>[];
  readonly origin: OutgoingOrigin;
  readonly spanKind: number;
  /** Whether the beginnings of answers are written down. */
  readonly keepsResults: boolean;
}): CallRecorder {
  return (call) => {
    const entry = entryOf(call, options.keepsResults);
    options.log.add(entry);
    if (options.exporters.length === 0) return;
    const batch = { origin: options.origin, spans: [spanOf(entry, options.spanKind)] };
    for (const exporter of options.exporters) exporter.export(batch);
  };
}

function entryOf(call: FinishedCall, keepsResults: boolean): TraceEntry {
  const tokens = countTokens(canonicalJson(call.params), call.result);
  const { approval } = call;
  const decided = approval !== undefined && approval.status !== 'pending' ? approval : undefined;
  return {
    trace_id: call.traceId,
    span_id: call.spanId,
    parent_span_id: call.parentSpanId,
    ...(call.sessionId === '' ? {} : { session_id: call.sessionId }),
    agent_id: call.agent,
    project: call.project,
    face: call.face,
    tool: call.tool,
    params: shownParams(call.params),
    policy: call.policy,
    policy_rule: call.rule,
    status_code: call.code,
    latency_ms: call.latencyMs,
    ...(call.error === undefined
      ? {}
      : { error: redactBeginning(call.error, ERROR_CHARACTERS_MAX) }),
    ...(call.result === undefined || !keepsResults ? {} : shownResult(call.result)),
    timestamp: new Date(Number(call.endNs / 1_000_000n)).toISOString(),
    start_unix_nano: String(call.startNs),
    end_unix_nano: String(call.endNs),
    ...(call.result?.exitCode === undefined ? {} : { exit_code: call.result.exitCode }),
    ...(approval === undefined ? {} : { approval_id: approval.id }),
    ...(decided === undefined ? {} : decisionOf(decided)),
    estimated_input_tokens: tokens.input,
    estimated_output_tokens: tokens.output,
    tokens_source: tokens.source,
  };
}

function decisionOf(approval: Approval) {
  const { resolvedAtMs, createdAtMs, reasoning, confidence } = approval;
  return {
    approval_status: approval.status,
    ...(approval.resolvedBy === null ? {} : { approved_by: approval.resolvedBy }),
    ...(resolvedAtMs === null ? {} : { approval_ms: resolvedAtMs - createdAtMs }),
    ...(reasoning === null ? {} : { supervisor_reasoning: reasoning }),
    ...(confidence === null ? {} : { supervisor_confidence: confidence }),
  };
}

/** Arguments as they are kept: without secrets, and with their beginning alone when they are long. */
export function shownParams(params: JsonObject): JsonObject {
  const { value, complete } = redactJsonBeginning(params, PARAMS_CHARACTERS_MAX);
  const text = JSON.stringify(value);
  if (complete && text.length <= PARAMS_CHARACTERS_MAX) return value as JsonObject;
  const characters = JSON.stringify(params).length;
  return { _cut: text.slice(0, PARAMS_CHARACTERS_MAX / 4), _characters: characters };
}

/** The beginning of an answer as text, without secrets. */
function shownResult({ value }: ToolResult): {
  readonly result: string;
  readonly result_cut?: true;
} {
  const begun = redactJsonBeginning(value, RESULT_CHARACTERS_MAX);
  const text = typeof begun.value === 'string' ? begun.value : JSON.stringify(begun.value ?? null);
  const cut = !begun.complete || text.length > RESULT_CHARACTERS_MAX;
  return { result: text.slice(0, RESULT_CHARACTERS_MAX), ...(cut ? { result_cut: true } : {}) };
}
