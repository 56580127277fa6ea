// Generated from the API's own description by `npm run generate`; not written by hand.

export interface Schemas {
  readonly Account: {
    readonly id: string;
    readonly username: string;
    readonly role: "admin" | "member";
    readonly scopes: readonly ("telemetry:write" | "registry:read" | "registry:write" | "monitoring:read" | "cost:read" | "anomaly:read" | "anomaly:write" | "governance:read" | "governance:write" | "gateway:call" | "gateway:link" | "admin")[];
    readonly created_at: string;
  };
  readonly Agent: {
    readonly id: string;
    readonly agent_id: string;
    readonly name: string;
    readonly status: "UNREVIEWED" | "PENDING_REVIEW" | "APPROVED" | "SUSPENDED" | "RETIRED" | "DISMISSED";
    readonly status_since: string;
    readonly first_seen: string;
    readonly last_seen: string;
    readonly services: readonly string[];
    readonly frameworks: readonly string[];
    readonly sdk_languages: readonly string[];
    readonly models: readonly string[];
    readonly providers: readonly string[];
    readonly tools: readonly string[];
    readonly owner: string | null;
    readonly team: string | null;
    readonly description: string | null;
    readonly runs_24h: number;
    readonly risk_score: number;
    readonly risk_level: "LOW" | "MEDIUM" | "HIGH" | "CRITICAL";
    readonly facts: Readonly<Record<string, boolean>>;
    readonly approved_models: readonly string[] | null;
    readonly health: {
      readonly status: "healthy" | "degraded" | "down" | "unknown";
      readonly last_activity: string;
      readonly last_heartbeat: string | null;
      readonly reported_status: string | null;
      readonly reported_version: string | null;
      readonly healthy_within_seconds: number;
      readonly degraded_within_seconds: number;
    };
  };
  readonly AgentBaseline: {
    readonly version: string;
    readonly runs: number;
    readonly from: string;
    readonly to: string;
    readonly cost: Schemas['BaselineSummary'] | null;
    readonly tokens: Schemas['BaselineSummary'] | null;
    readonly duration: Schemas['BaselineSummary'] | null;
    readonly loop_length: Schemas['BaselineSummary'] | null;
    readonly error_rate: number | null;
    readonly tool_mix: Readonly<Record<string, number>>;
  };
  readonly AgentBeacon: {
    readonly agent_id: string;
    readonly version?: string | undefined;
    readonly framework?: string | undefined;
    readonly model?: string | undefined;
    readonly status?: string | undefined;
  };
  readonly AgentBeaconInput: {
    readonly agent_id: string;
    readonly version?: string | undefined;
    readonly framework?: string | undefined;
    readonly model?: string | undefined;
    readonly status?: string | undefined;
  };
  readonly AgentCheck: {
    readonly check_id: "output_not_empty" | "no_refusal_in_output" | "latency_within_sla" | "error_free" | "no_tool_loop" | "retries_bounded" | "tool_results_present" | "output_schema_valid" | "required_fields_present" | "subtotal_arithmetic" | "tax_calculation" | "decision_is_valid_enum" | "source_cited" | "no_secret_in_output" | "no_pii_in_output" | "no_prompt_injection_in_input" | "tokens_within_budget";
    readonly summary: string;
    readonly enabled: boolean;
    readonly severity: "HIGH" | "MEDIUM" | "LOW";
    readonly params: Readonly<Record<string, unknown>>;
    readonly origin: "default" | "inferred" | "override";
    readonly reason: string;
    readonly confidence: number | null;
  };
  readonly AgentCheckInput: {
    readonly check_id: "output_not_empty" | "no_refusal_in_output" | "latency_within_sla" | "error_free" | "no_tool_loop" | "retries_bounded" | "tool_results_present" | "output_schema_valid" | "required_fields_present" | "subtotal_arithmetic" | "tax_calculation" | "decision_is_valid_enum" | "source_cited" | "no_secret_in_output" | "no_pii_in_output" | "no_prompt_injection_in_input" | "tokens_within_budget";
    readonly summary: string;
    readonly enabled: boolean;
    readonly severity: "HIGH" | "MEDIUM" | "LOW";
    readonly params: Readonly<Record<string, unknown>>;
    readonly origin: "default" | "inferred" | "override";
    readonly reason: string;
    readonly confidence: number | null;
  };
  readonly AgentCheckOverrides: {
    readonly checks: readonly ({
      readonly check_id: "output_not_empty" | "no_refusal_in_output" | "latency_within_sla" | "error_free" | "no_tool_loop" | "retries_bounded" | "tool_results_present" | "output_schema_valid" | "required_fields_present" | "subtotal_arithmetic" | "tax_calculation" | "decision_is_valid_enum" | "source_cited" | "no_secret_in_output" | "no_pii_in_output" | "no_prompt_injection_in_input" | "tokens_within_budget";
      readonly enabled?: boolean | undefined;
      readonly severity?: "HIGH" | "MEDIUM" | "LOW" | undefined;
      readonly params?: Readonly<Record<string, unknown>> | undefined;
    })[];
  };
  readonly AgentCheckOverridesInput: {
    readonly checks: readonly ({
      readonly check_id: "output_not_empty" | "no_refusal_in_output" | "latency_within_sla" | "error_free" | "no_tool_loop" | "retries_bounded" | "tool_results_present" | "output_schema_valid" | "required_fields_present" | "subtotal_arithmetic" | "tax_calculation" | "decision_is_valid_enum" | "source_cited" | "no_secret_in_output" | "no_pii_in_output" | "no_prompt_injection_in_input" | "tokens_within_budget";
      readonly enabled?: boolean | undefined;
      readonly severity?: "HIGH" | "MEDIUM" | "LOW" | undefined;
      readonly params?: Readonly<Record<string, unknown>> | undefined;
    })[];
  };
  readonly AgentChecks: {
    readonly agent: string;
    readonly checks: readonly Schemas['AgentCheck'][];
    readonly overrides: readonly ({
      readonly check_id: "output_not_empty" | "no_refusal_in_output" | "latency_within_sla" | "error_free" | "no_tool_loop" | "retries_bounded" | "tool_results_present" | "output_schema_valid" | "required_fields_present" | "subtotal_arithmetic" | "tax_calculation" | "decision_is_valid_enum" | "source_cited" | "no_secret_in_output" | "no_pii_in_output" | "no_prompt_injection_in_input" | "tokens_within_budget";
      readonly enabled?: boolean | undefined;
      readonly severity?: "HIGH" | "MEDIUM" | "LOW" | undefined;
      readonly params?: Readonly<Record<string, unknown>> | undefined;
    })[];
  };
  readonly AgentCosts: {
    readonly agent_id: string;
    readonly agent: string;
    readonly status: "UNREVIEWED" | "PENDING_REVIEW" | "APPROVED" | "SUSPENDED" | "RETIRED" | "DISMISSED";
    readonly team: string | null;
    readonly period_days: number;
    readonly from: string;
    readonly to: string;
    readonly total_cost_usd: number;
    readonly total_cost_display: number;
    readonly total: Schemas['CostSums'];
    readonly display_currency: string;
    readonly display_rate: number;
    readonly daily_trend: readonly {
      readonly date: string;
      readonly cost_usd: number;
      readonly cost_display: number;
    }[];
    readonly by_model: readonly Schemas['CostGroup'][];
  };
  readonly AgentHistoryEntry: {
    readonly sequence: number;
    readonly at: string;
    readonly actor: string;
    readonly action: string;
    readonly from: string | null;
    readonly to: string | null;
    readonly reason: string | null;
    readonly detail: Readonly<Record<string, unknown>>;
  };
  readonly AgentQuality: {
    readonly agent: string;
    readonly passed: number;
    readonly failed: number;
    readonly scored: number;
    readonly unjudged: number;
    readonly pass_rate: number | null;
    readonly worst_severity: "HIGH" | "MEDIUM" | "LOW" | null;
    readonly trend: Schemas['QualityTrend'];
  };
  readonly AgentQualityInput: {
    readonly agent: string;
    readonly passed: number;
    readonly failed: number;
    readonly scored: number;
    readonly unjudged: number;
    readonly pass_rate: number | null;
    readonly worst_severity: "HIGH" | "MEDIUM" | "LOW" | null;
    readonly trend: Schemas['QualityTrendInput'];
  };
  readonly AgentRisk: {
    readonly agent_id: string;
    readonly score: number;
    readonly level: "LOW" | "MEDIUM" | "HIGH" | "CRITICAL";
    readonly reasons: readonly ({
      readonly rule: string;
      readonly fact: "writes_to_systems" | "contains_pii" | "external_llm_calls" | "executes_code" | "high_confidence" | "hitl_required" | "no_owner" | "no_description" | "not_approved" | "active_anomalies";
      readonly points: number;
      readonly source: "person" | "telemetry" | "registry" | "nobody";
      readonly because: string;
    })[];
    readonly facts: readonly ({
      readonly fact: "writes_to_systems" | "contains_pii" | "external_llm_calls" | "executes_code" | "high_confidence" | "hitl_required" | "no_owner" | "no_description" | "not_approved" | "active_anomalies";
      readonly value: boolean | null;
      readonly source: "person" | "telemetry" | "registry" | "nobody";
      readonly because: string;
    })[];
    readonly history: readonly ({
      readonly at: string;
      readonly score: number;
      readonly level: "LOW" | "MEDIUM" | "HIGH" | "CRITICAL";
      readonly reasons: readonly ({
        readonly rule: string;
        readonly fact: "writes_to_systems" | "contains_pii" | "external_llm_calls" | "executes_code" | "high_confidence" | "hitl_required" | "no_owner" | "no_description" | "not_approved" | "active_anomalies";
        readonly points: number;
        readonly source: "person" | "telemetry" | "registry" | "nobody";
        readonly because: string;
      })[];
    })[];
  };
  readonly AgentVersion: {
    readonly version: string;
    readonly runs: number;
    readonly first_run: string;
    readonly last_run: string;
    readonly error_rate: number | null;
    readonly median_duration_s: number | null;
    readonly median_cost_usd: number | null;
    readonly models: readonly string[];
    readonly tools: readonly string[];
    readonly changed: {
      readonly models_added: readonly string[];
      readonly models_removed: readonly string[];
      readonly tools_added: readonly string[];
      readonly tools_removed: readonly string[];
    } | null;
  };
  readonly Alert: {
    readonly id: string;
    readonly kind: "budget" | "anomaly" | "risk" | "test";
    readonly severity: "low" | "medium" | "high" | "critical";
    readonly subject: {
      readonly kind: string;
      readonly id: string;
      readonly name: string;
    };
    readonly title: string;
    readonly text: string;
    readonly detail: Readonly<Record<string, unknown>>;
    readonly raised_at: string;
    readonly deliveries: readonly ({
      readonly id: string;
      readonly channel_id: string;
      readonly state: "pending" | "delivered" | "failed";
      readonly attempts: number;
      readonly next_attempt: string | null;
      readonly error: string | null;
      readonly settled_at: string | null;
    })[];
  };
  readonly AlertChannel: {
    readonly id: string;
    readonly name: string;
    readonly enabled: boolean;
    readonly kinds: readonly ("budget" | "anomaly" | "risk" | "test")[];
    readonly severity_min: "low" | "medium" | "high" | "critical";
    readonly kind: "webhook" | "slack" | "email";
    readonly destination: string;
    readonly email: {
      readonly host: string;
      readonly port: number;
      readonly security: "tls" | "starttls" | "none";
      readonly username: string;
      readonly from: string;
      readonly to: readonly string[];
    } | null;
    readonly created_at: string;
    readonly updated_at: string;
  };
  readonly AlertChannelEdit: {
    readonly name: string;
    readonly enabled: boolean;
    readonly kinds: readonly ("budget" | "anomaly" | "risk" | "test")[];
    readonly severity_min: "low" | "medium" | "high" | "critical";
    readonly target: {
      readonly kind: "webhook";
      readonly url?: string | undefined;
      readonly secret?: string | undefined;
    } | {
      readonly kind: "slack";
      readonly url?: string | undefined;
    } | {
      readonly kind: "email";
      readonly host: string;
      readonly port: number;
      readonly security: "tls" | "starttls" | "none";
      readonly username: string;
      readonly password?: string | undefined;
      readonly from: string;
      readonly to: readonly string[];
    };
  };
  readonly AlertChannelEditInput: {
    readonly name: string;
    readonly enabled?: boolean | undefined;
    readonly kinds?: readonly ("budget" | "anomaly" | "risk" | "test")[] | undefined;
    readonly severity_min?: "low" | "medium" | "high" | "critical" | undefined;
    readonly target: {
      readonly kind: "webhook";
      readonly url?: string | undefined;
      readonly secret?: string | undefined;
    } | {
      readonly kind: "slack";
      readonly url?: string | undefined;
    } | {
      readonly kind: "email";
      readonly host: string;
      readonly port?: number | undefined;
      readonly security?: "tls" | "starttls" | "none" | undefined;
      readonly username?: string | undefined;
      readonly password?: string | undefined;
      readonly from: string;
      readonly to: readonly string[];
    };
  };
  readonly Anomaly: {
    readonly id: string;
    readonly agent_id: string;
    readonly agent: string;
    readonly kind: "cost_spike" | "error_surge" | "call_frequency" | "latency_shift" | "behavioral_drift" | "quality_degradation" | "model_mismatch";
    readonly severity: "low" | "medium" | "high" | "critical";
    readonly status: "open" | "acknowledged" | "resolved";
    readonly opened_at: string;
    readonly detected_at: string;
    readonly detections: number;
    readonly reopened: number;
    readonly acknowledged: {
      readonly by: string;
      readonly at: string;
      readonly note: string | null;
    } | null;
    readonly resolved: {
      readonly by: string;
      readonly at: string;
      readonly note: string | null;
    } | null;
    readonly evidence: {
      readonly summary: string;
      readonly measure: string;
      readonly unit: string;
      readonly observed: number;
      readonly baseline: number | null;
      readonly score: number | null;
      readonly score_name: string;
      readonly deviation_percent: number | null;
      readonly n: number;
      readonly baseline_n: number;
      readonly window: {
        readonly from: string;
        readonly to: string;
      };
      readonly version: string;
      readonly baseline_version: string;
      readonly runs: readonly {
        readonly trace_id: string;
        readonly run_id: string;
      }[];
      readonly more: Readonly<Record<string, string | number>>;
    };
  };
  readonly AnyValue: {
    readonly stringValue?: string | undefined;
    readonly boolValue?: boolean | undefined;
    readonly intValue?: string | undefined;
    readonly doubleValue?: number | string | undefined;
    readonly bytesValue?: string | undefined;
    readonly arrayValue?: {
      readonly values: readonly Schemas['AnyValue'][];
    } | undefined;
    readonly kvlistValue?: {
      readonly values: readonly {
        readonly key: string;
        readonly value: Schemas['AnyValue'];
      }[];
    } | undefined;
  };
  readonly AnyValueInput: {
    readonly stringValue?: string | undefined;
    readonly boolValue?: boolean | undefined;
    readonly intValue?: string | undefined;
    readonly doubleValue?: number | string | undefined;
    readonly bytesValue?: string | undefined;
    readonly arrayValue?: {
      readonly values: readonly Schemas['AnyValueInput'][];
    } | undefined;
    readonly kvlistValue?: {
      readonly values: readonly {
        readonly key: string;
        readonly value: Schemas['AnyValueInput'];
      }[];
    } | undefined;
  };
  readonly ApiKey: {
    readonly id: string;
    readonly label: string;
    readonly prefix: string;
    readonly scopes: readonly ("telemetry:write" | "registry:read" | "registry:write" | "monitoring:read" | "cost:read" | "anomaly:read" | "anomaly:write" | "governance:read" | "governance:write" | "gateway:call" | "gateway:link" | "admin")[];
    readonly created_at: string;
    readonly created_by: string;
    readonly expires_at: string | null;
    readonly last_used_at: string | null;
  };
  readonly Approval: {
    readonly id: string;
    readonly agent: string;
    readonly tool: string;
    readonly params: unknown;
    readonly params_characters: number;
    readonly params_cut: boolean;
    readonly dangers: readonly string[];
    readonly arguments_sha256: string;
    readonly policy_rule: string;
    readonly policy_version: string;
    readonly status: "pending" | "approved" | "denied" | "timeout";
    readonly execution: "none" | "executing" | "done" | "failed" | "interrupted";
    readonly injection_risk: boolean;
    readonly session_id: string;
    readonly trace_id: string;
    readonly span_id: string;
    readonly created_at: string;
    readonly expires_at: string;
    readonly resolved_at: string | null;
    readonly resolved_by: string | null;
    readonly reasoning: string | null;
    readonly confidence: number | null;
    readonly gateway: string | null;
    readonly undecidable: string | null;
  };
  readonly AuditEntry: {
    readonly sequence: number;
    readonly at: string;
    readonly actor: {
      readonly kind: string;
      readonly id: string;
      readonly name: string;
    };
    readonly action: string;
    readonly target: {
      readonly kind: string;
      readonly id: string;
    };
    readonly reason: string | null;
    readonly detail: Readonly<Record<string, unknown>>;
  };
  readonly BandedSeries: {
    readonly metric: "cost" | "dearest_run" | "duration" | "error_rate" | "tool_mix" | "runs_per_day" | "cost_per_day" | "check";
    readonly unit: string;
    readonly points: readonly ({
      readonly at: string;
      readonly n: number;
      readonly value: number | null;
      readonly usual: number | null;
      readonly low: number | null;
      readonly high: number | null;
    })[];
  };
  readonly BaselineSummary: {
    readonly n: number;
    readonly mean: number;
    readonly stddev: number | null;
    readonly median: number;
    readonly mad: number;
    readonly min: number;
    readonly max: number;
    readonly unit: string;
  };
  readonly BaselineSummaryInput: {
    readonly n: number;
    readonly mean: number;
    readonly stddev: number | null;
    readonly median: number;
    readonly mad: number;
    readonly min: number;
    readonly max: number;
    readonly unit: string;
  };
  readonly Budget: {
    readonly id: string;
    readonly scope: "agent" | "team" | "project";
    readonly subject: string;
    readonly month: string | null;
    readonly amount_usd: number;
    readonly thresholds: readonly number[];
    readonly enforced: boolean;
    readonly period: string;
    readonly spent_usd: number;
    readonly remaining_usd: number;
    readonly spent_percent: number | null;
    readonly forecast_usd: number;
    readonly exhausted: boolean;
    readonly unpriced_calls: number;
  };
  readonly BudgetEdit: {
    readonly scope: "agent" | "team" | "project";
    readonly subject?: string | undefined;
    readonly month?: string | undefined;
    readonly amount_usd: number;
    readonly thresholds: unknown;
    readonly enforced: boolean;
  };
  readonly BudgetEditInput: {
    readonly scope: "agent" | "team" | "project";
    readonly subject?: string | undefined;
    readonly month?: string | undefined;
    readonly amount_usd: number;
    readonly thresholds?: readonly number[] | undefined;
    readonly enforced?: boolean | undefined;
  };
  readonly BudgetInput: {
    readonly id: string;
    readonly scope: "agent" | "team" | "project";
    readonly subject: string;
    readonly month: string | null;
    readonly amount_usd: number;
    readonly thresholds: readonly number[];
    readonly enforced: boolean;
    readonly period: string;
    readonly spent_usd: number;
    readonly remaining_usd: number;
    readonly spent_percent: number | null;
    readonly forecast_usd: number;
    readonly exhausted: boolean;
    readonly unpriced_calls: number;
  };
  readonly Conversation: {
    readonly conversation_id: string;
    readonly agents: readonly string[];
    readonly users: readonly string[];
    readonly runs: number;
    readonly failed_runs: number;
    readonly traces: number;
    readonly errors: number;
    readonly model_calls: number;
    readonly tool_calls: number;
    readonly first: string;
    readonly last: string;
    readonly tokens: Schemas['RunTokens'];
    readonly cost_usd: number | null;
    readonly calls_unpriced: number;
    readonly last_message: {
      readonly role: "user" | "assistant";
      readonly text: string;
    } | null;
  };
  readonly ConversationInput: {
    readonly conversation_id: string;
    readonly agents: readonly string[];
    readonly users: readonly string[];
    readonly runs: number;
    readonly failed_runs: number;
    readonly traces: number;
    readonly errors: number;
    readonly model_calls: number;
    readonly tool_calls: number;
    readonly first: string;
    readonly last: string;
    readonly tokens: Schemas['RunTokensInput'];
    readonly cost_usd: number | null;
    readonly calls_unpriced: number;
    readonly last_message: {
      readonly role: "user" | "assistant";
      readonly text: string;
    } | null;
  };
  readonly ConversationThread: {
    readonly conversation: Schemas['Conversation'];
    readonly runs: readonly ({
      readonly run: Schemas['Run'];
      readonly messages: readonly ({
        readonly role: string;
        readonly agent: string | null;
        readonly span_id: string;
        readonly parts: readonly ({
          readonly kind: "text" | "reasoning" | "tool call" | "tool result" | "image" | "file" | "other";
          readonly text: string;
          readonly truncated: boolean;
          readonly id: string | null;
          readonly name: string | null;
          readonly cached: boolean;
          readonly result: {
            readonly text: string;
            readonly truncated: boolean;
          } | null;
        })[];
      })[];
      readonly truncated: boolean;
    })[];
  };
  readonly CostEvent: {
    readonly event_id?: string | undefined;
    readonly agent_id?: string | null | undefined;
    readonly agent?: string | null | undefined;
    readonly job_id?: string | null | undefined;
    readonly conversation_id?: string | null | undefined;
    readonly user_id?: string | null | undefined;
    readonly model?: string | undefined;
    readonly model_name?: string | undefined;
    readonly provider?: string | undefined;
    readonly model_provider?: string | undefined;
    readonly request_type?: string | undefined;
    readonly input_tokens?: number | null | undefined;
    readonly output_tokens?: number | null | undefined;
    readonly cache_read_tokens?: number | null | undefined;
    readonly cache_write_tokens?: number | null | undefined;
    readonly reasoning_tokens?: number | null | undefined;
    readonly estimated: boolean;
    readonly cost_usd?: number | null | undefined;
    readonly at?: string | undefined;
    readonly timestamp?: string | undefined;
  };
  readonly CostEventInput: {
    readonly event_id?: string | undefined;
    readonly agent_id?: string | null | undefined;
    readonly agent?: string | null | undefined;
    readonly job_id?: string | null | undefined;
    readonly conversation_id?: string | null | undefined;
    readonly user_id?: string | null | undefined;
    readonly model?: string | undefined;
    readonly model_name?: string | undefined;
    readonly provider?: string | undefined;
    readonly model_provider?: string | undefined;
    readonly request_type?: string | undefined;
    readonly input_tokens?: number | null | undefined;
    readonly output_tokens?: number | null | undefined;
    readonly cache_read_tokens?: number | null | undefined;
    readonly cache_write_tokens?: number | null | undefined;
    readonly reasoning_tokens?: number | null | undefined;
    readonly estimated?: boolean | undefined;
    readonly cost_usd?: number | null | undefined;
    readonly at?: string | undefined;
    readonly timestamp?: string | undefined;
  };
  readonly CostGroup: {
    readonly name: string | null;
    readonly agent_id?: string | null | undefined;
    readonly status?: "UNREVIEWED" | "PENDING_REVIEW" | "APPROVED" | "SUSPENDED" | "RETIRED" | "DISMISSED" | null | undefined;
    readonly team?: string | null | undefined;
    readonly cost_usd: number | null;
    readonly cost_display: number | null;
    readonly reported_cost_usd: number;
    readonly estimated_cost_usd: number;
    readonly calls: number;
    readonly failed_calls: number;
    readonly unpriced_calls: number;
    readonly calls_without_tokens: number;
    readonly invalid_calls: number;
    readonly estimated_calls: number;
    readonly input_tokens: number | null;
    readonly output_tokens: number | null;
    readonly cache_read_tokens: number | null;
    readonly cache_write_tokens: number | null;
    readonly reasoning_tokens: number | null;
    readonly share: number;
    readonly runs: string | null;
  };
  readonly CostGroupInput: {
    readonly name: string | null;
    readonly agent_id?: string | null | undefined;
    readonly status?: "UNREVIEWED" | "PENDING_REVIEW" | "APPROVED" | "SUSPENDED" | "RETIRED" | "DISMISSED" | null | undefined;
    readonly team?: string | null | undefined;
    readonly cost_usd: number | null;
    readonly cost_display: number | null;
    readonly reported_cost_usd: number;
    readonly estimated_cost_usd: number;
    readonly calls: number;
    readonly failed_calls: number;
    readonly unpriced_calls: number;
    readonly calls_without_tokens: number;
    readonly invalid_calls: number;
    readonly estimated_calls: number;
    readonly input_tokens: number | null;
    readonly output_tokens: number | null;
    readonly cache_read_tokens: number | null;
    readonly cache_write_tokens: number | null;
    readonly reasoning_tokens: number | null;
    readonly share: number;
    readonly runs: string | null;
  };
  readonly CostSummary: {
    readonly period_days: number;
    readonly from: string;
    readonly to: string;
    readonly total_cost_usd: number;
    readonly total_cost_display: number;
    readonly unreviewed_cost_usd: number;
    readonly unattributed_cost_usd: number;
    readonly all_cost_usd: number;
    readonly all_cost_display: number;
    readonly by_status: Readonly<Record<string, number>>;
    readonly estimated_share: number;
    readonly all: Schemas['CostSums'];
    readonly display_currency: string;
    readonly display_rate: number;
    readonly daily_trend: readonly {
      readonly date: string;
      readonly cost_usd: number;
      readonly cost_display: number;
      readonly all_cost_usd: number;
    }[];
  };
  readonly CostSums: {
    readonly cost_usd: number | null;
    readonly cost_display: number | null;
    readonly reported_cost_usd: number;
    readonly estimated_cost_usd: number;
    readonly calls: number;
    readonly failed_calls: number;
    readonly unpriced_calls: number;
    readonly calls_without_tokens: number;
    readonly invalid_calls: number;
    readonly estimated_calls: number;
    readonly input_tokens: number | null;
    readonly output_tokens: number | null;
    readonly cache_read_tokens: number | null;
    readonly cache_write_tokens: number | null;
    readonly reasoning_tokens: number | null;
  };
  readonly CostSumsInput: {
    readonly cost_usd: number | null;
    readonly cost_display: number | null;
    readonly reported_cost_usd: number;
    readonly estimated_cost_usd: number;
    readonly calls: number;
    readonly failed_calls: number;
    readonly unpriced_calls: number;
    readonly calls_without_tokens: number;
    readonly invalid_calls: number;
    readonly estimated_calls: number;
    readonly input_tokens: number | null;
    readonly output_tokens: number | null;
    readonly cache_read_tokens: number | null;
    readonly cache_write_tokens: number | null;
    readonly reasoning_tokens: number | null;
  };
  readonly DeadLetter: {
    readonly id: string;
    readonly signal: string;
    readonly reason: string;
    readonly received_at: string;
    readonly failed_at: string;
    readonly bytes: number;
  };
  readonly DefaultView: {
    readonly default: boolean;
  };
  readonly DefaultViewInput: {
    readonly default: boolean;
  };
  readonly DepartmentCosts: {
    readonly name: string | null;
    readonly agent_id?: string | null | undefined;
    readonly status?: "UNREVIEWED" | "PENDING_REVIEW" | "APPROVED" | "SUSPENDED" | "RETIRED" | "DISMISSED" | null | undefined;
    readonly team?: string | null | undefined;
    readonly cost_usd: number | null;
    readonly cost_display: number | null;
    readonly reported_cost_usd: number;
    readonly estimated_cost_usd: number;
    readonly calls: number;
    readonly failed_calls: number;
    readonly unpriced_calls: number;
    readonly calls_without_tokens: number;
    readonly invalid_calls: number;
    readonly estimated_calls: number;
    readonly input_tokens: number | null;
    readonly output_tokens: number | null;
    readonly cache_read_tokens: number | null;
    readonly cache_write_tokens: number | null;
    readonly reasoning_tokens: number | null;
    readonly share: number;
    readonly runs: string | null;
    readonly budget: Schemas['Budget'] | null;
  };
  readonly DisplayCurrency: {
    readonly currency: string;
    readonly rate: number;
    readonly since?: unknown | undefined;
  };
  readonly DisplayCurrencyInput: {
    readonly currency: string;
    readonly rate: number;
    readonly since?: string | undefined;
  };
  readonly Error: {
    readonly success: false;
    readonly error: string;
    readonly code: "VALIDATION_ERROR" | "TELEMETRY_MALFORMED" | "ENCODING_UNSUPPORTED" | "UNAUTHORIZED" | "FORBIDDEN" | "NOT_FOUND" | "METHOD_NOT_ALLOWED" | "REQUEST_TIMEOUT" | "CONFLICT" | "TRANSITION_ILLEGAL" | "BODY_TOO_LARGE" | "MEDIA_TYPE_UNSUPPORTED" | "RATE_LIMITED" | "OVERLOADED" | "INTERNAL_ERROR" | "STORAGE_FULL" | "STORAGE_UNAVAILABLE" | "BACKLOG_FULL" | "TELEMETRY_UNSTORABLE" | "SHUTTING_DOWN" | "SCHEMA_MISMATCH" | "POLICY_INVALID" | "QUERY_FAILED" | "QUERY_TIMEOUT" | "CALL_DENIED" | "APPROVAL_TIMEOUT" | "UPSTREAM_FAILED" | "GATEWAY_UNREACHABLE" | "CONFIG_INVALID" | "ADDRESS_IN_USE" | "DATA_DIRECTORY_LOCKED" | "SERVER_UNREACHABLE" | "PLATFORM_INVALID" | "PLATFORM_RUNNING" | "PLATFORM_START_FAILED" | "PLATFORM_STATE_UNREADABLE" | "PROGRAM_MISSING";
  };
  readonly EvidencePackageMade: {
    readonly id: string;
    readonly made_at: string;
    readonly made_by: string;
    readonly from: string;
    readonly to: string;
    readonly agent: string | null;
    readonly content: "included" | "digests";
    readonly traces: number;
    readonly sha256: string;
    readonly characters: number;
  };
  readonly EvidencePackageRequest: {
    readonly from: unknown;
    readonly to: unknown;
    readonly agent?: string | undefined;
    readonly content: "included" | "digests";
    readonly retention_days?: number | undefined;
  };
  readonly EvidencePackageRequestInput: {
    readonly from: string;
    readonly to: string;
    readonly agent?: string | undefined;
    readonly content?: "included" | "digests" | undefined;
    readonly retention_days?: number | undefined;
  };
  readonly EvidenceReadiness: {
    readonly generated_at: string;
    readonly ready: boolean;
    readonly score: number;
    readonly checks: readonly ({
      readonly id: "integrity" | "oversight" | "retention" | "continuity" | "gate";
      readonly title: string;
      readonly ok: boolean | null;
      readonly finding: string;
      readonly rests_on: string;
      readonly remedy: string;
    })[];
    readonly public_key: string;
  };
  readonly EvidenceVerdict: {
    readonly ok: boolean;
    readonly checked_sessions: number;
    readonly checked_events: number;
    readonly public_key: string;
    readonly own_key: boolean;
    readonly made_here: {
      readonly at: string;
      readonly by: string;
      readonly same: boolean | null;
    } | null;
    readonly about: {
      readonly exported_at: string;
      readonly from: string;
      readonly to: string;
      readonly agent: string | null;
      readonly content: string;
    };
    readonly sha256: string;
    readonly failures_total: number;
    readonly failures: readonly {
      readonly session_id: string;
      readonly seq: number;
      readonly event_id: string;
      readonly reason: string;
    }[];
  };
  readonly Gateway: {
    readonly running: boolean;
    readonly url: string | null;
    readonly approvals_pending: number;
    readonly elsewhere: readonly {
      readonly name: string;
      readonly connected: boolean;
      readonly url: string;
      readonly version: string;
      readonly heard_at: string;
      readonly approvals_pending: number;
    }[];
    readonly servers: readonly {
      readonly name: string;
      readonly kind: string;
      readonly transport: string;
      readonly state: string;
      readonly tools: number;
      readonly error: string;
    }[];
  };
  readonly GatewayCall: {
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
    readonly tokens_source: "real" | "estimate";
  };
  readonly GenAiSummary: {
    readonly agent: string | null;
    readonly operation: string | null;
    readonly request_model: string | null;
    readonly response_model: string | null;
    readonly provider: string | null;
    readonly input_tokens: number | null;
    readonly output_tokens: number | null;
    readonly cache_read_tokens: number | null;
    readonly cache_write_tokens: number | null;
    readonly cache_write_1h_tokens: number | null;
    readonly reasoning_tokens: number | null;
    readonly tool_name: string | null;
    readonly tool_call_id: string | null;
    readonly conversation: string | null;
    readonly user: string | null;
    readonly error_type: string | null;
    readonly finish_reasons: readonly string[];
    readonly service_tier: string | null;
  };
  readonly GenAiSummaryInput: {
    readonly agent: string | null;
    readonly operation: string | null;
    readonly request_model: string | null;
    readonly response_model: string | null;
    readonly provider: string | null;
    readonly input_tokens: number | null;
    readonly output_tokens: number | null;
    readonly cache_read_tokens: number | null;
    readonly cache_write_tokens: number | null;
    readonly cache_write_1h_tokens: number | null;
    readonly reasoning_tokens: number | null;
    readonly tool_name: string | null;
    readonly tool_call_id: string | null;
    readonly conversation: string | null;
    readonly user: string | null;
    readonly error_type: string | null;
    readonly finish_reasons: readonly string[];
    readonly service_tier: string | null;
  };
  readonly Grant: {
    readonly id: string;
    readonly agent: string;
    readonly tools: readonly string[];
    readonly created_by: string;
    readonly reason: string | null;
    readonly created_at: string;
    readonly expires_at: string;
    readonly uses_max: number | null;
    readonly uses: number;
    readonly revoked_at: string | null;
  };
  readonly Heartbeat: {
    readonly agent_id: string;
    readonly status?: string | undefined;
    readonly version?: string | undefined;
    readonly metadata?: Readonly<Record<string, unknown>> | undefined;
  };
  readonly HeartbeatInput: {
    readonly agent_id: string;
    readonly status?: string | undefined;
    readonly version?: string | undefined;
    readonly metadata?: Readonly<Record<string, unknown>> | undefined;
  };
  readonly Job: {
    readonly id: string;
    readonly kind: string;
    readonly status: "running" | "done" | "failed" | "cancelled";
    readonly done: number;
    readonly total: number | null;
    readonly started: string;
    readonly ended: string | null;
    readonly error: string | null;
  };
  readonly JobQuality: {
    readonly agent_id: string;
    readonly job_id?: string | undefined;
    readonly overall_passed: boolean;
    readonly token_input?: number | null | undefined;
    readonly token_output?: number | null | undefined;
    readonly model?: string | null | undefined;
    readonly latency_ms?: number | null | undefined;
    readonly checks: readonly ({
      readonly check_id: string;
      readonly severity: "HIGH" | "MEDIUM" | "LOW";
      readonly passed: boolean;
      readonly expected: unknown;
      readonly actual: unknown;
      readonly delta?: number | null | undefined;
      readonly message?: string | null | undefined;
    })[];
  };
  readonly JobQualityInput: {
    readonly agent_id: string;
    readonly job_id?: string | undefined;
    readonly overall_passed: boolean;
    readonly token_input?: number | null | undefined;
    readonly token_output?: number | null | undefined;
    readonly model?: string | null | undefined;
    readonly latency_ms?: number | null | undefined;
    readonly checks: readonly ({
      readonly check_id: string;
      readonly severity?: "HIGH" | "MEDIUM" | "LOW" | undefined;
      readonly passed: boolean;
      readonly expected?: unknown | undefined;
      readonly actual?: unknown | undefined;
      readonly delta?: number | null | undefined;
      readonly message?: string | null | undefined;
    })[];
  };
  readonly LangfuseBatch: {
    readonly batch: readonly {
      readonly id: string;
      readonly type: string;
      readonly body: unknown;
    }[];
  };
  readonly LangfuseBatchAnswer: {
    readonly successes: readonly {
      readonly id: string;
      readonly status: number;
    }[];
    readonly errors: readonly {
      readonly id: string;
      readonly status: number;
      readonly message: string;
    }[];
  };
  readonly LangfuseBatchInput: {
    readonly batch: readonly {
      readonly id: string;
      readonly type: string;
      readonly body: unknown;
    }[];
  };
  readonly LangfuseScore: {
    readonly id?: string | undefined;
    readonly traceId: unknown;
    readonly observationId?: unknown | null | undefined;
    readonly name: string;
    readonly value: number | string;
    readonly dataType?: "NUMERIC" | "CATEGORICAL" | "BOOLEAN" | undefined;
    readonly comment?: string | null | undefined;
  };
  readonly LangfuseScoreInput: {
    readonly id?: string | undefined;
    readonly traceId: string;
    readonly observationId?: string | null | undefined;
    readonly name: string;
    readonly value: number | string;
    readonly dataType?: "NUMERIC" | "CATEGORICAL" | "BOOLEAN" | undefined;
    readonly comment?: string | null | undefined;
  };
  readonly LogDetail: {
    /** Of this server; the same as long as the record is stored. */ readonly id: string;
    /** The record's time; where it has none, the observed one; else that of its receipt. */ readonly timeUnixNano: string;
    readonly observedTimeUnixNano: string;
    readonly traceId: string;
    readonly spanId: string;
    readonly flags: number;
    readonly severityNumber: number;
    readonly severityText: string;
    /** The range of the severity number; by the severity text where no number was told. */ readonly level: "unset" | "trace" | "debug" | "info" | "warn" | "error" | "fatal";
    readonly eventName: string;
    readonly body: Schemas['AnyValue'];
    readonly attributes: readonly {
      readonly key: string;
      readonly value: Schemas['AnyValue'];
    }[];
    readonly droppedAttributesCount: number;
    readonly service: string | null;
    readonly agent: string | null;
    readonly scopeName: string | null;
    /** Values of more than 4 KiB are cut; the record by its id has them whole. */ readonly truncated: boolean;
    /** Milliseconds since 1970 UTC, in whole seconds. */ readonly receivedMs: number;
    readonly resource: {
      readonly attributes: readonly {
        readonly key: string;
        readonly value: Schemas['AnyValue'];
      }[];
      readonly droppedAttributesCount: number;
      readonly schemaUrl: string;
    };
    readonly scope: {
      readonly name: string;
      readonly version: string;
      readonly attributes: readonly {
        readonly key: string;
        readonly value: Schemas['AnyValue'];
      }[];
      readonly droppedAttributesCount: number;
      readonly schemaUrl: string;
    };
  };
  readonly LogFacets: {
    readonly levels: readonly Schemas['ValueCount'][];
    readonly services: readonly Schemas['ValueCount'][];
    readonly agents: readonly Schemas['ValueCount'][];
    readonly events: readonly Schemas['ValueCount'][];
  };
  readonly LogHistogram: {
    /** Milliseconds since 1970 UTC. */ readonly from: number;
    readonly to: number;
    readonly step_seconds: number;
    /** What has no records is left out. */ readonly steps: readonly ({
      readonly start: number;
      /** The range of the severity number; by the severity text where no number was told. */ readonly level: "unset" | "trace" | "debug" | "info" | "warn" | "error" | "fatal";
      readonly count: number;
    })[];
  };
  readonly LogRecord: {
    /** Of this server; the same as long as the record is stored. */ readonly id: string;
    /** The record's time; where it has none, the observed one; else that of its receipt. */ readonly timeUnixNano: string;
    readonly observedTimeUnixNano: string;
    readonly traceId: string;
    readonly spanId: string;
    readonly flags: number;
    readonly severityNumber: number;
    readonly severityText: string;
    /** The range of the severity number; by the severity text where no number was told. */ readonly level: "unset" | "trace" | "debug" | "info" | "warn" | "error" | "fatal";
    readonly eventName: string;
    readonly body: Schemas['AnyValue'];
    readonly attributes: readonly {
      readonly key: string;
      readonly value: Schemas['AnyValue'];
    }[];
    readonly droppedAttributesCount: number;
    readonly service: string | null;
    readonly agent: string | null;
    readonly scopeName: string | null;
    /** Values of more than 4 KiB are cut; the record by its id has them whole. */ readonly truncated: boolean;
  };
  readonly Metric: {
    readonly name: string;
    readonly prometheus_name: string;
    readonly series_names: readonly string[];
    readonly type: "gauge" | "sum" | "histogram" | "exponential_histogram" | "summary";
    readonly monotonic: boolean;
    readonly unit: string;
    readonly description: string;
    readonly services: readonly string[];
    readonly streams: number;
    readonly points: number;
    readonly last: number;
  };
  readonly MetricInstant: {
    readonly kind: "vector" | "matrix" | "scalar" | "string";
    readonly time: number;
    readonly series: readonly {
      readonly labels: Readonly<Record<string, string>>;
      readonly samples: readonly {
        readonly time: number;
        readonly value: string;
      }[];
    }[];
    readonly hints: readonly string[];
  };
  readonly MetricRange: {
    readonly start: number;
    readonly step_ms: number;
    readonly steps: number;
    readonly series: readonly ({
      readonly labels: Readonly<Record<string, string>>;
      readonly values: readonly (number | null)[];
    })[];
    readonly hints: readonly string[];
  };
  readonly ModelCall: {
    readonly span_id: string;
    readonly run_id: string;
    readonly origin: "span" | "log" | "event";
    readonly operation: string | null;
    readonly provider: string | null;
    readonly model: string | null;
    readonly request_model: string | null;
    readonly start: string;
    readonly start_unix_nano: string;
    readonly duration_ms: number;
    readonly failed: boolean;
    readonly tokens: Schemas['RunTokens'];
    readonly estimated: boolean;
    readonly invalid: boolean;
    readonly cost_usd: number | null;
    readonly cost_source: "override" | "library" | "reported" | "";
    readonly price_version: string;
    readonly cost_missing: string;
  };
  readonly ModelCallInput: {
    readonly span_id: string;
    readonly run_id: string;
    readonly origin: "span" | "log" | "event";
    readonly operation: string | null;
    readonly provider: string | null;
    readonly model: string | null;
    readonly request_model: string | null;
    readonly start: string;
    readonly start_unix_nano: string;
    readonly duration_ms: number;
    readonly failed: boolean;
    readonly tokens: Schemas['RunTokensInput'];
    readonly estimated: boolean;
    readonly invalid: boolean;
    readonly cost_usd: number | null;
    readonly cost_source: "override" | "library" | "reported" | "";
    readonly price_version: string;
    readonly cost_missing: string;
  };
  readonly NewAccount: {
    readonly id: string;
    readonly username: string;
    readonly role: "admin" | "member";
    readonly scopes: readonly ("telemetry:write" | "registry:read" | "registry:write" | "monitoring:read" | "cost:read" | "anomaly:read" | "anomaly:write" | "governance:read" | "governance:write" | "gateway:call" | "gateway:link" | "admin")[];
    readonly created_at: string;
    readonly password?: string | undefined;
  };
  readonly NewAlertChannel: {
    readonly id: string;
    readonly name: string;
    readonly enabled: boolean;
    readonly kinds: readonly ("budget" | "anomaly" | "risk" | "test")[];
    readonly severity_min: "low" | "medium" | "high" | "critical";
    readonly kind: "webhook" | "slack" | "email";
    readonly destination: string;
    readonly email: {
      readonly host: string;
      readonly port: number;
      readonly security: "tls" | "starttls" | "none";
      readonly username: string;
      readonly from: string;
      readonly to: readonly string[];
    } | null;
    readonly created_at: string;
    readonly updated_at: string;
    readonly secret: string | null;
  };
  readonly NewApiKey: {
    readonly id: string;
    readonly label: string;
    readonly prefix: string;
    readonly scopes: readonly ("telemetry:write" | "registry:read" | "registry:write" | "monitoring:read" | "cost:read" | "anomaly:read" | "anomaly:write" | "governance:read" | "governance:write" | "gateway:call" | "gateway:link" | "admin")[];
    readonly created_at: string;
    readonly created_by: string;
    readonly expires_at: string | null;
    readonly last_used_at: string | null;
    readonly secret: string;
  };
  readonly Policies: {
    readonly version: string;
    readonly loaded_at: string;
    readonly problem: string;
    readonly problem_at: string | null;
    readonly files: readonly string[];
    readonly policies: readonly ({
      readonly name: string;
      readonly agent: string;
      readonly file: string;
      readonly limits: readonly Schemas['PolicyRule'][];
      readonly rate_limit: {
        readonly max_per_minute?: number | undefined;
        readonly max_total?: number | undefined;
      } | null;
      readonly rules: readonly Schemas['PolicyRule'][];
    })[];
    readonly calls: number;
    readonly calls_since: string | null;
    readonly others: readonly {
      readonly rule: string;
      readonly calls: number;
    }[];
  };
  readonly PolicyDecision: {
    readonly action: string;
    readonly rule: string;
    readonly reason: string;
    readonly grant: string | null;
    readonly considered: readonly ({
      readonly rule: string;
      readonly action: string | null;
      readonly outcome: "decides" | "other_agent" | "other_tool" | "condition" | "overruled";
      readonly why: string;
    })[];
  };
  readonly PolicyDryRun: {
    readonly calls: number;
    readonly passed_over: number;
    readonly changed_total: number;
    readonly changed: readonly ({
      readonly trace_id: string;
      readonly span_id: string;
      readonly at: string;
      readonly agent: string;
      readonly tool: string;
      readonly was: string;
      readonly is: string | null;
      readonly rule: string;
      readonly because: string;
    })[];
    readonly undecidable_total: number;
    readonly undecidable: readonly ({
      readonly trace_id: string;
      readonly span_id: string;
      readonly at: string;
      readonly agent: string;
      readonly tool: string;
      readonly was: string;
      readonly is: string | null;
      readonly rule: string;
      readonly because: string;
    })[];
  };
  readonly PolicyRule: {
    readonly rule: string;
    readonly tools: readonly string[];
    readonly action: string;
    readonly condition: string;
    readonly calls: number;
    readonly last_at: string | null;
  };
  readonly PolicyRuleInput: {
    readonly rule: string;
    readonly tools: readonly string[];
    readonly action: string;
    readonly condition: string;
    readonly calls: number;
    readonly last_at: string | null;
  };
  readonly Price: {
    readonly id: string;
    readonly version: number;
    readonly model: string;
    readonly provider: string;
    readonly tier: string;
    readonly from: string;
    readonly currency: "USD";
    readonly prices: {
      readonly input: string | null;
      readonly output: string | null;
      readonly cache_read: string | null;
      readonly cache_write: string | null;
      readonly cache_write_1h: string | null;
      readonly reasoning: string | null;
    };
    readonly billed_as: Readonly<Record<string, "input" | "output" | "cache_write">>;
  };
  readonly PriceLookup: {
    readonly known: boolean;
    readonly version: string;
    readonly source: "override" | "library" | null;
    readonly provider: string | null;
    readonly model: string | null;
    readonly currency: "USD";
    readonly prices: {
      readonly input: {
        readonly price: string;
        readonly above: readonly {
          readonly tokens: number;
          readonly price: string;
        }[];
      } | null;
      readonly output: {
        readonly price: string;
        readonly above: readonly {
          readonly tokens: number;
          readonly price: string;
        }[];
      } | null;
      readonly cache_read: {
        readonly price: string;
        readonly above: readonly {
          readonly tokens: number;
          readonly price: string;
        }[];
      } | null;
      readonly cache_write: {
        readonly price: string;
        readonly above: readonly {
          readonly tokens: number;
          readonly price: string;
        }[];
      } | null;
      readonly cache_write_1h: {
        readonly price: string;
        readonly above: readonly {
          readonly tokens: number;
          readonly price: string;
        }[];
      } | null;
      readonly reasoning: {
        readonly price: string;
        readonly above: readonly {
          readonly tokens: number;
          readonly price: string;
        }[];
      } | null;
    } | null;
    readonly missing: string | null;
    readonly nearest: readonly string[];
  };
  readonly PriceTerms: {
    readonly model: string;
    readonly provider: string;
    readonly tier: string;
    readonly from: unknown;
    readonly currency: "USD";
    readonly prices: Schemas['TokenPrices'];
  };
  readonly PriceTermsInput: {
    readonly model: string;
    readonly provider?: string | undefined;
    readonly tier?: string | undefined;
    readonly from?: string | undefined;
    readonly currency?: "USD" | undefined;
    readonly prices: Schemas['TokenPricesInput'];
  };
  readonly PriceVersion: {
    readonly id: string;
    readonly version: number;
    readonly model: string;
    readonly provider: string;
    readonly tier: string;
    readonly from: string;
    readonly currency: "USD";
    readonly prices: {
      readonly input: string | null;
      readonly output: string | null;
      readonly cache_read: string | null;
      readonly cache_write: string | null;
      readonly cache_write_1h: string | null;
      readonly reasoning: string | null;
    };
    readonly billed_as: Readonly<Record<string, "input" | "output" | "cache_write">>;
    readonly removed: boolean;
    readonly set_at: string;
    readonly set_by: string;
  };
  readonly QualityCheck: {
    readonly check_id: "output_not_empty" | "no_refusal_in_output" | "latency_within_sla" | "error_free" | "no_tool_loop" | "retries_bounded" | "tool_results_present" | "output_schema_valid" | "required_fields_present" | "subtotal_arithmetic" | "tax_calculation" | "decision_is_valid_enum" | "source_cited" | "no_secret_in_output" | "no_pii_in_output" | "no_prompt_injection_in_input" | "tokens_within_budget";
    readonly severity: "HIGH" | "MEDIUM" | "LOW";
    readonly summary: string;
    readonly on_by_default: boolean;
    readonly params: Readonly<Record<string, unknown>>;
  };
  readonly QualityHeatmap: {
    readonly days: readonly string[];
    readonly agents: readonly ({
      readonly agent: string;
      readonly cells: readonly ({
        readonly day: string;
        readonly passed: number;
        readonly failed: number;
        readonly scored: number;
        readonly unjudged: number;
        readonly pass_rate: number | null;
        readonly worst_severity: "HIGH" | "MEDIUM" | "LOW" | null;
      } | null)[];
    })[];
  };
  readonly QualityJudge: {
    readonly enabled: boolean;
    readonly model: string;
    readonly criteria: readonly ({
      /** Results bear this name. */ readonly name: string;
      /** What the judge decides, as "The answer is polite and does not blame the customer." */ readonly prompt: string;
      readonly severity: "HIGH" | "MEDIUM" | "LOW";
    })[];
    /** Names of agents, `*` for any characters; empty: all agents. */ readonly agents: readonly string[];
    /** Share of runs that are judged. Which ones follows from their ids. */ readonly sample_rate: number;
    readonly calls_per_day: number;
    /** Spent at most on a day in UTC; null: calls alone are bounded. */ readonly usd_per_day: number | null;
  };
  readonly QualityJudgeInput: {
    readonly enabled?: boolean | undefined;
    readonly model?: string | undefined;
    readonly criteria?: readonly ({
      /** Results bear this name. */ readonly name: string;
      /** What the judge decides, as "The answer is polite and does not blame the customer." */ readonly prompt: string;
      readonly severity?: "HIGH" | "MEDIUM" | "LOW" | undefined;
    })[] | undefined;
    /** Names of agents, `*` for any characters; empty: all agents. */ readonly agents?: readonly string[] | undefined;
    /** Share of runs that are judged. Which ones follows from their ids. */ readonly sample_rate?: number | undefined;
    readonly calls_per_day?: number | undefined;
    /** Spent at most on a day in UTC; null: calls alone are bounded. */ readonly usd_per_day?: number | null | undefined;
  };
  readonly QualityJudgeStatus: {
    readonly settings: Schemas['QualityJudge'];
    readonly endpoint_configured: boolean;
    readonly today: {
      readonly day: string;
      readonly calls: number;
      readonly cost_usd: number;
    };
    readonly runs: {
      readonly judged: number;
      readonly waiting: number;
      readonly over_budget: number;
      readonly overrun: number;
      readonly failed: number;
    };
  };
  readonly QualityResult: {
    readonly trace_id: string | null;
    readonly run_id: string | null;
    readonly agent: string | null;
    readonly source: "check" | "rule" | "judge" | "job" | "otel" | "langfuse";
    readonly name: string;
    readonly key: string | null;
    readonly severity: "HIGH" | "MEDIUM" | "LOW";
    readonly outcome: "passed" | "failed" | "scored" | "unjudged";
    readonly score: number | null;
    readonly expected: string;
    readonly actual: string;
    readonly delta: number | null;
    readonly message: string;
    readonly evidence: {
      readonly span_id: string | null;
      readonly value: string;
    } | null;
    readonly at: string;
  };
  readonly QualityResultInput: {
    readonly trace_id: string | null;
    readonly run_id: string | null;
    readonly agent: string | null;
    readonly source: "check" | "rule" | "judge" | "job" | "otel" | "langfuse";
    readonly name: string;
    readonly key: string | null;
    readonly severity: "HIGH" | "MEDIUM" | "LOW";
    readonly outcome: "passed" | "failed" | "scored" | "unjudged";
    readonly score: number | null;
    readonly expected: string;
    readonly actual: string;
    readonly delta: number | null;
    readonly message: string;
    readonly evidence: {
      readonly span_id: string | null;
      readonly value: string;
    } | null;
    readonly at: string;
  };
  readonly QualityRule: {
    readonly id: string;
    readonly name: string;
    readonly description: string;
    readonly target_trace_name: string;
    readonly target_agent: string;
    readonly severity: "HIGH" | "MEDIUM" | "LOW";
    readonly enabled: boolean;
    readonly definition: Readonly<Record<string, unknown>>;
    readonly created_at: string;
    readonly updated_at: string;
  };
  readonly QualityRuleDraft: {
    readonly name: string;
    readonly description: string;
    readonly target_trace_name: string;
    readonly target_agent: string;
    readonly severity: "HIGH" | "MEDIUM" | "LOW";
    readonly enabled: boolean;
    readonly definition: {
      readonly type: "INPUT_OUTPUT_CONSISTENCY";
      /** Fields of the input that fields of the output must agree with. */ readonly pairs: readonly ({
        readonly input: string;
        readonly output: string;
        readonly compare: "equal" | "contains" | "number";
      })[];
      /** What it finds in the input must stand in the output. */ readonly pattern: string;
    } | {
      readonly type: "THRESHOLD_RANGE";
      /** Path of a number in a JSON output. */ readonly field: string;
      readonly measure: "duration_ms" | "cost_usd" | "input_tokens" | "output_tokens" | "total_tokens" | "model_calls" | "tool_calls" | "retries" | "error_count" | "output_characters" | null;
      readonly min: number | null;
      readonly max: number | null;
    } | {
      readonly type: "PATTERN_FORMAT";
      readonly source: "input" | "output";
      /** Path in JSON; empty: the text as a whole. */ readonly field: string;
      readonly pattern: string;
      readonly format: "EMAIL" | "URL" | "PHONE" | null;
      /** Whether all of the text must be of the form. */ readonly whole: boolean;
      readonly must_match: boolean;
    } | {
      readonly type: "COMPLETENESS";
      readonly fields: readonly string[];
      readonly phrases: readonly string[];
      readonly min_characters: number;
    };
  };
  readonly QualityRuleDraftInput: {
    readonly name: string;
    readonly description?: string | undefined;
    readonly target_trace_name?: string | undefined;
    readonly target_agent?: string | undefined;
    readonly severity?: "HIGH" | "MEDIUM" | "LOW" | undefined;
    readonly enabled?: boolean | undefined;
    readonly definition: {
      readonly type: "INPUT_OUTPUT_CONSISTENCY";
      /** Fields of the input that fields of the output must agree with. */ readonly pairs?: readonly ({
        readonly input: string;
        readonly output: string;
        readonly compare?: "equal" | "contains" | "number" | undefined;
      })[] | undefined;
      /** What it finds in the input must stand in the output. */ readonly pattern?: string | undefined;
    } | {
      readonly type: "THRESHOLD_RANGE";
      /** Path of a number in a JSON output. */ readonly field?: string | undefined;
      readonly measure?: "duration_ms" | "cost_usd" | "input_tokens" | "output_tokens" | "total_tokens" | "model_calls" | "tool_calls" | "retries" | "error_count" | "output_characters" | null | undefined;
      readonly min?: number | null | undefined;
      readonly max?: number | null | undefined;
    } | {
      readonly type: "PATTERN_FORMAT";
      readonly source?: "input" | "output" | undefined;
      /** Path in JSON; empty: the text as a whole. */ readonly field?: string | undefined;
      readonly pattern?: string | undefined;
      readonly format?: "EMAIL" | "URL" | "PHONE" | null | undefined;
      /** Whether all of the text must be of the form. */ readonly whole?: boolean | undefined;
      readonly must_match?: boolean | undefined;
    } | {
      readonly type: "COMPLETENESS";
      readonly fields?: readonly string[] | undefined;
      readonly phrases?: readonly string[] | undefined;
      readonly min_characters?: number | undefined;
    };
  };
  readonly QualityRuleDryRun: {
    readonly looked_at: number;
    readonly passed: number;
    readonly failed: number;
    readonly not_applicable: number;
    readonly runs: readonly ({
      readonly trace_id: string;
      readonly run_id: string;
      readonly agent: string | null;
      readonly started_at: string;
      readonly outcome: "passed" | "failed" | "not_applicable";
      readonly message: string;
      readonly expected: string | null;
      readonly actual: string | null;
      readonly evidence: {
        readonly span_id: string | null;
        readonly value: string;
      } | null;
    })[];
  };
  readonly QualityRuleTest: {
    readonly is_target: boolean;
    readonly result: Schemas['QualityResult'] | null;
    readonly reason: string | null;
  };
  readonly QualitySignal: {
    readonly signal_id: string;
    readonly agent_id: string;
    readonly job_id: string;
    readonly overall_passed: boolean;
    readonly check_count: number;
    readonly passed_count: number;
    readonly received_at: string;
  };
  readonly QualitySummary: {
    readonly period_days: number;
    readonly passed: number;
    readonly failed: number;
    readonly scored: number;
    readonly unjudged: number;
    readonly pass_rate: number | null;
    readonly trend: Schemas['QualityTrend'];
    readonly daily: readonly ({
      readonly day: string;
      readonly passed: number;
      readonly failed: number;
      readonly pass_rate: number | null;
    })[];
    readonly agents: readonly Schemas['AgentQuality'][];
    readonly checks: readonly ({
      readonly source: string;
      readonly name: string;
      readonly passed: number;
      readonly failed: number;
      readonly scored: number;
      readonly unjudged: number;
      readonly pass_rate: number | null;
      readonly mean_score: number | null;
    })[];
  };
  readonly QualityTrend: {
    readonly trend: "stable" | "improving" | "degrading" | "degrading_recent" | "insufficient";
    readonly pass_rate: number | null;
    readonly recent_pass_rate: number | null;
    readonly earlier_pass_rate: number | null;
    readonly decline_days: number;
  };
  readonly QualityTrendInput: {
    readonly trend: "stable" | "improving" | "degrading" | "degrading_recent" | "insufficient";
    readonly pass_rate: number | null;
    readonly recent_pass_rate: number | null;
    readonly earlier_pass_rate: number | null;
    readonly decline_days: number;
  };
  readonly RecordedCostEvent: {
    readonly event_id: string;
    readonly cost_usd: number | null;
    readonly cost_display: number | null;
    readonly display_currency: string;
    readonly cost_source: "override" | "library" | "reported" | "";
    readonly price_version: string;
    readonly cost_missing: string;
    readonly repeated: boolean;
  };
  readonly Retention: {
    readonly terms: Schemas['RetentionTerms'];
    readonly in_force_from: string;
    readonly stored: readonly ({
      readonly kind: "spans" | "log_records" | "metrics" | "runs";
      readonly from: string;
      readonly to: string;
      readonly rows: number;
      readonly bytes: number;
      readonly due: boolean;
    })[];
  };
  readonly RetentionTerms: {
    /** Spans and their large values. */ readonly spans_days: number | null;
    /** Log records. */ readonly log_records_days: number | null;
    /** Metrics. */ readonly metrics_days: number | null;
    /** Runs with their costs and quality results, which are removed by whole months. */ readonly runs_days: number | null;
    /** What was received in these days stays, whatever the terms. */ readonly holds: readonly ({
      readonly from: string;
      readonly to: string | null;
      /** Why it must not be removed, for those who come later. */ readonly reason: string;
    })[];
  };
  readonly RetentionTermsInput: {
    /** Spans and their large values. */ readonly spans_days?: number | null | undefined;
    /** Log records. */ readonly log_records_days?: number | null | undefined;
    /** Metrics. */ readonly metrics_days?: number | null | undefined;
    /** Runs with their costs and quality results, which are removed by whole months. */ readonly runs_days?: number | null | undefined;
    /** What was received in these days stays, whatever the terms. */ readonly holds?: readonly ({
      readonly from: string;
      readonly to?: string | null | undefined;
      /** Why it must not be removed, for those who come later. */ readonly reason: string;
    })[] | undefined;
  };
  readonly RiskRule: {
    readonly id: string;
    readonly fact: "writes_to_systems" | "contains_pii" | "external_llm_calls" | "executes_code" | "high_confidence" | "hitl_required" | "no_owner" | "no_description" | "not_approved" | "active_anomalies";
    readonly points: number;
    readonly enabled: boolean;
  };
  readonly RiskRuleInput: {
    readonly id: string;
    readonly fact: "writes_to_systems" | "contains_pii" | "external_llm_calls" | "executes_code" | "high_confidence" | "hitl_required" | "no_owner" | "no_description" | "not_approved" | "active_anomalies";
    readonly points: number;
    readonly enabled?: boolean | undefined;
  };
  readonly Run: {
    readonly run_id: string;
    readonly trace_id: string;
    readonly parent_run_id: string | null;
    readonly agent: string | null;
    readonly agent_version: string | null;
    readonly name: string | null;
    readonly service: string | null;
    readonly framework: string | null;
    readonly implied: boolean;
    readonly status: "running" | "ok" | "error" | "abandoned";
    readonly error_type: string | null;
    readonly error_message: string | null;
    readonly received: string;
    readonly start: string;
    readonly start_unix_nano: string;
    readonly duration_ms: number | null;
    readonly span_count: number;
    readonly error_count: number;
    readonly model_calls: number;
    readonly tool_calls: number;
    readonly retries: number;
    readonly loop_length: number;
    readonly tokens: Schemas['RunTokens'];
    readonly calls_without_tokens: number;
    readonly calls_estimated: number;
    readonly calls_invalid: number;
    readonly calls_unpriced: number;
    readonly cost_usd: number | null;
    readonly conversation: string | null;
    readonly user: string | null;
    readonly models: readonly string[];
    readonly tools: Readonly<Record<string, number>>;
    readonly truncated: boolean;
  };
  readonly RunContent: {
    readonly span_id: string;
    readonly text: string;
    readonly truncated: boolean;
  };
  readonly RunContentInput: {
    readonly span_id: string;
    readonly text: string;
    readonly truncated: boolean;
  };
  readonly RunDetail: {
    readonly run: Schemas['Run'];
    readonly model_calls: readonly Schemas['ModelCall'][];
    readonly tool_calls: readonly Schemas['ToolCall'][];
    readonly children: readonly Schemas['Run'][];
    readonly totals: {
      readonly runs: number;
      readonly model_calls: number;
      readonly tool_calls: number;
      readonly errors: number;
      readonly input_tokens: number | null;
      readonly output_tokens: number | null;
      readonly cost_usd: number | null;
    };
    readonly input: Schemas['RunContent'] | null;
    readonly output: Schemas['RunContent'] | null;
  };
  readonly RunFacets: {
    readonly statuses: readonly Schemas['ValueCount'][];
    readonly agents: readonly Schemas['ValueCount'][];
    readonly models: readonly Schemas['ValueCount'][];
    readonly tools: readonly Schemas['ValueCount'][];
    readonly services: readonly Schemas['ValueCount'][];
    readonly users: readonly Schemas['ValueCount'][];
    readonly versions: readonly Schemas['ValueCount'][];
    readonly frameworks: readonly Schemas['ValueCount'][];
    readonly error_types: readonly Schemas['ValueCount'][];
  };
  readonly RunInput: {
    readonly run_id: string;
    readonly trace_id: string;
    readonly parent_run_id: string | null;
    readonly agent: string | null;
    readonly agent_version: string | null;
    readonly name: string | null;
    readonly service: string | null;
    readonly framework: string | null;
    readonly implied: boolean;
    readonly status: "running" | "ok" | "error" | "abandoned";
    readonly error_type: string | null;
    readonly error_message: string | null;
    readonly received: string;
    readonly start: string;
    readonly start_unix_nano: string;
    readonly duration_ms: number | null;
    readonly span_count: number;
    readonly error_count: number;
    readonly model_calls: number;
    readonly tool_calls: number;
    readonly retries: number;
    readonly loop_length: number;
    readonly tokens: Schemas['RunTokensInput'];
    readonly calls_without_tokens: number;
    readonly calls_estimated: number;
    readonly calls_invalid: number;
    readonly calls_unpriced: number;
    readonly cost_usd: number | null;
    readonly conversation: string | null;
    readonly user: string | null;
    readonly models: readonly string[];
    readonly tools: Readonly<Record<string, number>>;
    readonly truncated: boolean;
  };
  readonly RunQuality: {
    readonly run_id: string;
    readonly results: readonly Schemas['QualityResult'][];
    readonly skipped: readonly Schemas['SkippedCheck'][] | null;
  };
  readonly RunStats: {
    readonly from: string;
    readonly to: string;
    readonly total: {
      readonly runs: number;
      readonly failed: number;
      readonly running: number;
      readonly abandoned: number;
      readonly model_calls: number;
      readonly tool_calls: number;
      readonly retries: number;
      readonly input_tokens: number | null;
      readonly output_tokens: number | null;
      readonly cache_read_tokens: number | null;
      readonly cost_usd: number;
      readonly unpriced_calls: number;
      readonly p50_ms: number | null;
      readonly p95_ms: number | null;
    };
    readonly agents: readonly ({
      readonly agent: string | null;
      readonly runs: number;
      readonly failed: number;
      readonly running: number;
      readonly abandoned: number;
      readonly model_calls: number;
      readonly tool_calls: number;
      readonly retries: number;
      readonly input_tokens: number | null;
      readonly output_tokens: number | null;
      readonly cache_read_tokens: number | null;
      readonly cost_usd: number;
      readonly unpriced_calls: number;
      readonly p50_ms: number | null;
      readonly p95_ms: number | null;
    })[];
    readonly step_seconds: number;
    readonly steps: readonly ({
      readonly start: number;
      readonly runs: number;
      readonly failed: number;
      readonly running: number;
      readonly abandoned: number;
      readonly model_calls: number;
      readonly tool_calls: number;
      readonly retries: number;
      readonly input_tokens: number | null;
      readonly output_tokens: number | null;
      readonly cache_read_tokens: number | null;
      readonly cost_usd: number;
      readonly unpriced_calls: number;
    })[];
    readonly behind: {
      readonly traces: number;
      readonly more: boolean;
      readonly seconds: number;
    };
  };
  readonly RunTokens: {
    readonly input: number | null;
    readonly output: number | null;
    readonly cache_read: number | null;
    readonly cache_write: number | null;
    readonly reasoning: number | null;
  };
  readonly RunTokensInput: {
    readonly input: number | null;
    readonly output: number | null;
    readonly cache_read: number | null;
    readonly cache_write: number | null;
    readonly reasoning: number | null;
  };
  readonly SavedView: {
    readonly id: string;
    readonly page: "traces" | "runs" | "conversations";
    readonly name: string;
    readonly search: string;
    readonly shared: boolean;
    readonly owner: string;
    readonly own: boolean;
    readonly default: boolean;
    readonly created_at: string;
    readonly updated_at: string;
  };
  readonly SavedViewDraft: {
    readonly page: "traces" | "runs" | "conversations";
    readonly name: string;
    readonly search: string;
    readonly shared: boolean;
  };
  readonly SavedViewDraftInput: {
    readonly page: "traces" | "runs" | "conversations";
    readonly name: string;
    readonly search: string;
    readonly shared?: boolean | undefined;
  };
  readonly SkippedCheck: {
    readonly check_id: string;
    readonly reason: string;
  };
  readonly SkippedCheckInput: {
    readonly check_id: string;
    readonly reason: string;
  };
  readonly Span: {
    readonly traceId: string;
    readonly spanId: string;
    readonly parentSpanId: string;
    readonly traceState: string;
    readonly flags: number;
    readonly name: string;
    readonly kind: number;
    readonly startTimeUnixNano: string;
    readonly endTimeUnixNano: string;
    readonly attributes: readonly {
      readonly key: string;
      readonly value: Schemas['AnyValue'];
    }[];
    readonly droppedAttributesCount: number;
    readonly events: readonly {
      readonly timeUnixNano: string;
      readonly name: string;
      readonly attributes: readonly {
        readonly key: string;
        readonly value: Schemas['AnyValue'];
      }[];
      readonly droppedAttributesCount: number;
    }[];
    readonly droppedEventsCount: number;
    readonly links: readonly {
      readonly traceId: string;
      readonly spanId: string;
      readonly traceState: string;
      readonly attributes: readonly {
        readonly key: string;
        readonly value: Schemas['AnyValue'];
      }[];
      readonly droppedAttributesCount: number;
      readonly flags: number;
    }[];
    readonly droppedLinksCount: number;
    readonly status: {
      readonly code: number;
      readonly message: string;
    };
    readonly resource: {
      readonly attributes: readonly {
        readonly key: string;
        readonly value: Schemas['AnyValue'];
      }[];
      readonly droppedAttributesCount: number;
      readonly schemaUrl: string;
    };
    readonly scope: {
      readonly name: string;
      readonly version: string;
      readonly attributes: readonly {
        readonly key: string;
        readonly value: Schemas['AnyValue'];
      }[];
      readonly droppedAttributesCount: number;
      readonly schemaUrl: string;
    };
    readonly genai: Schemas['GenAiSummary'] | null;
  };
  readonly TokenPrices: {
    readonly input: string | null;
    readonly output: string | null;
    readonly cache_read: string | null;
    readonly cache_write: string | null;
    readonly cache_write_1h: string | null;
    readonly reasoning: string | null;
  };
  readonly TokenPricesInput: {
    readonly input?: number | string | null | undefined;
    readonly output?: number | string | null | undefined;
    readonly cache_read?: number | string | null | undefined;
    readonly cache_write?: number | string | null | undefined;
    readonly cache_write_1h?: number | string | null | undefined;
    readonly reasoning?: number | string | null | undefined;
  };
  readonly Tokens: {
    readonly access_token: string;
    readonly refresh_token: string;
    readonly token_type: "bearer";
    readonly expires_in: number;
  };
  readonly ToolCall: {
    readonly span_id: string;
    readonly name: string | null;
    readonly call_id: string | null;
    readonly start: string;
    readonly start_unix_nano: string;
    readonly duration_ms: number;
    readonly failed: boolean;
    readonly error_type: string | null;
    readonly arguments: string | null;
    readonly result: string | null;
  };
  readonly ToolCallInput: {
    readonly span_id: string;
    readonly name: string | null;
    readonly call_id: string | null;
    readonly start: string;
    readonly start_unix_nano: string;
    readonly duration_ms: number;
    readonly failed: boolean;
    readonly error_type: string | null;
    readonly arguments: string | null;
    readonly result: string | null;
  };
  readonly ToolPin: {
    readonly server: string;
    readonly tool: string;
    readonly digest: string;
    readonly definition: unknown;
    readonly pinned_at: string;
    readonly held: {
      readonly digest: string;
      readonly definition: unknown;
      readonly since: string;
    } | null;
  };
  readonly TraceCall: {
    readonly span_id: string;
    readonly run_id: string;
    readonly origin: "span" | "log" | "event";
    readonly operation: string | null;
    readonly provider: string | null;
    readonly model: string | null;
    readonly request_model: string | null;
    readonly failed: boolean;
    readonly tokens: Schemas['RunTokens'];
    readonly estimated: boolean;
    readonly invalid: boolean;
    readonly cost_usd: number | null;
    readonly cost_source: "override" | "library" | "reported" | "";
    readonly price_version: string;
    readonly cost_missing: string;
  };
  readonly TraceEvents: {
    readonly events: readonly ({
      readonly span_id: string;
      readonly time_unix_nano: string;
      readonly name: string;
      readonly exception_type: string | null;
      readonly exception_message: string | null;
    })[];
    readonly more: boolean;
  };
  readonly TraceFacets: {
    readonly agents: readonly Schemas['ValueCount'][];
    readonly services: readonly Schemas['ValueCount'][];
    readonly models: readonly Schemas['ValueCount'][];
    readonly tools: readonly Schemas['ValueCount'][];
    readonly operations: readonly Schemas['ValueCount'][];
    readonly providers: readonly Schemas['ValueCount'][];
    readonly frameworks: readonly Schemas['ValueCount'][];
    readonly statuses: readonly Schemas['ValueCount'][];
  };
  readonly TraceHistogram: {
    /** Milliseconds since 1970 UTC. */ readonly from: number;
    readonly to: number;
    readonly step_seconds: number;
    readonly steps: readonly {
      readonly start: number;
      readonly traces: number;
      readonly failed: number;
    }[];
  };
  readonly TraceMatches: {
    readonly span_ids: readonly string[];
    readonly more: boolean;
  };
  readonly TraceOutline: {
    readonly trace_start_unix_nano: string;
    /** The texts of this page, which the columns name by their place; the first is empty. */ readonly words: readonly string[];
    readonly span_id: readonly string[];
    /** Nanoseconds after the start of the trace. */ readonly start_ns: readonly number[];
    /** Negative where a span has no end. */ readonly duration_ns: readonly number[];
    readonly kind: readonly number[];
    /** 0 unset, 1 ok, 2 error. */ readonly status: readonly number[];
    readonly parent_span_id: readonly number[];
    readonly name: readonly number[];
    readonly service: readonly number[];
    readonly agent: readonly number[];
    readonly operation: readonly number[];
    readonly request_model: readonly number[];
    readonly response_model: readonly number[];
    readonly tool: readonly number[];
    readonly error_type: readonly number[];
    readonly conversation: readonly number[];
  };
  readonly TraceSummary: {
    readonly traceId: string;
    readonly rootName: string | null;
    readonly service: string | null;
    readonly agent: string | null;
    readonly startUnixNano: string;
    readonly durationNs: string;
    readonly spanCount: number;
    readonly errorCount: number;
    readonly status: "ok" | "error";
    readonly models: readonly string[];
    readonly inputTokens: number | null;
    readonly outputTokens: number | null;
  };
  readonly UnpricedModel: {
    readonly provider: string;
    readonly model: string;
    readonly missing: string;
    readonly calls: number;
    readonly input_tokens: number | null;
    readonly output_tokens: number | null;
    readonly cache_read_tokens: number | null;
    readonly cache_write_tokens: number | null;
    readonly first_seen: string;
    readonly last_seen: string;
    readonly agents: readonly string[];
    readonly nearest: readonly string[];
  };
  readonly ValueCount: {
    readonly value: string;
    readonly count: number;
  };
  readonly ValueCountInput: {
    readonly value: string;
    readonly count: number;
  };
}

