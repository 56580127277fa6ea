import { gatewayLink } from './gateway-link-migration.ts';
import { gateway } from './gateway-migration.ts';
import type { Migration } from './migration.ts';
import { monitoring } from './monitoring-migration.ts';
import { prices } from './price-migration.ts';
import { judgeQueue, quality } from './quality-migration.ts';
import { views } from './view-migration.ts';

const registry: Migration = {
  number: 1,
  name: 'agents',
  statements: [
    `CREATE TABLE agents (
      id {text} PRIMARY KEY,
      project {text} NOT NULL,
      name {text} NOT NULL,
      name_folded {text} NOT NULL,
      status {text} NOT NULL,
      status_since_ms BIGINT NOT NULL,
      first_seen_ms BIGINT NOT NULL,
      last_seen_ms BIGINT NOT NULL,
      owner {text},
      team {text},
      description {text},
      UNIQUE (project, name)
    )`,
    'CREATE INDEX agents_by_last_seen ON agents (project, last_seen_ms)',
    `CREATE TABLE agent_facets (
      agent_id {text} NOT NULL REFERENCES agents (id),
      kind {text} NOT NULL,
      value {text} NOT NULL,
      PRIMARY KEY (agent_id, kind, value)
    )`,
    'CREATE INDEX agent_facets_by_value ON agent_facets (kind, value)',
  ],
};

const identity: Migration = {
  number: 2,
  name: 'users and keys',
  statements: [
    `CREATE TABLE users (
      id {text} PRIMARY KEY,
      project {text} NOT NULL,
      kind {text} NOT NULL,
      username {text} NOT NULL,
      username_folded {text} NOT NULL UNIQUE,
      role {text} NOT NULL,
      scopes_json {text} NOT NULL,
      password_hash {text} NOT NULL,
      created_at_ms BIGINT NOT NULL
    )`,
    `CREATE TABLE refresh_tokens (
      token_hash {text} PRIMARY KEY,
      family {text} NOT NULL,
      user_id {text} NOT NULL REFERENCES users (id),
      expires_at_ms BIGINT NOT NULL,
      used_at_ms BIGINT
    )`,
    'CREATE INDEX refresh_tokens_by_family ON refresh_tokens (family)',
    'CREATE INDEX refresh_tokens_by_user ON refresh_tokens (user_id)',
    'CREATE INDEX refresh_tokens_by_expiry ON refresh_tokens (expires_at_ms)',
    `CREATE TABLE web_sessions (
      token_hash {text} PRIMARY KEY,
      user_id {text} NOT NULL REFERENCES users (id),
      expires_at_ms BIGINT NOT NULL
    )`,
    'CREATE INDEX web_sessions_by_user ON web_sessions (user_id)',
    `CREATE TABLE sign_in_links (
      token_hash {text} PRIMARY KEY,
      user_id {text} NOT NULL REFERENCES users (id),
      expires_at_ms BIGINT NOT NULL
    )`,
    `CREATE TABLE api_keys (
      id {text} PRIMARY KEY,
      secret_hash {text} NOT NULL UNIQUE,
      project {text} NOT NULL,
      label {text} NOT NULL,
      prefix {text} NOT NULL,
      scopes_json {text} NOT NULL,
      created_by {text} NOT NULL,
      created_at_ms BIGINT NOT NULL,
      expires_at_ms BIGINT,
      revoked_at_ms BIGINT,
      last_used_at_ms BIGINT
    )`,
    'CREATE INDEX api_keys_by_creator ON api_keys (created_by)',
    `CREATE TABLE signing_keys (
      id {text} PRIMARY KEY,
      secret {text} NOT NULL,
      created_at_ms BIGINT NOT NULL,
      retired_at_ms BIGINT,
      verifies_until_ms BIGINT
    )`,
    `CREATE TABLE settings (
      project {text} NOT NULL,
      name {text} NOT NULL,
      value_json {text} NOT NULL,
      updated_at_ms BIGINT NOT NULL,
      updated_by {text} NOT NULL,
      PRIMARY KEY (project, name)
    )`,
  ],
};

const auditLog: Migration = {
  number: 3,
  name: 'audit log',
  statements: [
    `CREATE TABLE audit_log (
      sequence {identity},
      project {text} NOT NULL,
      at_ms BIGINT NOT NULL,
      actor_kind {text} NOT NULL,
      actor_id {text} NOT NULL,
      actor_name {text} NOT NULL,
      action {text} NOT NULL,
      target_kind {text} NOT NULL,
      target_id {text} NOT NULL,
      reason {text},
      detail_json {text} NOT NULL
    )`,
    'CREATE INDEX audit_log_by_project ON audit_log (project, sequence)',
    'CREATE INDEX audit_log_by_target ON audit_log (project, target_kind, target_id, sequence)',
  ],
  sqlite: [
    `CREATE TRIGGER audit_log_keeps_entries BEFORE UPDATE ON audit_log
      BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END`,
    `CREATE TRIGGER audit_log_keeps_all BEFORE DELETE ON audit_log
      BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END`,
    // INSERT OR REPLACE removes the row in its way without asking the trigger on DELETE.
    `CREATE TRIGGER audit_log_keeps_places BEFORE INSERT ON audit_log
      WHEN EXISTS (SELECT 1 FROM audit_log WHERE sequence = NEW.sequence)
      BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END`,
  ],
  postgres: [
    `CREATE FUNCTION audit_log_refuse() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN RAISE EXCEPTION 'the audit log is append-only'; END $$`,
    `CREATE TRIGGER audit_log_keeps_entries BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_log
      FOR EACH STATEMENT EXECUTE FUNCTION audit_log_refuse()`,
  ],
};

/** The steps in their order. */
export const MIGRATIONS: readonly Migration[] = [
  registry,
  identity,
  auditLog,
  monitoring,
  gateway,
  prices,
  quality,
  views,
  gatewayLink,
  judgeQueue,
];
