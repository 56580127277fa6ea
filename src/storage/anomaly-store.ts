import type { Severity } from '../model/alert.ts';
import type { AnomalyEvidence, AnomalyKind, AnomalyStatus } from '../model/anomaly.ts';
import type { AuditEntry } from './audit-log.ts';

/** Who decided, when, and what they wrote. */
export interface AnomalyDecision {
  readonly by: string;
  readonly atMs: number;
  readonly note: string | null;
}

export interface Anomaly {
  readonly id: string;
  readonly project: string;
  readonly agentId: string;
  /** The agent's name. */
  readonly agent: string;
  readonly kind: AnomalyKind;
  /** The highest since it was opened. */
  readonly severity: Severity;
  readonly status: AnomalyStatus;
  /** Of the last detection. */
  readonly evidence: AnomalyEvidence;
  readonly openedAtMs: number;
  readonly detectedAtMs: number;
  readonly detections: number;
  /** How often it was opened again after a resolution. */
  readonly reopened: number;
  readonly acknowledged: AnomalyDecision | null;
  readonly resolved: AnomalyDecision | null;
}

export interface AnomalyFilter {
  readonly kind?: AnomalyKind | undefined;
  readonly severity?: Severity | undefined;
  readonly status?: AnomalyStatus | undefined;
  readonly agentId?: string | undefined;
}

export interface AnomalyStore {
  get(project: string, id: string): Promise<Anomaly | undefined>;

  /** The newest of the agent for each kind, whatever its status. */
  listNewest(agentId: string): Promise<readonly Anomaly[]>;

  /** Newest detection first, and how many fit. */
  find(
    project: string,
    filter: AnomalyFilter,
    page: { readonly offset: number; readonly limit: number },
  ): Promise<{ readonly anomalies: readonly Anomaly[]; readonly total: number }>;

  /** Counts of those which are not resolved, and of all by status. */
  summarize(project: string): Promise<
    readonly {
      readonly kind: AnomalyKind;
      readonly severity: Severity;
      readonly status: AnomalyStatus;
      readonly count: number;
    }[]
  >;

  /** How many of an agent are not resolved, for each agent that has any. */
  countActive(project: string): Promise<ReadonlyMap<string, number>>;

  /** Resolves to false, and writes nothing, when the agent has an unresolved one of the kind. */
  create(anomaly: Anomaly, entry: AuditEntry): Promise<boolean>;

  /**
   * Writes all of the anomaly but its identity, if it still has the status expected; with the entry when given.
   * Resolves to false, and writes nothing, when it has another.
   */
  update(anomaly: Anomaly, expectedStatus: AnomalyStatus, entry?: AuditEntry): Promise<boolean>;
}
