/** Tables of quality rules, of agents' checks and of the judge's use, as parts of `ControlSchema`. */
export interface QualitySchema {
  quality_rules: {
    id: string;
    project: string;
    name: string;
    description: string;
    target_trace_name: string;
    target_agent: string;
    severity: string;
    /** 0 or 1. */
    enabled: number;
    definition_json: string;
    created_at_ms: number;
    updated_at_ms: number;
  };
  agent_checks: {
    project: string;
    agent: string;
    overrides_json: string;
    inferences_json: string;
  };
  /** Dollars as decimal text. */
  judge_use: { project: string; day: string; calls: number; cost: string };
  /** Runs that the judge is to look at. */
  judge_queue: { project: string; trace_id: string; run_id: string; since_ms: number };
}
