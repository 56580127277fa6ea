/**
 * What a gateway and the server that it belongs to say to each other. The gateway opens a stream and answers with
 * requests, so that nobody need reach it. Times are milliseconds since 1970 UTC.
 */

/** The stream, on which the server speaks; the gateway opens it with GET and tells with POST. */
export const GATEWAY_LINK_PATH = '/api/v1/gateways/link';

/** The gateway tells something, or that it is still there, at least this often. */
export const LINK_BEAT_MS = 10_000;
/** Either end takes the other for gone when it has heard nothing for so long. */
export const LINK_SILENCE_MS = 30_000;

/** An approval as the gateway tells of it; nothing that its own list would not show. */
export interface ToldApprovalWire {
  readonly id: string;
  readonly agent: string;
  readonly tool: string;
  readonly arguments_sha256: string;
  readonly policy_version: string;
  readonly policy_rule: string;
  readonly status: string;
  readonly execution: string;
  /** The arguments as JSON, without secrets. */
  readonly params_json: string;
  readonly injection_risk: boolean;
  readonly session_id: string;
  readonly trace_id: string;
  readonly span_id: string;
  readonly parent_span_id: string;
  readonly face: string;
  readonly created_at_ms: number;
  readonly expires_at_ms: number;
  readonly resolved_at_ms: number | null;
  readonly resolved_by: string | null;
  readonly reasoning: string | null;
  readonly confidence: number | null;
  readonly executed_at_ms: number | null;
  /** Why approving it asks for a reason. */
  readonly dangers: readonly string[];
}

/** What came of a decision that the server passed on. */
export interface DecisionAnswer {
  readonly id: string;
  /** Absent when the gateway took it. */
  readonly error?: { readonly code: string; readonly message: string } | undefined;
}

export interface LinkReport {
  /** Of the gateway's data directory. */
  readonly instance: string;
  /** As the server named the connection: what was told on one before would put back what changed since. */
  readonly connection: string;
  readonly approvals: readonly ToldApprovalWire[];
  /** Where the gateway goes on after these. */
  readonly approvals_cursor?: string | undefined;
  /** Calls that ended, oldest first, as the gateway's own list has them. */
  readonly calls: readonly object[];
  readonly calls_cursor?: string | undefined;
  readonly answers: readonly DecisionAnswer[];
}

/** A decision that somebody made at the server. */
export interface LinkDecision {
  readonly type: 'decision';
  readonly id: string;
  readonly approval: string;
  readonly decision: 'approve' | 'deny';
  readonly reason: string | null;
  readonly by: {
    readonly kind: 'user' | 'service' | 'api_key' | 'system';
    readonly id: string;
    readonly name: string;
  };
}

/** What the server says, each an event of the stream. */
export type LinkEvent =
  | {
      readonly type: 'hello';
      readonly connection: string;
      readonly approvals_cursor: string;
      readonly calls_cursor: string;
    }
  | LinkDecision;
