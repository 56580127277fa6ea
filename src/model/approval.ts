/** Decisions about tool calls through the gateway. Times are milliseconds since 1970 UTC. */

export const APPROVAL_STATUSES = ['pending', 'approved', 'denied', 'timeout'] as const;

/** `timeout`: nobody decided in time, which denies. */
export type ApprovalStatus = (typeof APPROVAL_STATUSES)[number];

export const EXECUTION_STATES = ['none', 'executing', 'done', 'failed', 'interrupted'] as const;

/**
 * What became of the approved call. `executing` is durable before anything is forwarded; `interrupted` is what a crash
 * left executing: the tool may have run, and it is not run again.
 */
export type ExecutionState = (typeof EXECUTION_STATES)[number];

/** What exactly is approved: nothing that differs in any of these may use the approval. */
export interface ApprovalBinding {
  readonly project: string;
  readonly agent: string;
  /** As `server.tool`. */
  readonly tool: string;
  /** SHA-256, in hex, of the arguments as canonical JSON. */
  readonly argumentsDigest: string;
  readonly policyVersion: string;
}

export interface Approval extends ApprovalBinding {
  readonly id: string;
  readonly status: ApprovalStatus;
  readonly execution: ExecutionState;
  /** The rule that asked for a decision. */
  readonly policyRule: string;
  /** The arguments as JSON, without secrets. */
  readonly paramsJson: string;
  readonly injectionRisk: boolean;
  /** '' when the caller named none. */
  readonly sessionId: string;
  readonly traceId: string;
  readonly spanId: string;
  /** '' for a call that no span of the caller's started. */
  readonly parentSpanId: string;
  /** How the call came in, e.g. `http`. */
  readonly face: string;
  /** Who is told of the decision; '' for nobody. */
  readonly callbackUrl: string;
  readonly createdAtMs: number;
  /** Until when somebody may decide; once approved, until when the call may use it. */
  readonly expiresAtMs: number;
  readonly resolvedAtMs: number | null;
  readonly resolvedBy: string | null;
  readonly reasoning: string | null;
  /** From 0 to 1, as a supervisor gave it. */
  readonly confidence: number | null;
  readonly executedAtMs: number | null;
}

/** An approval of a gateway elsewhere, as that told of it. */
export interface ToldApproval extends Approval {
  /** The gateway's name; '' for the gateway of this store. */
  readonly gateway: string;
  /** Why approving it asks for a reason, as the gateway said last. */
  readonly dangers: readonly string[];
}

/** A standing approval: calls of these agents to these tools need no decision each. */
export interface Grant {
  readonly id: string;
  readonly project: string;
  /** A name, or a pattern with `*`. */
  readonly agent: string;
  readonly tools: readonly string[];
  readonly createdBy: string;
  readonly reason: string | null;
  readonly createdAtMs: number;
  readonly expiresAtMs: number;
  /** Null: as often as wanted until it expires. */
  readonly usesMax: number | null;
  readonly uses: number;
  readonly revokedAtMs: number | null;
}

/** A tool's definition as it was accepted, so that one that changes behind the gateway's back is noticed. */
export interface ToolPin {
  readonly project: string;
  readonly server: string;
  readonly tool: string;
  /** SHA-256, in hex, of name, description and schemas as canonical JSON. */
  readonly digest: string;
  readonly definitionJson: string;
  readonly pinnedAtMs: number;
  /** Another definition that the server gives now, and that waits for review; the tool is refused meanwhile. */
  readonly held: {
    readonly digest: string;
    readonly definitionJson: string;
    readonly sinceMs: number;
  } | null;
}
