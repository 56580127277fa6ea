import type { Migration } from './migration.ts';

/** Business rules, checks of agents, and what the judge used by day. */
export const quality: Migration = {
  number: 7,
  name: 'quality',
  statements: [
    `CREATE TABLE quality_rules (
      id {text} PRIMARY KEY,
      project {text} NOT NULL,
      name {text} NOT NULL,
      description {text} NOT NULL,
      target_trace_name {text} NOT NULL,
      target_agent {text} NOT NULL,
      severity {text} NOT NULL,
      enabled INTEGER NOT NULL,
      definition_json {text} NOT NULL,
      created_at_ms BIGINT NOT NULL,
      updated_at_ms BIGINT NOT NULL,
      UNIQUE (project, name)
    )`,
    `CREATE TABLE agent_checks (
      project {text} NOT NULL,
      agent {text} NOT NULL,
      overrides_json {text} NOT NULL,
      inferences_json {text} NOT NULL,
      PRIMARY KEY (project, agent)
    )`,
    `CREATE TABLE judge_use (
      project {text} NOT NULL,
      day {text} NOT NULL,
      calls BIGINT NOT NULL,
      cost {text} NOT NULL,
      PRIMARY KEY (project, day)
    )`,
  ],
};

/** Runs that the judge is to look at, so that a crash loses none. */
export const judgeQueue: Migration = {
  number: 10,
  name: 'judge queue',
  statements: [
    `CREATE TABLE judge_queue (
      project {text} NOT NULL,
      trace_id {text} NOT NULL,
      run_id {text} NOT NULL,
      since_ms BIGINT NOT NULL,
      PRIMARY KEY (project, trace_id, run_id)
    )`,
  ],
};
