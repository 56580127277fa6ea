import type { Approval, Grant, ToolPin } from '../model/approval.ts';
import type { ApprovalFilter } from '../storage/approval-store.ts';
import type { Actor } from '../storage/audit-log.ts';

/** A tool call as it is told of: the gateway's own words for it. */
export interface CallEntry {
  readonly trace_id: string;
  readonly span_id: string;
  readonly session_id?: string | undefined;
  readonly agent_id: string;
  readonly face: string;
  readonly tool: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly policy: string;
  readonly policy_rule: string;
  readonly status_code: number;
  readonly latency_ms: number;
  readonly error?: string | undefined;
  readonly timestamp: string;
  readonly approval_id?: string | undefined;
  readonly approval_status?: string | undefined;
  readonly approved_by?: string | undefined;
  readonly approval_ms?: number | undefined;
  readonly estimated_input_tokens: number;
  readonly estimated_output_tokens: number;
  readonly tokens_source: 'real' | 'estimate';
}

export interface CallFilter {
  readonly agent?: string | undefined;
  readonly tool?: string | undefined;
  readonly session?: string | undefined;
  readonly policy?: string | undefined;
  readonly traceId?: string | undefined;
  readonly fromMs?: number | undefined;
  readonly toMs?: number | undefined;
}

interface Page {
  readonly offset: number;
  readonly limit: number;
}

/** The gateway that runs inside this server, as the routes see it. */
export interface GatewayBox {
  /** Where agents reach it. */
  readonly url: string;
  readonly calls: {
    find(
      filter: CallFilter,
      page: Page,
    ): { readonly entries: readonly CallEntry[]; readonly total: number };
  };
  readonly desk: {
    get(project: string, idOrPrefix: string): Promise<Approval>;
    find(
      project: string,
      filter: ApprovalFilter,
      page: Page,
    ): Promise<{ readonly approvals: readonly Approval[]; readonly total: number }>;
    decide(
      project: string,
      id: string,
      decision: {
        readonly status: 'approved' | 'denied';
        readonly actor: Actor;
        readonly reasoning?: string | undefined;
      },
    ): Promise<Approval>;
    pending(): number;
  };
  readonly grants: {
    list(project: string, which: 'active' | 'all'): Promise<readonly Grant[]>;
    create(
      project: string,
      grant: {
        readonly agent: string;
        readonly tools: readonly string[];
        readonly durationMs: number;
        readonly usesMax?: number | undefined;
        readonly reason?: string | undefined;
      },
      actor: Actor,
    ): Promise<Grant>;
    revoke(project: string, id: string, actor: Actor, reason?: string): Promise<Grant>;
  };
  readonly pins: {
    list(): Promise<readonly ToolPin[]>;
    accept(
      server: string,
      tool: string,
      digest: string | undefined,
      actor: Actor,
    ): Promise<ToolPin>;
  };
  /** The policies in force, as they stand in the files. */
  policies(): {
    readonly version: string;
    /** Why the newest change is not in force; '' when it is. */
    readonly problem: string;
    readonly policies: readonly Readonly<Record<string, unknown>>[];
  };
  /** What would be decided. */
  preview(
    project: string,
    agent: string,
    tool: string,
    params: Readonly<Record<string, unknown>>,
  ): { readonly action: string; readonly rule: string; readonly reason: string };
  upstreams(): readonly {
    readonly name: string;
    readonly kind: string;
    readonly transport: string;
    readonly state: string;
    readonly tools: number;
    readonly error: string;
  }[];
}
