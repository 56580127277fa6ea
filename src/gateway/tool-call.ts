import type { TraceContext } from './trace-context.ts';

/** A tool call on its way through the gateway, whatever it came in by. */

export type JsonObject = Readonly<Record<string, unknown>>;

/** How a call comes in: over HTTP, over MCP's HTTP transport, from a program that started the gateway. */
export type Face = 'http' | 'mcp' | 'stdio';

/** Who calls. */
export interface Caller {
  readonly agent: string;
  readonly project: string;
  /** `named`: the caller says so itself, which only a listener on loopback lets pass. */
  readonly proof: 'key' | 'token' | 'parent' | 'named' | 'none';
}

/** One text for one agent of one project. */
export const callerKey = ({ project, agent }: Pick<Caller, 'project' | 'agent'>): string =>
  `${project}\0${agent}`;

export interface ToolCall {
  readonly caller: Caller;
  /** `server.tool`, as listed. */
  readonly tool: string;
  readonly params: JsonObject;
  /** '' when the caller named none. */
  readonly sessionId: string;
  /** The caller's span, of which the call is a child. */
  readonly trace: TraceContext | undefined;
  readonly face: Face;
  /** Told of the approval's fate; '' for nobody. */
  readonly callbackUrl: string;
  /** The model that the caller says it runs on. */
  readonly model: string | undefined;
  /**
   * What happens when somebody must decide: `wait` until then, or answer `202` at once. An `at-once` call is run when it is
   * approved, and its result kept for the caller's next, equal call.
   */
  readonly whenAsked: 'wait' | 'at-once';
  /** Ends the wait and the call when the caller has gone. */
  readonly signal: AbortSignal;
  /** Told once when the call begins to wait. */
  readonly onWaiting?: (approval: { readonly id: string; readonly expiresAtMs: number }) => void;
  /** Told of the tool's own progress. */
  readonly onProgress?: (progress: Progress) => void;
}

/** What is known of a call whose arguments nobody looks at. */
export type UnseenCall = Pick<ToolCall, 'caller' | 'tool' | 'sessionId' | 'trace' | 'face'>;

export interface Progress {
  readonly progress: number;
  readonly total?: number | undefined;
  readonly message?: string | undefined;
}

export type CallPolicy = 'allow' | 'deny' | 'human_approval' | 'rate_limited' | 'error';

/** What the caller is told; each face turns it into its own words. */
export interface CallOutcome {
  /** As HTTP: 200, 202 waiting, 400, 403, 404, 408, 409, 429, 499 caller gone, 502. */
  readonly code: number;
  readonly policy: CallPolicy;
  readonly rule: string;
  readonly traceId: string;
  readonly spanId: string;
  /** Without the time that the call waited for a decision. */
  readonly latencyMs: number;
  readonly approvalId?: string | undefined;
  readonly result?: ToolResult | undefined;
  readonly error?: string | undefined;
}

/** What a tool gave. */
export interface ToolResult {
  /** JSON: for HTTP callers, and to count tokens in. */
  readonly value: unknown;
  /** As MCP has it; present when an MCP server gave it. */
  readonly mcp?: JsonObject | undefined;
  /** The backend's own status: 200, or what it answered. */
  readonly statusCode: number;
  /** Whether the tool says that it failed. */
  readonly failed: boolean;
  readonly exitCode?: number | undefined;
}
