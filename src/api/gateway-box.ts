import type { Approval, Grant, ToolPin } from '../model/approval.ts';
import type { Actor } from '../storage/audit-log.ts';

/** A tool call as it is told of: the gateway's own words for it. */
export interface CallEntry {
  readonly trace_id: string;
  readonly span_id: string;
  readonly parent_span_id: string;
  readonly session_id?: string | undefined;
  readonly agent_id: string;
  readonly gateway?: string | undefined;
  readonly face: string;
  readonly tool: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly result?: string | undefined;
  readonly result_cut?: true | undefined;
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
  readonly rule?: string | undefined;
  readonly failed?: boolean | undefined;
  readonly traceId?: string | undefined;
  readonly spanId?: string | undefined;
  readonly project?: string | undefined;
  readonly fromMs?: number | undefined;
  readonly toMs?: number | undefined;
}

/** A policy in force, with how often each of its rules decided of late. */
export interface PolicyInForce {
  readonly name: string;
  readonly agent: string;
  readonly file: string;
  readonly limits: readonly RuleInForce[];
  readonly rate_limit: {
    readonly max_per_minute?: number | undefined;
    readonly max_total?: number | undefined;
  } | null;
  readonly rules: readonly RuleInForce[];
}

export interface RuleInForce {
  /** As calls name it. */
  readonly rule: string;
  readonly tools: readonly string[];
  readonly action: string;
  /** In words; '' for always. */
  readonly condition: string;
  readonly calls: number;
  readonly last_at: string | null;
}

export interface PoliciesInForce {
  readonly version: string;
  readonly loadedAtMs: number;
  /** Why the newest change is not in force; '' when it is. */
  readonly problem: string;
  readonly problemAtMs: number | undefined;
  /** The gateway's file, and the folder of policies where there is one. */
  readonly files: readonly string[];
  /** In the order in which they are asked. */
  readonly policies: readonly PolicyInForce[];
  /** Of how many calls the counts are, and since when. */
  readonly calls: number;
  readonly callsSince: string | null;
  /** Calls that no rule of a policy decided, by what did: `registry/UNKNOWN`, `default`, `grant:…`. */
  readonly others: readonly { readonly rule: string; readonly calls: number }[];
}

export interface DecisionExplained {
  readonly action: string;
  readonly rule: string;
  readonly reason: string;
  readonly grant: string | undefined;
  readonly considered: readonly {
    readonly rule: string;
    readonly action: string | null;
    readonly outcome: 'decides' | 'other_agent' | 'other_tool' | 'condition' | 'overruled';
    readonly why: string;
  }[];
}

export interface DryRunRow {
  readonly trace_id: string;
  readonly span_id: string;
  readonly timestamp: string;
  readonly agent: string;
  readonly tool: string;
  readonly was: string;
  readonly is: string | null;
  readonly rule: string;
  readonly because: string;
}

export interface DryRun {
  readonly calls: number;
  readonly passedOver: number;
  readonly changed: readonly DryRunRow[];
  readonly undecidable: readonly DryRunRow[];
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
  readonly desk: { pending(): number };
  /**
   * Throws `NOT_FOUND`, `CONFLICT` when it was decided before, or `VALIDATION_ERROR` when a dangerous call is approved
   * without a reason.
   */
  decide(
    project: string,
    id: string,
    decision: {
      readonly status: 'approved' | 'denied';
      readonly actor: Actor;
      readonly reasoning?: string | undefined;
    },
  ): Promise<Approval>;
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
      which: { readonly server: string; readonly tool: string; readonly digest: string },
      actor: Actor,
      reason?: string,
    ): Promise<ToolPin>;
  };
  /** Why approving it asks for a reason; none for a call like any other. */
  dangersOf(approval: Approval): readonly string[];
  policies(): PoliciesInForce;
  /** What would be decided, and what each rule before said. */
  explain(
    project: string,
    agent: string,
    tool: string,
    params: Readonly<Record<string, unknown>>,
  ): DecisionExplained;
  /**
   * Decides the calls of late anew: by the policies in force, or by those of a text in YAML. Throws `POLICY_INVALID`.
   */
  dryRun(project: string, yaml: string | undefined): DryRun;
  upstreams(): readonly {
    readonly name: string;
    readonly kind: string;
    readonly transport: string;
    readonly state: string;
    readonly tools: number;
    readonly error: string;
  }[];
}
