import type { Severity } from './alert.ts';

/** An anomaly: an agent's runs are not as its baseline, or a person, said they would be. */

export const ANOMALY_KINDS = [
  'cost_spike',
  'error_surge',
  'call_frequency',
  'latency_shift',
  'behavioral_drift',
  'quality_degradation',
  'model_mismatch',
] as const;
export type AnomalyKind = (typeof ANOMALY_KINDS)[number];

/** Names that other systems' users know, and what they are here. */
export const ANOMALY_ALIASES: Readonly<Record<string, AnomalyKind>> = {
  reliability_decay: 'error_surge',
  accuracy_degradation: 'quality_degradation',
};

export const ANOMALY_STATUSES = ['open', 'acknowledged', 'resolved'] as const;
export type AnomalyStatus = (typeof ANOMALY_STATUSES)[number];

/** What was found in an agent's runs: the numbers of which anyone can check the verdict. */
export interface AnomalyEvidence {
  /** In words what differs, e.g. `The duration of a run is 3.1 times what is usual.` */
  readonly summary: string;
  /** Which number was looked at, e.g. `duration of a run`, and its unit. */
  readonly measure: string;
  readonly unit: string;
  readonly observed: number;
  readonly baseline: number | null;
  /** How far apart they are in the test's own terms; null where there is no test. */
  readonly score: number | null;
  readonly scoreName: string;
  readonly deviationPercent: number | null;
  /** Runs, or days, that were looked at. */
  readonly n: number;
  readonly baselineN: number;
  readonly window: { readonly fromMs: number; readonly toMs: number };
  readonly version: string;
  /** Another than `version` when that has too few runs to have a baseline of its own. */
  readonly baselineVersion: string;
  /** The runs that show it most, at most ten. */
  readonly runs: readonly { readonly traceId: string; readonly runId: string }[];
  /** What else the kind has to tell, e.g. tools with their shares. */
  readonly more: Readonly<Record<string, number | string>>;
}

export interface Finding {
  readonly kind: AnomalyKind;
  readonly severity: Severity;
  readonly evidence: AnomalyEvidence;
}

/** Which status may follow which. */
export const ANOMALY_TRANSITIONS: Readonly<Record<AnomalyStatus, readonly AnomalyStatus[]>> = {
  open: ['acknowledged', 'resolved'],
  acknowledged: ['resolved'],
  resolved: [],
};
