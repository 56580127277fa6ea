/** Tables of alerts, budgets, anomalies, signs of life and risk, as parts of `ControlSchema`. */
export interface MonitoringSchema {
  alert_channels: {
    id: string;
    project: string;
    name: string;
    /** 0 or 1. */
    enabled: number;
    kinds_json: string;
    severity_min: string;
    target_json: string;
    created_at_ms: number;
    updated_at_ms: number;
  };
  alerts: {
    id: string;
    project: string;
    alert_key: string;
    kind: string;
    severity: string;
    subject_kind: string;
    subject_id: string;
    subject_name: string;
    title: string;
    body: string;
    detail_json: string;
    raised_at_ms: number;
  };
  alert_deliveries: {
    id: string;
    alert_id: string;
    channel_id: string;
    state: string;
    attempts: number;
    next_attempt_ms: number | null;
    last_error: string | null;
    settled_at_ms: number | null;
  };
  budgets: {
    id: string;
    project: string;
    scope: string;
    subject: string;
    month: string;
    /** Dollars as decimal text. */
    amount: string;
    thresholds_json: string;
    /** 0 or 1. */
    enforced: number;
    created_at_ms: number;
    updated_at_ms: number;
  };
  anomalies: {
    id: string;
    project: string;
    agent_id: string;
    agent: string;
    kind: string;
    severity: string;
    status: string;
    evidence_json: string;
    opened_at_ms: number;
    detected_at_ms: number;
    detections: number;
    reopened: number;
    acknowledged_json: string | null;
    resolved_json: string | null;
  };
  agent_health: {
    agent_id: string;
    heartbeat_ms: number | null;
    reported_status: string | null;
    reported_version: string | null;
    healthy_within_ms: number | null;
    degraded_within_ms: number | null;
  };
  risk_history: {
    agent_id: string;
    at_ms: number;
    score: number;
    level: string;
    reasons_json: string;
  };
}