/** What each route takes and answers: `data` and `meta` of its answer. */
export interface Routes {
  /** Takes a batch of scores as clients of Langfuse send it, and answers for each item. */
  readonly 'POST /api/public/ingestion': {
    readonly body: Schemas['LangfuseBatchInput'];
  };
  /** Takes a score as clients of Langfuse send it. */
  readonly 'POST /api/public/scores': {
    readonly body: Schemas['LangfuseScoreInput'];
  };
  /** Lists the agents that were ever seen. */
  readonly 'GET /api/v1/agents': {
    readonly query: {
      readonly status?: "UNREVIEWED" | "PENDING_REVIEW" | "APPROVED" | "SUSPENDED" | "RETIRED" | "DISMISSED" | undefined;
      readonly framework?: string | undefined;
      readonly model?: string | undefined;
      readonly provider?: string | undefined;
      readonly risk_level?: "LOW" | "MEDIUM" | "HIGH" | "CRITICAL" | undefined;
      readonly team?: string | undefined;
      readonly department?: string | undefined;
      readonly no_owner?: string | undefined;
      readonly search?: string | undefined;
      readonly sort_by?: "name" | "last_seen" | "first_seen" | "status" | "risk_score" | undefined;
      readonly sort_dir?: "asc" | "desc" | undefined;
      readonly page?: number | undefined;
      readonly limit?: number | undefined;
    };
    readonly data: readonly Schemas['Agent'][];
    readonly meta: {
      readonly total: number;
      readonly page: number;
      readonly limit: number;
    };
  };
  /** Tells that an agent is alive and what it is. A name that is not registered yet is. */
  readonly 'POST /api/v1/agents/beacon': {
    readonly body: Schemas['AgentBeaconInput'];
    readonly data: {
      readonly agent_id: string;
      readonly received_at: string;
    };
  };
  /** Makes one decision about several agents; what is refused does not hinder the rest. */
  readonly 'POST /api/v1/agents/review': {
    readonly body: {
      readonly ids: readonly string[];
      readonly status: "UNREVIEWED" | "PENDING_REVIEW" | "APPROVED" | "SUSPENDED" | "RETIRED" | "DISMISSED";
      readonly reason?: string | undefined;
    };
    readonly data: {
      readonly reviewed: readonly Schemas['Agent'][];
      readonly refused: readonly {
        readonly id: string;
        readonly code: string;
        readonly error: string;
      }[];
    };
  };
  /** Answers one agent. */
  readonly 'GET /api/v1/agents/{id}': {
    readonly params: {
      readonly id: string;
    };
    readonly data: Schemas['Agent'];
  };
  /** Decides about an agent, or says whose it is and what it does. */
  readonly 'PATCH /api/v1/agents/{id}': {
    readonly params: {
      readonly id: string;
    };
    readonly body: {
      readonly status?: "UNREVIEWED" | "PENDING_REVIEW" | "APPROVED" | "SUSPENDED" | "RETIRED" | "DISMISSED" | undefined;
      readonly reason?: string | undefined;
      readonly owner?: string | null | undefined;
      readonly team?: string | null | undefined;
      readonly description?: string | null | undefined;
      readonly writes_to_systems?: boolean | null | undefined;
      readonly contains_pii?: boolean | null | undefined;
      readonly external_llm_calls?: boolean | null | undefined;
      readonly executes_code?: boolean | null | undefined;
      readonly high_confidence?: boolean | null | undefined;
      readonly hitl_required?: boolean | null | undefined;
      readonly approved_models?: readonly string[] | null | undefined;
      readonly health_bounds?: {
        readonly healthy_within_seconds: number;
        readonly degraded_within_seconds: number;
      } | null | undefined;
    };
    readonly data: Schemas['Agent'];
  };
  /** Answers what is usual of an agent, by version, the newest first; the newest runs are left out. */
  readonly 'GET /api/v1/agents/{id}/baselines': {
    readonly params: {
      readonly id: string;
    };
    readonly data: {
      readonly agent_id: string;
      readonly as_of: string;
      readonly minimum_runs: number;
      readonly versions: readonly Schemas['AgentBaseline'][];
    };
  };
  /** Answers a figure of an agent over time, with the band of what was usual then. */
  readonly 'GET /api/v1/agents/{id}/baselines/series': {
    readonly params: {
      readonly id: string;
    };
    readonly query: {
      readonly metric: "cost" | "dearest_run" | "duration" | "error_rate" | "tool_mix" | "runs_per_day" | "cost_per_day" | "check";
      readonly check?: string | undefined;
      readonly hours?: number | undefined;
      readonly window_runs?: number | undefined;
    };
    readonly data: Schemas['BandedSeries'];
  };
  /** Answers which checks are made on the agent’s runs, and why. */
  readonly 'GET /api/v1/agents/{id}/checks': {
    readonly params: {
      readonly id: string;
    };
    readonly data: Schemas['AgentChecks'];
  };
  /** Replaces what people decided about the agent’s checks. */
  readonly 'PUT /api/v1/agents/{id}/checks': {
    readonly params: {
      readonly id: string;
    };
    readonly body: Schemas['AgentCheckOverridesInput'];
    readonly data: Schemas['AgentChecks'];
  };
  /** Lists what was decided about an agent; newest first. */
  readonly 'GET /api/v1/agents/{id}/history': {
    readonly params: {
      readonly id: string;
    };
    readonly query: {
      readonly limit?: number | undefined;
      readonly cursor?: string | undefined;
    };
    readonly data: readonly Schemas['AgentHistoryEntry'][];
    readonly meta: {
      readonly limit: number;
      readonly next_cursor: string | null;
    };
  };
  /** Answers how risky an agent is, why, and how that came about. */
  readonly 'GET /api/v1/agents/{id}/risk': {
    readonly params: {
      readonly id: string;
    };
    readonly data: Schemas['AgentRisk'];
  };
  /** Answers the versions of an agent that ran in the last ninety days and what changed with each, the latest first. */
  readonly 'GET /api/v1/agents/{id}/versions': {
    readonly params: {
      readonly id: string;
    };
    readonly data: readonly Schemas['AgentVersion'][];
  };
  /** Lists the alerts that were raised, the newest first, and where they were sent. */
  readonly 'GET /api/v1/alerts': {
    readonly query: {
      readonly kind?: "budget" | "anomaly" | "risk" | "test" | undefined;
      readonly severity?: "low" | "medium" | "high" | "critical" | undefined;
      readonly subject_id?: string | undefined;
      readonly cursor?: string | undefined;
      readonly limit?: number | undefined;
    };
    readonly data: readonly Schemas['Alert'][];
    readonly meta: {
      readonly limit: number;
      readonly next_cursor: string | null;
    };
  };
  /** Lists the channels that alerts go to. */
  readonly 'GET /api/v1/alerts/channels': {
    readonly data: readonly Schemas['AlertChannel'][];
  };
  /** Makes a channel: a signed webhook, a webhook in the form of Slack, or e-mail. The server itself sends to the address, also to one in its own network. */
  readonly 'POST /api/v1/alerts/channels': {
    readonly body: Schemas['AlertChannelEditInput'];
    readonly data: Schemas['NewAlertChannel'];
  };
  /** Answers one channel. */
  readonly 'GET /api/v1/alerts/channels/{id}': {
    readonly params: {
      readonly id: string;
    };
    readonly data: Schemas['AlertChannel'];
  };
  /** Replaces a channel; secrets that are left out stay. */
  readonly 'PUT /api/v1/alerts/channels/{id}': {
    readonly params: {
      readonly id: string;
    };
    readonly body: Schemas['AlertChannelEditInput'];
    readonly data: Schemas['AlertChannel'];
  };
  /** Removes a channel and what waits to be delivered to it. */
  readonly 'DELETE /api/v1/alerts/channels/{id}': {
    readonly params: {
      readonly id: string;
    };
    readonly data: {
      readonly removed: string;
    };
  };
  /** Sends a test alert to a channel, at once, and tells what became of it. */
  readonly 'POST /api/v1/alerts/channels/{id}/test': {
    readonly params: {
      readonly id: string;
    };
    readonly data: {
      readonly delivered: boolean;
      readonly answer: string | null;
      readonly error: string | null;
    };
  };
  /** Lists anomalies with their evidence, those seen last first. */
  readonly 'GET /api/v1/anomalies': {
    readonly query: {
      readonly kind?: string | undefined;
      readonly anomaly_type?: string | undefined;
      readonly severity?: "low" | "medium" | "high" | "critical" | undefined;
      readonly status?: "open" | "acknowledged" | "resolved" | undefined;
      readonly agent_id?: string | undefined;
      readonly page?: number | undefined;
      readonly limit?: number | undefined;
    };
    readonly data: readonly Schemas['Anomaly'][];
    readonly meta: {
      readonly total: number;
      readonly page: number;
      readonly limit: number;
    };
  };
  /** Counts anomalies: all by status, those that are not resolved by kind and severity. */
  readonly 'GET /api/v1/anomalies/summary': {
    readonly data: {
      readonly total: number;
      readonly by_status: Readonly<Record<string, number>>;
      readonly by_kind: Readonly<Record<string, number>>;
      readonly by_severity: Readonly<Record<string, number>>;
    };
  };
  /** Answers one anomaly. */
  readonly 'GET /api/v1/anomalies/{id}': {
    readonly params: {
      readonly id: string;
    };
    readonly data: Schemas['Anomaly'];
  };
  /** Notes that somebody looks after an anomaly. */
  readonly 'POST /api/v1/anomalies/{id}/acknowledge': {
    readonly params: {
      readonly id: string;
    };
    readonly body: {
      readonly note?: string | undefined;
    } | null;
    readonly data: Schemas['Anomaly'];
  };
  /** Closes an anomaly. Runs that start later and show it again within a week open it again. */
  readonly 'POST /api/v1/anomalies/{id}/resolve': {
    readonly params: {
      readonly id: string;
    };
    readonly body: {
      readonly resolution?: string | undefined;
    } | null;
    readonly data: Schemas['Anomaly'];
  };
  /** Answers the figure of an anomaly over time, with the band of what was usual then. */
  readonly 'GET /api/v1/anomalies/{id}/series': {
    readonly params: {
      readonly id: string;
    };
    readonly data: Schemas['BandedSeries'] | null;
  };
  /** Lists calls that waited or wait for a decision, newest first. */
  readonly 'GET /api/v1/approvals': {
    readonly query: {
      readonly status?: "pending" | "approved" | "denied" | "timeout" | undefined;
      readonly agent?: string | undefined;
      readonly tool?: string | undefined;
      readonly page?: number | undefined;
      readonly limit?: number | undefined;
    };
    readonly data: readonly Schemas['Approval'][];
    readonly meta: {
      readonly total: number;
      readonly page: number;
      readonly limit: number;
    };
  };
  /** Answers one approval. */
  readonly 'GET /api/v1/approvals/{id}': {
    readonly params: {
      readonly id: string;
    };
    readonly data: Schemas['Approval'];
  };
  /** Approves or denies a call that waits; the first decision stands. */
  readonly 'POST /api/v1/approvals/{id}/decide': {
    readonly params: {
      readonly id: string;
    };
    readonly body: {
      readonly decision: "approve" | "deny";
      readonly reason?: string | undefined;
    };
    readonly data: Schemas['Approval'];
  };
  /** Finds keys of span attributes, among the newest spans. */
  readonly 'GET /api/v1/attributes': {
    readonly query: {
      readonly from?: string | undefined;
      readonly q?: string | undefined;
      readonly limit?: number | undefined;
    };
    readonly data: readonly Schemas['ValueCount'][];
  };
  /** Finds values of a span attribute, among the newest spans. */
  readonly 'GET /api/v1/attributes/values': {
    readonly query: {
      readonly from?: string | undefined;
      readonly q?: string | undefined;
      readonly limit?: number | undefined;
      readonly key: string;
    };
    readonly data: readonly Schemas['ValueCount'][];
  };
  /** Lists the budgets that hold in a month, with what is spent of each. */
  readonly 'GET /api/v1/budgets': {
    readonly query: {
      readonly month?: string | undefined;
    };
    readonly data: readonly Schemas['Budget'][];
  };
  /** Sets a budget for an agent, a team or the project. */
  readonly 'POST /api/v1/budgets': {
    readonly body: Schemas['BudgetEditInput'];
    readonly data: Schemas['Budget'];
  };
  /** Answers one budget, as it stands in its month or the present one. */
  readonly 'GET /api/v1/budgets/{id}': {
    readonly params: {
      readonly id: string;
    };
    readonly data: Schemas['Budget'];
  };
  /** Replaces a budget. With another amount its thresholds are told of anew. */
  readonly 'PUT /api/v1/budgets/{id}': {
    readonly params: {
      readonly id: string;
    };
    readonly body: Schemas['BudgetEditInput'];
    readonly data: Schemas['Budget'];
  };
  /** Removes a budget. */
  readonly 'DELETE /api/v1/budgets/{id}': {
    readonly params: {
      readonly id: string;
    };
    readonly data: {
      readonly removed: string;
    };
  };
  /** Lists the tool calls of late, newest first; older ones are spans. */
  readonly 'GET /api/v1/calls': {
    readonly query: {
      readonly agent?: string | undefined;
      readonly tool?: string | undefined;
      readonly session?: string | undefined;
      readonly policy?: string | undefined;
      readonly rule?: string | undefined;
      readonly status?: "ok" | "failed" | undefined;
      readonly trace?: string | undefined;
      readonly trace_id?: string | undefined;
      readonly span_id?: string | undefined;
      readonly from?: string | undefined;
      readonly to?: string | undefined;
      readonly page?: number | undefined;
      readonly limit?: number | undefined;
    };
    readonly data: readonly Schemas['GatewayCall'][];
    readonly meta: {
      readonly total: number;
      readonly page: number;
      readonly limit: number;
    };
  };
  /** Finds conversations; the one that was last spoken in first unless sorted otherwise. */
  readonly 'GET /api/v1/conversations': {
    readonly query: {
      readonly from?: string | undefined;
      readonly to?: string | undefined;
      readonly agent?: string | undefined;
      readonly user?: string | undefined;
      readonly trace?: string | undefined;
      readonly trace_id?: string | undefined;
      readonly text?: string | undefined;
      readonly sort?: "last" | "cost" | "tokens" | "runs" | "errors" | undefined;
      readonly preview?: string | undefined;
      readonly limit?: number | undefined;
      readonly cursor?: string | undefined;
    };
    readonly data: readonly Schemas['Conversation'][];
    readonly meta: {
      readonly limit: number;
      readonly next_cursor: string | null;
    };
  };
  /** Answers a conversation as a thread: its runs in order, across traces, with what was said in each. */
  readonly 'GET /api/v1/conversations/{conversationId}': {
    readonly params: {
      readonly conversationId: string;
    };
    readonly query: {
      readonly limit?: number | undefined;
      readonly cursor?: string | undefined;
    };
    readonly data: Schemas['ConversationThread'];
    readonly meta: {
      readonly limit: number;
      readonly next_cursor: string | null;
    };
  };
  /** Sums up costs by agent; the dearest first. */
  readonly 'GET /api/v1/cost/by-agent': {
    readonly query: {
      readonly days?: number | undefined;
      readonly from?: string | undefined;
      readonly to?: string | undefined;
      readonly time_zone?: string | undefined;
      readonly agent?: string | undefined;
      readonly model?: string | undefined;
      readonly provider?: string | undefined;
      readonly user?: string | undefined;
      readonly conversation?: string | undefined;
      readonly trace?: string | undefined;
      readonly trace_id?: string | undefined;
      readonly limit?: number | undefined;
    };
    readonly data: readonly Schemas['CostGroup'][];
    readonly meta: {
      readonly from: string;
      readonly to: string;
      readonly display_currency: string;
      readonly display_rate: number;
      readonly total: Schemas['CostSums'];
    };
  };
  /** Sums up costs by model; the dearest first. */
  readonly 'GET /api/v1/cost/by-model': {
    readonly query: {
      readonly days?: number | undefined;
      readonly from?: string | undefined;
      readonly to?: string | undefined;
      readonly time_zone?: string | undefined;
      readonly agent?: string | undefined;
      readonly model?: string | undefined;
      readonly provider?: string | undefined;
      readonly user?: string | undefined;
      readonly conversation?: string | undefined;
      readonly trace?: string | undefined;
      readonly trace_id?: string | undefined;
      readonly limit?: number | undefined;
    };
    readonly data: readonly Schemas['CostGroup'][];
    readonly meta: {
      readonly from: string;
      readonly to: string;
      readonly display_currency: string;
      readonly display_rate: number;
      readonly total: Schemas['CostSums'];
    };
  };
  /** Sums up costs by team; the dearest first. */
  readonly 'GET /api/v1/cost/by-team': {
    readonly query: {
      readonly days?: number | undefined;
      readonly from?: string | undefined;
      readonly to?: string | undefined;
      readonly time_zone?: string | undefined;
      readonly agent?: string | undefined;
      readonly model?: string | undefined;
      readonly provider?: string | undefined;
      readonly user?: string | undefined;
      readonly conversation?: string | undefined;
      readonly trace?: string | undefined;
      readonly trace_id?: string | undefined;
      readonly limit?: number | undefined;
    };
    readonly data: readonly Schemas['CostGroup'][];
    readonly meta: {
      readonly from: string;
      readonly to: string;
      readonly display_currency: string;
      readonly display_rate: number;
      readonly total: Schemas['CostSums'];
    };
  };
  /** Sums up what calls of models cost: approved agents, and the rest beside them. */
  readonly 'GET /api/v1/cost/summary': {
    readonly query: {
      readonly days?: number | undefined;
      readonly from?: string | undefined;
      readonly to?: string | undefined;
      readonly time_zone?: string | undefined;
    };
    readonly data: Schemas['CostSummary'];
  };
  /** Sums up what one agent cost, by day and by model. */
  readonly 'GET /api/v1/costs/agents/{id}': {
    readonly params: {
      readonly id: string;
    };
    readonly query: {
      readonly days?: number | undefined;
      readonly from?: string | undefined;
      readonly to?: string | undefined;
      readonly time_zone?: string | undefined;
    };
    readonly data: Schemas['AgentCosts'];
  };
  /** Sets the budget of a team for a month, or changes its amount. */
  readonly 'POST /api/v1/costs/budgets': {
    readonly body: {
      readonly department: string;
      readonly month: string;
      readonly budget_amount: number;
    };
    readonly data: Schemas['Budget'];
  };
  /** Sums up costs by agent; the dearest first. */
  readonly 'GET /api/v1/costs/by-agent': {
    readonly query: {
      readonly days?: number | undefined;
      readonly from?: string | undefined;
      readonly to?: string | undefined;
      readonly time_zone?: string | undefined;
      readonly agent?: string | undefined;
      readonly model?: string | undefined;
      readonly provider?: string | undefined;
      readonly user?: string | undefined;
      readonly conversation?: string | undefined;
      readonly trace?: string | undefined;
      readonly trace_id?: string | undefined;
      readonly limit?: number | undefined;
    };
    readonly data: readonly Schemas['CostGroup'][];
    readonly meta: {
      readonly from: string;
      readonly to: string;
      readonly display_currency: string;
      readonly display_rate: number;
      readonly total: Schemas['CostSums'];
    };
  };
  /** Sums up costs by conversation; the dearest first. */
  readonly 'GET /api/v1/costs/by-conversation': {
    readonly query: {
      readonly days?: number | undefined;
      readonly from?: string | undefined;
      readonly to?: string | undefined;
      readonly time_zone?: string | undefined;
      readonly agent?: string | undefined;
      readonly model?: string | undefined;
      readonly provider?: string | undefined;
      readonly user?: string | undefined;
      readonly conversation?: string | undefined;
      readonly trace?: string | undefined;
      readonly trace_id?: string | undefined;
      readonly limit?: number | undefined;
    };
    readonly data: readonly Schemas['CostGroup'][];
    readonly meta: {
      readonly from: string;
      readonly to: string;
      readonly display_currency: string;
      readonly display_rate: number;
      readonly total: Schemas['CostSums'];
    };
  };
  /** Sums up costs by day; the first day first. */
  readonly 'GET /api/v1/costs/by-day': {
    readonly query: {
      readonly days?: number | undefined;
      readonly from?: string | undefined;
      readonly to?: string | undefined;
      readonly time_zone?: string | undefined;
      readonly agent?: string | undefined;
      readonly model?: string | undefined;
      readonly provider?: string | undefined;
      readonly user?: string | undefined;
      readonly conversation?: string | undefined;
      readonly trace?: string | undefined;
      readonly trace_id?: string | undefined;
      readonly limit?: number | undefined;
    };
    readonly data: readonly Schemas['CostGroup'][];
    readonly meta: {
      readonly from: string;
      readonly to: string;
      readonly display_currency: string;
      readonly display_rate: number;
      readonly total: Schemas['CostSums'];
    };
  };
  /** Sums up costs by model; the dearest first. */
  readonly 'GET /api/v1/costs/by-model': {
    readonly query: {
      readonly days?: number | undefined;
      readonly from?: string | undefined;
      readonly to?: string | undefined;
      readonly time_zone?: string | undefined;
      readonly agent?: string | undefined;
      readonly model?: string | undefined;
      readonly provider?: string | undefined;
      readonly user?: string | undefined;
      readonly conversation?: string | undefined;
      readonly trace?: string | undefined;
      readonly trace_id?: string | undefined;
      readonly limit?: number | undefined;
    };
    readonly data: readonly Schemas['CostGroup'][];
    readonly meta: {
      readonly from: string;
      readonly to: string;
      readonly display_currency: string;
      readonly display_rate: number;
      readonly total: Schemas['CostSums'];
    };
  };
  /** Sums up costs by project; the dearest first. */
  readonly 'GET /api/v1/costs/by-project': {
    readonly query: {
      readonly days?: number | undefined;
      readonly from?: string | undefined;
      readonly to?: string | undefined;
      readonly time_zone?: string | undefined;
      readonly agent?: string | undefined;
      readonly model?: string | undefined;
      readonly provider?: string | undefined;
      readonly user?: string | undefined;
      readonly conversation?: string | undefined;
      readonly trace?: string | undefined;
      readonly trace_id?: string | undefined;
      readonly limit?: number | undefined;
    };
    readonly data: readonly Schemas['CostGroup'][];
    readonly meta: {
      readonly from: string;
      readonly to: string;
      readonly display_currency: string;
      readonly display_rate: number;
      readonly total: Schemas['CostSums'];
    };
  };
  /** Sums up costs by provider; the dearest first. */
  readonly 'GET /api/v1/costs/by-provider': {
    readonly query: {
      readonly days?: number | undefined;
      readonly from?: string | undefined;
      readonly to?: string | undefined;
      readonly time_zone?: string | undefined;
      readonly agent?: string | undefined;
      readonly model?: string | undefined;
      readonly provider?: string | undefined;
      readonly user?: string | undefined;
      readonly conversation?: string | undefined;
      readonly trace?: string | undefined;
      readonly trace_id?: string | undefined;
      readonly limit?: number | undefined;
    };
    readonly data: readonly Schemas['CostGroup'][];
    readonly meta: {
      readonly from: string;
      readonly to: string;
      readonly display_currency: string;
      readonly display_rate: number;
      readonly total: Schemas['CostSums'];
    };
  };
  /** Sums up costs by team; the dearest first. */
  readonly 'GET /api/v1/costs/by-team': {
    readonly query: {
      readonly days?: number | undefined;
      readonly from?: string | undefined;
      readonly to?: string | undefined;
      readonly time_zone?: string | undefined;
      readonly agent?: string | undefined;
      readonly model?: string | undefined;
      readonly provider?: string | undefined;
      readonly user?: string | undefined;
      readonly conversation?: string | undefined;
      readonly trace?: string | undefined;
      readonly trace_id?: string | undefined;
      readonly limit?: number | undefined;
    };
    readonly data: readonly Schemas['CostGroup'][];
    readonly meta: {
      readonly from: string;
      readonly to: string;
      readonly display_currency: string;
      readonly display_rate: number;
      readonly total: Schemas['CostSums'];
    };
  };
  /** Sums up costs by user; the dearest first. */
  readonly 'GET /api/v1/costs/by-user': {
    readonly query: {
      readonly days?: number | undefined;
      readonly from?: string | undefined;
      readonly to?: string | undefined;
      readonly time_zone?: string | undefined;
      readonly agent?: string | undefined;
      readonly model?: string | undefined;
      readonly provider?: string | undefined;
      readonly user?: string | undefined;
      readonly conversation?: string | undefined;
      readonly trace?: string | undefined;
      readonly trace_id?: string | undefined;
      readonly limit?: number | undefined;
    };
    readonly data: readonly Schemas['CostGroup'][];
    readonly meta: {
      readonly from: string;
      readonly to: string;
      readonly display_currency: string;
      readonly display_rate: number;
      readonly total: Schemas['CostSums'];
    };
  };
  /** Sums up costs by team, with what is used of its budget; the dearest first. */
  readonly 'GET /api/v1/costs/departments': {
    readonly query: {
      readonly days?: number | undefined;
      readonly from?: string | undefined;
      readonly to?: string | undefined;
      readonly time_zone?: string | undefined;
      readonly agent?: string | undefined;
      readonly model?: string | undefined;
      readonly provider?: string | undefined;
      readonly user?: string | undefined;
      readonly conversation?: string | undefined;
      readonly trace?: string | undefined;
      readonly trace_id?: string | undefined;
      readonly limit?: number | undefined;
    };
    readonly data: readonly Schemas['DepartmentCosts'][];
    readonly meta: {
      readonly from: string;
      readonly to: string;
      readonly display_currency: string;
      readonly display_rate: number;
      readonly total: Schemas['CostSums'];
    };
  };
  /** Takes in a call of a model that is not traced, and answers what it cost. */
  readonly 'POST /api/v1/costs/events': {
    readonly body: Schemas['CostEventInput'];
    readonly data: Schemas['RecordedCostEvent'];
  };
  /** Takes in several calls of models that are not traced: all or none. */
  readonly 'POST /api/v1/costs/events/batch': {
    readonly body: {
      readonly events: readonly Schemas['CostEventInput'][];
    } | readonly Schemas['CostEventInput'][];
    readonly data: {
      readonly events: readonly Schemas['RecordedCostEvent'][];
    };
  };
  /** Sums up what calls of models cost: approved agents, and the rest beside them. */
  readonly 'GET /api/v1/costs/summary': {
    readonly query: {
      readonly days?: number | undefined;
      readonly from?: string | undefined;
      readonly to?: string | undefined;
      readonly time_zone?: string | undefined;
    };
    readonly data: Schemas['CostSummary'];
  };
  /** Lists what was acknowledged and could not be stored; newest first. */
  readonly 'GET /api/v1/dead-letters': {
    readonly data: readonly Schemas['DeadLetter'][];
  };
  /** Gives up a dead letter. */
  readonly 'DELETE /api/v1/dead-letters/{id}': {
    readonly params: {
      readonly id: string;
    };
    readonly data: {
      readonly id: string;
    };
  };
  /** Tries to store a dead letter again. */
  readonly 'POST /api/v1/dead-letters/{id}/retry': {
    readonly params: {
      readonly id: string;
    };
    readonly data: {
      readonly id: string;
    };
  };
  /** Lists the packages that were made, by the audit log; newest first. */
  readonly 'GET /api/v1/evidence/packages': {
    readonly query: {
      readonly limit?: number | undefined;
    };
    readonly data: readonly Schemas['EvidencePackageMade'][];
  };
  /** Makes a signed package of what agents did and who decided what, for a reviewer offline. */
  readonly 'POST /api/v1/evidence/packages': {
    readonly body: Schemas['EvidencePackageRequestInput'];
    readonly data: Readonly<Record<string, unknown>>;
  };
  /** Answers whether the records would stand a review, check by check. */
  readonly 'GET /api/v1/evidence/readiness': {
    readonly query: {
      readonly retention_days?: number | undefined;
    };
    readonly data: Schemas['EvidenceReadiness'];
  };
  /** Verifies a package of evidence: every hash, every head and the signature. */
  readonly 'POST /api/v1/evidence/verify': {
    readonly data: Schemas['EvidenceVerdict'];
  };
  /** Finds runs of agents; newest first unless sorted otherwise. */
  readonly 'GET /api/v1/executions': {
    readonly query: {
      readonly from?: string | undefined;
      readonly to?: string | undefined;
      readonly agent?: string | readonly string[] | undefined;
      readonly version?: string | readonly string[] | undefined;
      readonly service?: string | readonly string[] | undefined;
      readonly framework?: string | readonly string[] | undefined;
      readonly name?: string | readonly string[] | undefined;
      readonly status?: "running" | "ok" | "error" | "abandoned" | readonly ("running" | "ok" | "error" | "abandoned")[] | undefined;
      readonly error_type?: string | readonly string[] | undefined;
      readonly model?: string | readonly string[] | undefined;
      readonly tool?: string | readonly string[] | undefined;
      readonly user?: string | readonly string[] | undefined;
      readonly conversation?: string | readonly string[] | undefined;
      readonly trace?: string | undefined;
      readonly trace_id?: string | undefined;
      readonly parent?: "none" | string | undefined;
      readonly min_cost?: number | undefined;
      readonly max_cost?: number | undefined;
      readonly min_duration_ms?: number | undefined;
      readonly max_duration_ms?: number | undefined;
      readonly sort?: "start" | "cost" | "duration" | "tokens" | "input_tokens" | "output_tokens" | "model_calls" | "tool_calls" | "errors" | "retries" | "spans" | undefined;
      readonly limit?: number | undefined;
      readonly cursor?: string | undefined;
    };
    readonly data: readonly Schemas['Run'][];
    readonly meta: {
      readonly limit: number;
      readonly next_cursor: string | null;
    };
  };
  /** Answers the results of a run, and which checks do not apply to it. */
  readonly 'GET /api/v1/executions/{id}/quality': {
    readonly params: {
      readonly id: string;
    };
    readonly query: {
      readonly trace?: string | undefined;
      readonly trace_id?: string | undefined;
    };
    readonly data: Schemas['RunQuality'];
  };
  /** Answers one run with its calls, the runs it started, its input and output. */
  readonly 'GET /api/v1/executions/{runId}': {
    readonly params: {
      readonly runId: string;
    };
    readonly query: {
      readonly trace?: string | undefined;
      readonly trace_id?: string | undefined;
    };
    readonly data: Schemas['RunDetail'];
  };
  /** Answers whether a gateway runs in this server, and what stands behind it. */
  readonly 'GET /api/v1/gateway': {
    readonly data: Schemas['Gateway'];
  };
  /** Connects a gateway that runs elsewhere: decisions about its calls come as server-sent events. */
  readonly 'GET /api/v1/gateways/link': {
    readonly query: {
      readonly instance: string;
      readonly url?: string | undefined;
      readonly version?: string | undefined;
    };
  };
  /** Takes what a connected gateway tells of its approvals and calls. */
  readonly 'POST /api/v1/gateways/link': {
    readonly body: {
      readonly instance: string;
      readonly connection: string;
      readonly approvals: readonly unknown[];
      readonly approvals_cursor?: string | undefined;
      readonly calls?: readonly unknown[] | undefined;
      readonly calls_cursor?: string | undefined;
      readonly answers: readonly ({
        readonly id: string;
        readonly error?: {
          readonly code: string;
          readonly message: string;
        } | undefined;
      })[];
    };
    readonly data: {
      readonly rejected: readonly {
        readonly id: string;
        readonly error: string;
      }[];
    };
  };
  /** Lists who changed what, when and why; newest first. */
  readonly 'GET /api/v1/governance/audit-trail': {
    readonly query: {
      readonly action?: string | undefined;
      readonly actor_id?: string | undefined;
      readonly target_kind?: string | undefined;
      readonly target_id?: string | undefined;
      readonly from?: string | undefined;
      readonly to?: string | undefined;
      readonly limit?: number | undefined;
      readonly cursor?: string | undefined;
    };
    readonly data: readonly Schemas['AuditEntry'][];
    readonly meta: {
      readonly limit: number;
      readonly next_cursor: string | null;
    };
  };
  /** Lists standing approvals, newest first. */
  readonly 'GET /api/v1/grants': {
    readonly query: {
      readonly which?: "active" | "all" | undefined;
    };
    readonly data: readonly Schemas['Grant'][];
  };
  /** Approves calls of agents to tools for a while. */
  readonly 'POST /api/v1/grants': {
    readonly body: {
      readonly agent: string;
      readonly tools: readonly string[];
      readonly minutes: number;
      readonly uses_max?: number | undefined;
      readonly reason?: string | undefined;
    };
    readonly data: Schemas['Grant'];
  };
  /** Revokes a standing approval. */
  readonly 'DELETE /api/v1/grants/{id}': {
    readonly params: {
      readonly id: string;
    };
    readonly data: Schemas['Grant'];
  };
  /** Lists the jobs since the server started; newest first. */
  readonly 'GET /api/v1/jobs': {
    readonly data: readonly Schemas['Job'][];
  };
  /** Answers how far a job is. */
  readonly 'GET /api/v1/jobs/{id}': {
    readonly params: {
      readonly id: string;
    };
    readonly data: Schemas['Job'];
  };
  /** Asks a running job to stop. */
  readonly 'DELETE /api/v1/jobs/{id}': {
    readonly params: {
      readonly id: string;
    };
    readonly data: Schemas['Job'];
  };
  /** Takes the results of checks that somebody else made on a job. */
  readonly 'POST /api/v1/jobs/{id}/quality': {
    readonly params: {
      readonly id: string;
    };
    readonly body: Schemas['JobQualityInput'];
    readonly data: Schemas['QualitySignal'];
  };
  /** Tells what changed, as server-sent events. */
  readonly 'GET /api/v1/live': {
  };
  /** Finds log records; newest first unless asked otherwise. */
  readonly 'GET /api/v1/logs': {
    readonly query: {
      readonly from?: string | undefined;
      readonly to?: string | undefined;
      readonly level?: "unset" | "trace" | "debug" | "info" | "warn" | "error" | "fatal" | readonly ("unset" | "trace" | "debug" | "info" | "warn" | "error" | "fatal")[] | undefined;
      readonly min_severity?: number | undefined;
      readonly severity_text?: string | undefined;
      readonly service?: string | undefined;
      readonly agent?: string | undefined;
      readonly event?: string | undefined;
      readonly trace?: string | undefined;
      readonly trace_id?: string | undefined;
      readonly span?: string | undefined;
      readonly attribute?: string | readonly string[] | undefined;
      readonly text?: string | undefined;
      readonly order?: "newest" | "oldest" | undefined;
      readonly around?: string | undefined;
      readonly limit?: number | undefined;
      readonly cursor?: string | undefined;
    };
    readonly data: readonly Schemas['LogRecord'][];
    readonly meta: {
      readonly limit: number;
      readonly next_cursor: string | null;
    };
  };
  /** Finds keys of attributes, among the newest log records. */
  readonly 'GET /api/v1/logs/attributes': {
    readonly query: {
      readonly from?: string | undefined;
      readonly q?: string | undefined;
      readonly limit?: number | undefined;
    };
    readonly data: readonly Schemas['ValueCount'][];
  };
  /** Finds values of an attribute, among the newest log records. */
  readonly 'GET /api/v1/logs/attributes/values': {
    readonly query: {
      readonly from?: string | undefined;
      readonly q?: string | undefined;
      readonly limit?: number | undefined;
      readonly key: string;
    };
    readonly data: readonly Schemas['ValueCount'][];
  };
  /** Counts the levels, services, agents and events of the log records that fit. */
  readonly 'GET /api/v1/logs/facets': {
    readonly query: {
      readonly from?: string | undefined;
      readonly to?: string | undefined;
      readonly level?: "unset" | "trace" | "debug" | "info" | "warn" | "error" | "fatal" | readonly ("unset" | "trace" | "debug" | "info" | "warn" | "error" | "fatal")[] | undefined;
      readonly min_severity?: number | undefined;
      readonly severity_text?: string | undefined;
      readonly service?: string | undefined;
      readonly agent?: string | undefined;
      readonly event?: string | undefined;
      readonly trace?: string | undefined;
      readonly trace_id?: string | undefined;
      readonly span?: string | undefined;
      readonly attribute?: string | readonly string[] | undefined;
      readonly text?: string | undefined;
      readonly limit?: number | undefined;
    };
    readonly data: Schemas['LogFacets'];
  };
  /** Counts log records over time, by level. */
  readonly 'GET /api/v1/logs/histogram': {
    readonly query: {
      readonly from?: string | undefined;
      readonly to?: string | undefined;
      readonly level?: "unset" | "trace" | "debug" | "info" | "warn" | "error" | "fatal" | readonly ("unset" | "trace" | "debug" | "info" | "warn" | "error" | "fatal")[] | undefined;
      readonly min_severity?: number | undefined;
      readonly severity_text?: string | undefined;
      readonly service?: string | undefined;
      readonly agent?: string | undefined;
      readonly event?: string | undefined;
      readonly trace?: string | undefined;
      readonly trace_id?: string | undefined;
      readonly span?: string | undefined;
      readonly attribute?: string | readonly string[] | undefined;
      readonly text?: string | undefined;
      readonly steps?: number | undefined;
    };
    readonly data: Schemas['LogHistogram'];
  };
  /** Answers one log record, with its resource and scope and nothing cut. */
  readonly 'GET /api/v1/logs/{id}': {
    readonly params: {
      readonly id: string;
    };
    readonly data: Schemas['LogDetail'];
  };
  /** Lists metrics with points in a time; the last hour unless told otherwise. */
  readonly 'GET /api/v1/metrics': {
    readonly query: {
      readonly from?: string | undefined;
      readonly to?: string | undefined;
    };
    readonly data: readonly Schemas['Metric'][];
  };
  /** Answers a query in PromQL at one time; now unless told otherwise. */
  readonly 'GET /api/v1/metrics/instant': {
    readonly query: {
      readonly query: string;
      readonly time?: string | undefined;
    };
    readonly data: Schemas['MetricInstant'];
  };
  /** Lists the values of a label among series that a selector fits. */
  readonly 'GET /api/v1/metrics/label-values': {
    readonly query: {
      readonly from?: string | undefined;
      readonly to?: string | undefined;
      readonly selector?: string | undefined;
      readonly label: string;
    };
    readonly data: readonly string[];
  };
  /** Names the labels of series that a selector fits. */
  readonly 'GET /api/v1/metrics/labels': {
    readonly query: {
      readonly from?: string | undefined;
      readonly to?: string | undefined;
      readonly selector?: string | undefined;
    };
    readonly data: readonly string[];
  };
  /** Answers a query in PromQL over time. */
  readonly 'GET /api/v1/metrics/range': {
    readonly query: {
      readonly from?: string | undefined;
      readonly to?: string | undefined;
      readonly query: string;
      readonly step_ms: number;
    };
    readonly data: Schemas['MetricRange'];
  };
  /** Describes this API. */
  readonly 'GET /api/v1/openapi.json': {
  };
  /** Tells whether telemetry arrives, and how to send it here. */
  readonly 'GET /api/v1/otel/status': {
    readonly data: {
      readonly status: "waiting" | "receiving" | "quiet";
      readonly executions_24h: number;
      readonly last_received: string | null;
      readonly grpc_endpoint: string | null;
      readonly env: {
        readonly OTEL_EXPORTER_OTLP_ENDPOINT: string;
        readonly OTEL_EXPORTER_OTLP_HEADERS: string;
        readonly OTEL_EXPORTER_OTLP_PROTOCOL: string;
      };
    };
  };
  /** Answers the policies in force, where they come from, and what they decided of late. */
  readonly 'GET /api/v1/policies': {
    readonly data: Schemas['Policies'];
  };
  /** Answers what would be decided about a call, and why, without making it. */
  readonly 'POST /api/v1/policies/decide': {
    readonly body: {
      readonly agent: string;
      readonly tool: string;
      readonly params?: Readonly<Record<string, unknown>> | undefined;
    };
    readonly data: Schemas['PolicyDecision'];
  };
  /** Answers which of the calls of late other policies would decide otherwise. */
  readonly 'POST /api/v1/policies/dry-run': {
    readonly body: {
      readonly yaml?: string | undefined;
    };
    readonly data: Schemas['PolicyDryRun'];
  };
  /** Lists the prices that the project set, which go before the list prices. */
  readonly 'GET /api/v1/prices': {
    readonly data: readonly Schemas['Price'][];
  };
  /** Sets a price for a model, or for those that fit a pattern. */
  readonly 'POST /api/v1/prices': {
    readonly body: Schemas['PriceTermsInput'];
    readonly data: Schemas['Price'];
  };
  /** Answers what a model's tokens cost, and by which price. */
  readonly 'GET /api/v1/prices/lookup': {
    readonly query: {
      readonly model: string;
      readonly provider?: string | undefined;
      readonly tier?: string | undefined;
      readonly at?: string | undefined;
    };
    readonly data: Schemas['PriceLookup'];
  };
  /** Prices every call of a period anew at the prices that are set now, as a job. */
  readonly 'POST /api/v1/prices/reprice': {
    readonly body: {
      readonly from: string;
      readonly to: string;
    };
    readonly data: Schemas['Job'];
  };
  /** Lists models that were called and have no known price; most calls first. */
  readonly 'GET /api/v1/prices/unpriced': {
    readonly query: {
      readonly days?: number | undefined;
      readonly from?: string | undefined;
      readonly to?: string | undefined;
      readonly time_zone?: string | undefined;
      readonly limit?: number | undefined;
    };
    readonly data: readonly Schemas['UnpricedModel'][];
  };
  /** Changes a price; what it was stays in its history. */
  readonly 'PUT /api/v1/prices/{id}': {
    readonly params: {
      readonly id: string;
    };
    readonly body: Schemas['PriceTermsInput'];
    readonly data: Schemas['Price'];
  };
  /** Takes a price away; the list price holds again. Its history stays. */
  readonly 'DELETE /api/v1/prices/{id}': {
    readonly params: {
      readonly id: string;
    };
    readonly data: {
      readonly id: string;
    };
  };
  /** Answers every version of a price, the newest first. */
  readonly 'GET /api/v1/prices/{id}/history': {
    readonly params: {
      readonly id: string;
    };
    readonly data: readonly Schemas['PriceVersion'][];
  };
  /** Lists the checks that are made on runs. */
  readonly 'GET /api/v1/quality/checks': {
    readonly data: readonly Schemas['QualityCheck'][];
  };
  /** Answers pass rate and worst failure per agent and day. */
  readonly 'GET /api/v1/quality/heatmap': {
    readonly query: {
      readonly days?: number | undefined;
    };
    readonly data: Schemas['QualityHeatmap'];
  };
  /** Answers what the judge is asked, and what it used today. */
  readonly 'GET /api/v1/quality/judge': {
    readonly data: Schemas['QualityJudgeStatus'];
  };
  /** Replaces what the judge is asked. */
  readonly 'PUT /api/v1/quality/judge': {
    readonly body: Schemas['QualityJudgeInput'];
    readonly data: Schemas['QualityJudgeStatus'];
  };
  /** Finds results of checks, rules, the judge and others; newest first. */
  readonly 'GET /api/v1/quality/results': {
    readonly query: {
      readonly from?: string | undefined;
      readonly to?: string | undefined;
      readonly agent?: string | undefined;
      readonly name?: string | undefined;
      readonly source?: "check" | "rule" | "judge" | "job" | "otel" | "langfuse" | undefined;
      readonly outcome?: "passed" | "failed" | "scored" | "unjudged" | undefined;
      readonly severity?: "HIGH" | "MEDIUM" | "LOW" | undefined;
      readonly trace?: string | undefined;
      readonly trace_id?: string | undefined;
      readonly run_id?: string | undefined;
      readonly limit?: number | undefined;
      readonly cursor?: string | undefined;
    };
    readonly data: readonly Schemas['QualityResult'][];
    readonly meta: {
      readonly limit: number;
      readonly next_cursor: string | null;
    };
  };
  /** Lists the business rules, by name. */
  readonly 'GET /api/v1/quality/rules': {
    readonly data: readonly Schemas['QualityRule'][];
  };
  /** Adds a business rule. */
  readonly 'POST /api/v1/quality/rules': {
    readonly body: Schemas['QualityRuleDraftInput'];
    readonly data: Schemas['QualityRule'];
  };
  /** Holds a business rule against recent runs that it is for, without keeping anything. */
  readonly 'POST /api/v1/quality/rules/dry-run': {
    readonly body: {
      readonly rule: Schemas['QualityRuleDraftInput'];
      readonly limit?: number | undefined;
    };
    readonly data: Schemas['QualityRuleDryRun'];
  };
  /** Tries a business rule on a stored run or on given texts, without keeping anything. */
  readonly 'POST /api/v1/quality/rules/test': {
    readonly body: {
      readonly rule: Schemas['QualityRuleDraftInput'];
      readonly run_id?: string | undefined;
      readonly input?: string | undefined;
      readonly output?: string | undefined;
    };
    readonly data: Schemas['QualityRuleTest'];
  };
  /** Answers one business rule. */
  readonly 'GET /api/v1/quality/rules/{id}': {
    readonly params: {
      readonly id: string;
    };
    readonly data: Schemas['QualityRule'];
  };
  /** Replaces a business rule. */
  readonly 'PUT /api/v1/quality/rules/{id}': {
    readonly params: {
      readonly id: string;
    };
    readonly body: Schemas['QualityRuleDraftInput'];
    readonly data: Schemas['QualityRule'];
  };
  /** Removes a business rule; its results stay. */
  readonly 'DELETE /api/v1/quality/rules/{id}': {
    readonly params: {
      readonly id: string;
    };
    readonly data: {
      readonly removed: true;
    };
  };
  /** Answers pass rates of the last days: of all, by agent and by check. */
  readonly 'GET /api/v1/quality/summary': {
    readonly query: {
      readonly days?: number | undefined;
      readonly agent?: string | undefined;
    };
    readonly data: Schemas['QualitySummary'];
  };
  /** Answers how pass rates moved over thirty days, per agent and check. */
  readonly 'GET /api/v1/quality/trends': {
    readonly query: {
      readonly agent?: string | undefined;
      readonly name?: string | undefined;
    };
    readonly data: readonly ({
      readonly agent: string;
      readonly name: string;
      readonly trend: "stable" | "improving" | "degrading" | "degrading_recent" | "insufficient";
      readonly pass_rate: number | null;
      readonly recent_pass_rate: number | null;
      readonly earlier_pass_rate: number | null;
      readonly decline_days: number;
      readonly daily: readonly {
        readonly day: string;
        readonly passed: number;
        readonly failed: number;
      }[];
    })[];
  };
  /** Counts the agents by status, health and risk. */
  readonly 'GET /api/v1/registry/stats': {
    readonly data: {
      readonly total: number;
      readonly by_status: Readonly<Record<string, number>>;
      readonly approved: number;
      readonly critical: number;
      readonly high: number;
      readonly medium: number;
      readonly low: number;
      readonly no_owner: number;
      readonly has_discrepancies: number;
      readonly by_health: Readonly<Record<string, number>>;
      readonly unregistered: {
        readonly over_limit: number;
        readonly unusable_name: number;
      };
    };
  };
  /** Answers the rules by which agents are scored. */
  readonly 'GET /api/v1/risk/rules': {
    readonly data: {
      readonly rules: readonly Schemas['RiskRule'][];
      readonly bands: Readonly<Record<string, number>>;
    };
  };
  /** Replaces the rules, and scores all agents by them. */
  readonly 'PUT /api/v1/risk/rules': {
    readonly body: {
      readonly rules: readonly Schemas['RiskRuleInput'][];
    };
    readonly data: {
      readonly rules: readonly Schemas['RiskRule'][];
      readonly bands: Readonly<Record<string, number>>;
    };
  };
  /** Finds runs of agents; newest first unless sorted otherwise. */
  readonly 'GET /api/v1/runs': {
    readonly query: {
      readonly from?: string | undefined;
      readonly to?: string | undefined;
      readonly agent?: string | readonly string[] | undefined;
      readonly version?: string | readonly string[] | undefined;
      readonly service?: string | readonly string[] | undefined;
      readonly framework?: string | readonly string[] | undefined;
      readonly name?: string | readonly string[] | undefined;
      readonly status?: "running" | "ok" | "error" | "abandoned" | readonly ("running" | "ok" | "error" | "abandoned")[] | undefined;
      readonly error_type?: string | readonly string[] | undefined;
      readonly model?: string | readonly string[] | undefined;
      readonly tool?: string | readonly string[] | undefined;
      readonly user?: string | readonly string[] | undefined;
      readonly conversation?: string | readonly string[] | undefined;
      readonly trace?: string | undefined;
      readonly trace_id?: string | undefined;
      readonly parent?: "none" | string | undefined;
      readonly min_cost?: number | undefined;
      readonly max_cost?: number | undefined;
      readonly min_duration_ms?: number | undefined;
      readonly max_duration_ms?: number | undefined;
      readonly sort?: "start" | "cost" | "duration" | "tokens" | "input_tokens" | "output_tokens" | "model_calls" | "tool_calls" | "errors" | "retries" | "spans" | undefined;
      readonly limit?: number | undefined;
      readonly cursor?: string | undefined;
    };
    readonly data: readonly Schemas['Run'][];
    readonly meta: {
      readonly limit: number;
      readonly next_cursor: string | null;
    };
  };
  /** Counts the agents, models, tools and so on of runs. */
  readonly 'GET /api/v1/runs/facets': {
    readonly query: {
      readonly from?: string | undefined;
      readonly to?: string | undefined;
      readonly agent?: string | readonly string[] | undefined;
      readonly version?: string | readonly string[] | undefined;
      readonly service?: string | readonly string[] | undefined;
      readonly framework?: string | readonly string[] | undefined;
      readonly name?: string | readonly string[] | undefined;
      readonly status?: "running" | "ok" | "error" | "abandoned" | readonly ("running" | "ok" | "error" | "abandoned")[] | undefined;
      readonly error_type?: string | readonly string[] | undefined;
      readonly model?: string | readonly string[] | undefined;
      readonly tool?: string | readonly string[] | undefined;
      readonly user?: string | readonly string[] | undefined;
      readonly conversation?: string | readonly string[] | undefined;
      readonly trace?: string | undefined;
      readonly trace_id?: string | undefined;
      readonly parent?: "none" | string | undefined;
      readonly min_cost?: number | undefined;
      readonly max_cost?: number | undefined;
      readonly min_duration_ms?: number | undefined;
      readonly max_duration_ms?: number | undefined;
      readonly limit?: number | undefined;
    };
    readonly data: Schemas['RunFacets'];
  };
  /** Computes the runs of a period anew from the stored spans, as a job. */
  readonly 'POST /api/v1/runs/rebuild': {
    readonly body: {
      readonly from: string;
      readonly to: string;
      readonly reprice?: boolean | undefined;
    };
    readonly data: Schemas['Job'];
  };
  /** Sums up runs: all, by agent, and over time. */
  readonly 'GET /api/v1/runs/stats': {
    readonly query: {
      readonly from?: string | undefined;
      readonly to?: string | undefined;
      readonly agent?: string | undefined;
      readonly steps?: number | undefined;
      readonly limit?: number | undefined;
    };
    readonly data: Schemas['RunStats'];
  };
  /** Finds values of a field that runs are filtered by. */
  readonly 'GET /api/v1/runs/values': {
    readonly query: {
      readonly from?: string | undefined;
      readonly to?: string | undefined;
      readonly agent?: string | readonly string[] | undefined;
      readonly version?: string | readonly string[] | undefined;
      readonly service?: string | readonly string[] | undefined;
      readonly framework?: string | readonly string[] | undefined;
      readonly name?: string | readonly string[] | undefined;
      readonly status?: "running" | "ok" | "error" | "abandoned" | readonly ("running" | "ok" | "error" | "abandoned")[] | undefined;
      readonly error_type?: string | readonly string[] | undefined;
      readonly model?: string | readonly string[] | undefined;
      readonly tool?: string | readonly string[] | undefined;
      readonly user?: string | readonly string[] | undefined;
      readonly conversation?: string | readonly string[] | undefined;
      readonly trace?: string | undefined;
      readonly trace_id?: string | undefined;
      readonly parent?: "none" | string | undefined;
      readonly min_cost?: number | undefined;
      readonly max_cost?: number | undefined;
      readonly min_duration_ms?: number | undefined;
      readonly max_duration_ms?: number | undefined;
      readonly field: "agent" | "version" | "service" | "framework" | "name" | "status" | "error_type" | "model" | "tool" | "user" | "conversation";
      readonly q?: string | undefined;
      readonly limit?: number | undefined;
    };
    readonly data: readonly Schemas['ValueCount'][];
  };
  /** Answers the results of a run, and which checks do not apply to it. */
  readonly 'GET /api/v1/runs/{id}/quality': {
    readonly params: {
      readonly id: string;
    };
    readonly query: {
      readonly trace?: string | undefined;
      readonly trace_id?: string | undefined;
    };
    readonly data: Schemas['RunQuality'];
  };
  /** Answers one run with its calls, the runs it started, its input and output. */
  readonly 'GET /api/v1/runs/{runId}': {
    readonly params: {
      readonly runId: string;
    };
    readonly query: {
      readonly trace?: string | undefined;
      readonly trace_id?: string | undefined;
    };
    readonly data: Schemas['RunDetail'];
  };
  /** Answers the currency in which amounts are shown beside US dollars. */
  readonly 'GET /api/v1/settings/display-currency': {
    readonly data: {
      readonly currency: string;
      readonly rate: number;
      readonly since: string | null;
    };
  };
  /** Sets the currency in which amounts are shown beside US dollars, and its rate. */
  readonly 'PUT /api/v1/settings/display-currency': {
    readonly body: Schemas['DisplayCurrencyInput'];
    readonly data: {
      readonly currency: string;
      readonly rate: number;
      readonly since: string | null;
    };
  };
  /** Answers how long telemetry is kept, and what is stored. */
  readonly 'GET /api/v1/settings/retention': {
    readonly data: Schemas['Retention'];
  };
  /** Replaces how long telemetry is kept. */
  readonly 'PUT /api/v1/settings/retention': {
    readonly body: Schemas['RetentionTermsInput'];
    readonly data: Schemas['Retention'];
  };
  /** Answers the added names of root spans. */
  readonly 'GET /api/v1/settings/root-span-patterns': {
    readonly data: {
      readonly patterns: readonly string[];
    };
  };
  /** Replaces the added names of root spans. */
  readonly 'PUT /api/v1/settings/root-span-patterns': {
    readonly body: {
      readonly patterns: readonly string[];
    };
    readonly data: {
      readonly patterns: readonly string[];
    };
  };
  /** Counts what is stored. */
  readonly 'GET /api/v1/stats': {
    readonly data: {
      readonly spans: number;
      readonly log_records: number;
      readonly metric_points: number;
    };
  };
  /** Tells that an agent is alive. A name that is not registered yet is. */
  readonly 'POST /api/v1/telemetry/heartbeat': {
    readonly body: Schemas['HeartbeatInput'];
    readonly data: {
      readonly agent_id: string;
      readonly received_at: string;
    };
  };
  /** Tells that several agents are alive; what is refused does not hinder the rest. */
  readonly 'POST /api/v1/telemetry/heartbeats': {
    readonly body: {
      readonly heartbeats: readonly ({
        readonly agent_id: string;
        readonly status?: string | undefined;
        readonly version?: string | undefined;
        readonly metadata?: Readonly<Record<string, unknown>> | undefined;
      })[];
    };
    readonly data: {
      readonly accepted: number;
      readonly refused: readonly {
        readonly agent_id: string;
        readonly code: string;
        readonly error: string;
      }[];
    };
  };
  /** Takes in a call of a model that is not traced, and answers what it cost. */
  readonly 'POST /api/v1/telemetry/usage': {
    readonly body: Schemas['CostEventInput'];
    readonly data: Schemas['RecordedCostEvent'];
  };
  /** Takes in several calls of models that are not traced: all or none. */
  readonly 'POST /api/v1/telemetry/usage/batch': {
    readonly body: {
      readonly events: readonly Schemas['CostEventInput'][];
    } | readonly Schemas['CostEventInput'][];
    readonly data: {
      readonly events: readonly Schemas['RecordedCostEvent'][];
    };
  };
  /** Lists the definitions of tools as they were accepted, and changed ones that wait. */
  readonly 'GET /api/v1/tool-pins': {
    readonly data: readonly Schemas['ToolPin'][];
  };
  /** Accepts the changed definition of a tool, which is refused until then. */
  readonly 'POST /api/v1/tool-pins/accept': {
    readonly body: {
      readonly server: string;
      readonly tool: string;
      readonly digest: string;
      readonly reason?: string | undefined;
    };
    readonly data: Schemas['ToolPin'];
  };
  /** Finds traces; newest first. */
  readonly 'GET /api/v1/traces': {
    readonly query: {
      readonly from?: string | undefined;
      readonly to?: string | undefined;
      readonly conversation?: string | readonly string[] | undefined;
      readonly user?: string | readonly string[] | undefined;
      readonly tool?: string | readonly string[] | undefined;
      readonly error_type?: string | readonly string[] | undefined;
      readonly name?: string | readonly string[] | undefined;
      readonly model?: string | readonly string[] | undefined;
      readonly operation?: string | readonly string[] | undefined;
      readonly agent?: string | readonly string[] | undefined;
      readonly provider?: string | readonly string[] | undefined;
      readonly framework?: string | readonly string[] | undefined;
      readonly service?: string | readonly string[] | undefined;
      readonly status?: "ok" | "error" | undefined;
      readonly min_duration_ms?: number | undefined;
      readonly max_duration_ms?: number | undefined;
      readonly min_duration_ns?: string | undefined;
      readonly max_duration_ns?: string | undefined;
      readonly attribute?: string | readonly string[] | undefined;
      readonly text?: string | undefined;
      readonly limit?: number | undefined;
      readonly cursor?: string | undefined;
    };
    readonly data: readonly Schemas['TraceSummary'][];
    readonly meta: {
      readonly limit: number;
      readonly next_cursor: string | null;
    };
  };
  /** Counts the agents, services, models, tools and so on that traces name. */
  readonly 'GET /api/v1/traces/facets': {
    readonly query: {
      readonly from?: string | undefined;
      readonly to?: string | undefined;
      readonly conversation?: string | readonly string[] | undefined;
      readonly user?: string | readonly string[] | undefined;
      readonly tool?: string | readonly string[] | undefined;
      readonly error_type?: string | readonly string[] | undefined;
      readonly name?: string | readonly string[] | undefined;
      readonly model?: string | readonly string[] | undefined;
      readonly operation?: string | readonly string[] | undefined;
      readonly agent?: string | readonly string[] | undefined;
      readonly provider?: string | readonly string[] | undefined;
      readonly framework?: string | readonly string[] | undefined;
      readonly service?: string | readonly string[] | undefined;
      readonly status?: "ok" | "error" | undefined;
      readonly min_duration_ms?: number | undefined;
      readonly max_duration_ms?: number | undefined;
      readonly min_duration_ns?: string | undefined;
      readonly max_duration_ns?: string | undefined;
      readonly attribute?: string | readonly string[] | undefined;
      readonly text?: string | undefined;
      readonly limit?: number | undefined;
    };
    readonly data: Schemas['TraceFacets'];
  };
  /** Counts traces over time. */
  readonly 'GET /api/v1/traces/histogram': {
    readonly query: {
      readonly from?: string | undefined;
      readonly to?: string | undefined;
      readonly conversation?: string | readonly string[] | undefined;
      readonly user?: string | readonly string[] | undefined;
      readonly tool?: string | readonly string[] | undefined;
      readonly error_type?: string | readonly string[] | undefined;
      readonly name?: string | readonly string[] | undefined;
      readonly model?: string | readonly string[] | undefined;
      readonly operation?: string | readonly string[] | undefined;
      readonly agent?: string | readonly string[] | undefined;
      readonly provider?: string | readonly string[] | undefined;
      readonly framework?: string | readonly string[] | undefined;
      readonly service?: string | readonly string[] | undefined;
      readonly status?: "ok" | "error" | undefined;
      readonly min_duration_ms?: number | undefined;
      readonly max_duration_ms?: number | undefined;
      readonly min_duration_ns?: string | undefined;
      readonly max_duration_ns?: string | undefined;
      readonly attribute?: string | readonly string[] | undefined;
      readonly text?: string | undefined;
      readonly steps?: number | undefined;
    };
    readonly data: Schemas['TraceHistogram'];
  };
  /** Finds values of a field that traces are filtered by, among the newest spans. */
  readonly 'GET /api/v1/traces/values': {
    readonly query: {
      readonly field: "conversation" | "user" | "tool" | "error_type" | "name" | "model" | "operation" | "agent" | "provider" | "framework" | "service";
      readonly from?: string | undefined;
      readonly q?: string | undefined;
      readonly limit?: number | undefined;
    };
    readonly data: readonly Schemas['ValueCount'][];
  };
  /** Answers the spans of a trace; earliest first. */
  readonly 'GET /api/v1/traces/{traceId}': {
    readonly params: {
      readonly traceId: string;
    };
    readonly query: {
      readonly limit?: number | undefined;
      readonly cursor?: string | undefined;
      readonly span?: string | readonly string[] | undefined;
    };
    readonly data: {
      readonly spans: readonly Schemas['Span'][];
    };
    readonly meta: {
      readonly limit: number;
      readonly next_cursor: string | null;
    };
  };
  /** Answers the calls of models in a trace that count, each once, with tokens and cost. */
  readonly 'GET /api/v1/traces/{traceId}/calls': {
    readonly params: {
      readonly traceId: string;
    };
    readonly data: readonly Schemas['TraceCall'][];
  };
  /** Lists the events of the spans of a trace, in no order. */
  readonly 'GET /api/v1/traces/{traceId}/events': {
    readonly params: {
      readonly traceId: string;
    };
    readonly query: {
      readonly limit?: number | undefined;
    };
    readonly data: Schemas['TraceEvents'];
  };
  /** Answers the log records of a trace; earliest first. */
  readonly 'GET /api/v1/traces/{traceId}/logs': {
    readonly params: {
      readonly traceId: string;
    };
    readonly query: {
      readonly span?: string | undefined;
      readonly event?: string | undefined;
      readonly whole?: string | undefined;
      readonly limit?: number | undefined;
      readonly cursor?: string | undefined;
    };
    readonly data: readonly Schemas['LogRecord'][];
    readonly meta: {
      readonly limit: number;
      readonly next_cursor: string | null;
    };
  };
  /** Finds the spans of a trace in which a text stands. */
  readonly 'GET /api/v1/traces/{traceId}/matches': {
    readonly params: {
      readonly traceId: string;
    };
    readonly query: {
      readonly text: string;
      readonly limit?: number | undefined;
    };
    readonly data: Schemas['TraceMatches'];
  };
  /** Answers what lists show of the spans of a trace, by column; earliest first. */
  readonly 'GET /api/v1/traces/{traceId}/outline': {
    readonly params: {
      readonly traceId: string;
    };
    readonly query: {
      readonly limit?: number | undefined;
      readonly cursor?: string | undefined;
    };
    readonly data: Schemas['TraceOutline'];
    readonly meta: {
      readonly limit: number;
      readonly next_cursor: string | null;
    };
  };
  /** Lists the views of who asks and those that are shared with the project, by name. */
  readonly 'GET /api/v1/views': {
    readonly query: {
      readonly page?: "traces" | "runs" | "conversations" | undefined;
    };
    readonly data: readonly Schemas['SavedView'][];
  };
  /** Keeps a page with its filters under a name. */
  readonly 'POST /api/v1/views': {
    readonly body: Schemas['SavedViewDraftInput'];
    readonly data: Schemas['SavedView'];
  };
  /** Replaces a view: its name, its filters, whether it is shared. */
  readonly 'PUT /api/v1/views/{id}': {
    readonly params: {
      readonly id: string;
    };
    readonly body: Schemas['SavedViewDraftInput'];
    readonly data: Schemas['SavedView'];
  };
  /** Removes a view; nobody’s page opens with it any more. */
  readonly 'DELETE /api/v1/views/{id}': {
    readonly params: {
      readonly id: string;
    };
    readonly data: {
      readonly removed: true;
    };
  };
  /** Says whether its page opens with the view, for who asks. */
  readonly 'PUT /api/v1/views/{id}/default': {
    readonly params: {
      readonly id: string;
    };
    readonly body: Schemas['DefaultViewInput'];
    readonly data: Schemas['SavedView'];
  };
  /** Lists the own keys, for an administrator all; newest first, without the revoked. */
  readonly 'GET /auth/api-keys': {
    readonly data: readonly Schemas['ApiKey'][];
  };
  /** Makes a key with scopes that the caller holds. Its secret is answered this once. */
  readonly 'POST /auth/api-keys': {
    readonly body: {
      readonly label: string;
      readonly scopes: readonly ("telemetry:write" | "registry:read" | "registry:write" | "monitoring:read" | "cost:read" | "anomaly:read" | "anomaly:write" | "governance:read" | "governance:write" | "gateway:call" | "gateway:link" | "admin")[];
      readonly expires_in_days?: number | undefined;
    };
    readonly data: Schemas['NewApiKey'];
  };
  /** Revokes a key and the keys that were made with it. */
  readonly 'DELETE /auth/api-keys/{id}': {
    readonly params: {
      readonly id: string;
    };
    readonly data: {
      readonly revoked: readonly string[];
    };
  };
  /** Signs a browser in with a link that serves once, and leads it to the first page. */
  readonly 'GET /auth/link': {
    readonly query: {
      readonly token: string;
    };
  };
  /** Exchanges a username and password for tokens. */
  readonly 'POST /auth/login': {
    readonly body: {
      readonly username: string;
      readonly password: string;
    };
  };
  /** Tells who the credential is and what it may do. */
  readonly 'GET /auth/me': {
    readonly data: {
      readonly id: string;
      readonly kind: string;
      readonly username: string;
      readonly project: string;
      readonly scopes: readonly ("telemetry:write" | "registry:read" | "registry:write" | "monitoring:read" | "cost:read" | "anomaly:read" | "anomaly:write" | "governance:read" | "governance:write" | "gateway:call" | "gateway:link" | "admin")[];
      readonly expires_at: string | null;
    };
  };
  /** Changes the own password and ends all own sign-ins. */
  readonly 'POST /auth/password': {
    readonly body: {
      readonly current_password: string;
      readonly new_password: string;
    };
    readonly data: null;
  };
  /** Exchanges a refresh token, once, for new tokens. */
  readonly 'POST /auth/refresh': {
    readonly body: {
      readonly refresh_token: string;
    };
  };
  /** Lists the accounts of programs. */
  readonly 'GET /auth/service-accounts': {
    readonly data: readonly Schemas['Account'][];
  };
  /** Adds an account with which a program can log in. */
  readonly 'POST /auth/service-accounts': {
    readonly body: {
      readonly username: string;
      readonly password?: string | undefined;
      readonly scopes?: readonly ("telemetry:write" | "registry:read" | "registry:write" | "monitoring:read" | "cost:read" | "anomaly:read" | "anomaly:write" | "governance:read" | "governance:write" | "gateway:call" | "gateway:link" | "admin")[] | undefined;
    };
    readonly data: Schemas['NewAccount'];
  };
  /** Removes the account of a program and revokes the keys it made. */
  readonly 'DELETE /auth/service-accounts/{id}': {
    readonly params: {
      readonly id: string;
    };
    readonly data: {
      readonly id: string;
    };
  };
  /** Signs a browser in with a username and password. */
  readonly 'POST /auth/session': {
    readonly body: {
      readonly username: string;
      readonly password: string;
    };
    readonly data: null;
  };
  /** Signs the browser out. */
  readonly 'DELETE /auth/session': {
    readonly data: null;
  };
  /** Signs access tokens with a new key from now on. */
  readonly 'POST /auth/signing-keys/rotate': {
    readonly body: {
      readonly end_tokens?: boolean | undefined;
    } | null;
    readonly data: {
      readonly id: string;
      readonly created_at: string;
    };
  };
  /** Lists the people. */
  readonly 'GET /auth/users': {
    readonly data: readonly Schemas['Account'][];
  };
  /** Adds a person. */
  readonly 'POST /auth/users': {
    readonly body: {
      readonly username: string;
      readonly password?: string | undefined;
      readonly role?: "admin" | "member" | undefined;
    };
    readonly data: Schemas['NewAccount'];
  };
  /** Removes a person and revokes the keys they made. */
  readonly 'DELETE /auth/users/{id}': {
    readonly params: {
      readonly id: string;
    };
    readonly data: {
      readonly id: string;
    };
  };
  /** Answers once telemetry is accepted and can be read back. */
  readonly 'GET /health': {
  };
  /** Answers as Prometheus' own /api/v1/label/:name/values does. */
  readonly 'GET /prometheus/api/v1/label/{name}/values': {
    readonly params: {
      readonly name: string;
    };
  };
  /** Answers as Prometheus' own /api/v1/labels does. */
  readonly 'GET /prometheus/api/v1/labels': {
  };
  /** Answers as Prometheus' own /api/v1/labels does. */
  readonly 'POST /prometheus/api/v1/labels': {
  };
  /** Answers as Prometheus' own /api/v1/metadata does. */
  readonly 'GET /prometheus/api/v1/metadata': {
  };
  /** Answers as Prometheus' own /api/v1/query does. */
  readonly 'GET /prometheus/api/v1/query': {
  };
  /** Answers as Prometheus' own /api/v1/query does. */
  readonly 'POST /prometheus/api/v1/query': {
  };
  /** Answers as Prometheus' own /api/v1/query_range does. */
  readonly 'GET /prometheus/api/v1/query_range': {
  };
  /** Answers as Prometheus' own /api/v1/query_range does. */
  readonly 'POST /prometheus/api/v1/query_range': {
  };
  /** Answers as Prometheus' own /api/v1/series does. */
  readonly 'GET /prometheus/api/v1/series': {
  };
  /** Answers as Prometheus' own /api/v1/series does. */
  readonly 'POST /prometheus/api/v1/series': {
  };
  /** Answers as Prometheus' own /api/v1/status/buildinfo does. */
  readonly 'GET /prometheus/api/v1/status/buildinfo': {
  };
}
