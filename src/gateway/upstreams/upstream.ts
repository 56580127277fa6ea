import type { JsonObject, Progress, ToolResult } from '../tool-call.ts';
import type { TraceContext } from '../trace-context.ts';

/** A tool as an upstream offers it. */
export interface UpstreamTool {
  /** As the upstream names it. */
  readonly name: string;
  readonly description: string;
  /** JSON Schema of the arguments. */
  readonly inputSchema: JsonObject;
  /** Title, output schema, annotations, icons: passed on as they came. */
  readonly rest?: JsonObject | undefined;
  /** Whether it changes nothing, where the kind of upstream says so for certain: an HTTP GET. */
  readonly readOnly?: boolean | undefined;
}

export interface ForwardOptions {
  /** Who calls: the project and the agent's name, as one text. */
  readonly agent: string;
  /** The call's own span, which becomes the parent of what the upstream does. */
  readonly trace: TraceContext;
  readonly signal: AbortSignal;
  readonly onProgress?: ((progress: Progress) => void) | undefined;
}

export type UpstreamState = 'connecting' | 'ready' | 'failed' | 'closed';

export interface UpstreamStatus {
  readonly name: string;
  readonly kind: 'mcp' | 'openapi' | 'cli';
  readonly transport: string;
  readonly state: UpstreamState;
  readonly tools: number;
  /** Why it is not ready; '' when it is. */
  readonly error: string;
}

/** What tools stand behind. */
export interface Upstream {
  readonly name: string;
  /** What stands before the tool's name: `name.`, or nothing. */
  readonly prefix: string;
  /** What is done with a call that no rule of any policy names. */
  readonly defaultAction?: 'allow' | 'deny' | 'human_approval' | undefined;
  tools(): readonly UpstreamTool[];
  /** A tool that is not listed and can be called nevertheless, as any subcommand of a command line. */
  resolve?(name: string): UpstreamTool | undefined;
  /** Throws `UPSTREAM_FAILED` when the upstream does not answer as it should, `VALIDATION_ERROR` for arguments it refuses. */
  /** What an MCP server offers beside tools. */
  readonly beside?: McpOffers | undefined;
  call(tool: string, params: JsonObject, options: ForwardOptions): Promise<ToolResult>;
  status(): UpstreamStatus;
  /** Told when the tools have changed. */
  onToolsChanged(listener: () => void): void;
  close(): Promise<void>;
}

/** Resources and prompts of an MCP server; they pass through. Each throws `UPSTREAM_FAILED`. */
export interface McpOffers {
  has(what: 'resources' | 'prompts' | 'completions'): boolean;
  /** Sends the request as it is, e.g. `resources/read`, and answers the result as it comes. */
  request(method: McpMethod, params: JsonObject, options: ForwardOptions): Promise<JsonObject>;
}

export type McpMethod =
  | 'resources/list'
  | 'resources/templates/list'
  | 'resources/read'
  | 'prompts/list'
  | 'prompts/get'
  | 'completion/complete';
