import type { Generated, Kysely, Transaction } from 'kysely';

import type { MonitoringSchema } from './monitoring-schema.ts';
import type { QualitySchema } from './quality-schema.ts';
import type { ViewSchema } from './view-schema.ts';

/**
 * The tables of the newest migration. Portable between SQLite and PostgreSQL: text, integers (times are
 * milliseconds since 1970 UTC) and JSON as text.
 */
export interface ControlSchema extends MonitoringSchema, QualitySchema, ViewSchema {
  agents: {
    id: string;
    project: string;
    name: string;
    /** The name in lower case, to search and sort by. */
    name_folded: string;
    status: string;
    status_since_ms: number;
    first_seen_ms: number;
    last_seen_ms: number;
    owner: string | null;
    team: string | null;
    description: string | null;
    facts_json: Generated<string>;
    approved_models_json: string | null;
    risk_score: Generated<number>;
    risk_level: Generated<string>;
  };
  agent_facets: { agent_id: string; kind: string; value: string };
  users: {
    id: string;
    project: string;
    kind: string;
    username: string;
    username_folded: string;
    role: string;
    scopes_json: string;
    password_hash: string;
    created_at_ms: number;
  };
  refresh_tokens: {
    token_hash: string;
    family: string;
    user_id: string;
    expires_at_ms: number;
    used_at_ms: number | null;
  };
  web_sessions: { token_hash: string; user_id: string; expires_at_ms: number };
  sign_in_links: { token_hash: string; user_id: string; expires_at_ms: number };
  api_keys: {
    id: string;
    secret_hash: string;
    project: string;
    label: string;
    prefix: string;
    scopes_json: string;
    created_by: string;
    created_at_ms: number;
    expires_at_ms: number | null;
    revoked_at_ms: number | null;
    last_used_at_ms: number | null;
  };
  signing_keys: {
    id: string;
    secret: string;
    created_at_ms: number;
    retired_at_ms: number | null;
    verifies_until_ms: number | null;
  };
  audit_log: {
    sequence: Generated<number>;
    project: string;
    at_ms: number;
    actor_kind: string;
    actor_id: string;
    actor_name: string;
    action: string;
    target_kind: string;
    target_id: string;
    reason: string | null;
    detail_json: string;
  };
  settings: {
    project: string;
    name: string;
    value_json: string;
    updated_at_ms: number;
    updated_by: string;
  };
  approvals: {
    id: string;
    project: string;
    agent: string;
    tool: string;
    arguments_digest: string;
    policy_version: string;
    policy_rule: string;
    status: string;
    execution: string;
    params_json: string;
    /** 0 or 1. */
    injection_risk: number;
    session_id: string;
    trace_id: string;
    span_id: string;
    parent_span_id: string;
    face: string;
    callback_url: string;
    created_at_ms: number;
    expires_at_ms: number;
    resolved_at_ms: number | null;
    resolved_by: string | null;
    reasoning: string | null;
    confidence_millionths: number | null;
    executed_at_ms: number | null;
    /** Grows with each change of any approval. */
    change_number: number;
  };
  told_approvals: Omit<ControlSchema['approvals'], 'change_number'> & {
    gateway: string;
    dangers_json: string;
    told_at_ms: number;
  };
  linked_gateways: {
    project: string;
    name: string;
    instance: string;
    url: string;
    version: string;
    heard_at_ms: number;
    approvals_cursor: string;
    calls_cursor: string;
  };
  grants: {
    id: string;
    project: string;
    agent: string;
    tools_json: string;
    created_by: string;
    reason: string | null;
    created_at_ms: number;
    expires_at_ms: number;
    uses_max: number | null;
    uses: number;
    revoked_at_ms: number | null;
  };
  tool_pins: {
    project: string;
    server: string;
    tool: string;
    digest: string;
    definition_json: string;
    pinned_at_ms: number;
    held_digest: string | null;
    held_definition_json: string | null;
    held_since_ms: number | null;
  };
  price_versions: {
    project: string;
    id: string;
    version: number;
    /** 0 or 1. */
    removed: number;
    model_pattern: string;
    provider: string;
    tier: string;
    from_ms: number;
    /** Dollars per million tokens as decimal text, by kind. */
    prices_json: string;
    at_ms: number;
    set_by: string;
  };
  schema_migrations: { number: number; name: string; checksum: string; applied_at_ms: number };
}

export type ControlDatabase = Kysely<ControlSchema>;
export type ControlTransaction = Transaction<ControlSchema>;
