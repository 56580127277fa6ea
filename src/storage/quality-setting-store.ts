import type { Picodollars } from '../model/money.ts';
import type { QualityRule } from '../model/quality-rule.ts';
import type { AuditEntry, JsonValue } from './audit-log.ts';

/** What people decided and Signalbox inferred about the checks of an agent. */
export interface AgentChecks {
  readonly project: string;
  readonly agent: string;
  readonly overrides: JsonValue;
  readonly inferences: JsonValue;
}

/** What the judge was used for on a day. */
export interface JudgeUse {
  readonly calls: number;
  readonly cost: Picodollars;
}

/** A run that the judge is to look at. */
export interface WaitingRun {
  readonly project: string;
  readonly traceId: string;
  readonly runId: string;
  /** Milliseconds since 1970 UTC. */
  readonly sinceMs: number;
}

/** Business rules, checks of agents, and what the judge used and has before it. */
export interface QualitySettingStore {
  /** Of one project, or of all; by name. */
  listRules(project?: string): Promise<readonly QualityRule[]>;
  getRule(project: string, id: string): Promise<QualityRule | undefined>;
  /** Resolves to false, and writes nothing, when the name is taken. */
  createRule(rule: QualityRule, entry: AuditEntry): Promise<boolean>;
  /** Resolves to false, and writes nothing, when another has the name, or it is gone. */
  replaceRule(rule: QualityRule, entry: AuditEntry): Promise<boolean>;
  removeRule(project: string, id: string, entry: AuditEntry): Promise<boolean>;

  /** Of every project. */
  listAgentChecks(): Promise<readonly AgentChecks[]>;
  putOverrides(
    project: string,
    agent: string,
    overrides: JsonValue,
    entry: AuditEntry,
  ): Promise<void>;
  putInferences(project: string, agent: string, inferences: JsonValue): Promise<void>;

  /** `day` as `2026-11-20`. */
  getJudgeUse(project: string, day: string): Promise<JudgeUse>;
  addJudgeUse(project: string, day: string, use: JudgeUse): Promise<void>;

  /** Runs that wait already keep their place. */
  addWaiting(runs: readonly WaitingRun[]): Promise<void>;
  removeWaiting(run: Pick<WaitingRun, 'project' | 'traceId' | 'runId'>): Promise<void>;
  /** Of every project, those that wait longest first. */
  listWaiting(limit: number): Promise<readonly WaitingRun[]>;
}
