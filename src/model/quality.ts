/** What is known of the quality of runs: results of checks, rules and judges, and scores from outside. Types alone. */

export const SEVERITIES = ['HIGH', 'MEDIUM', 'LOW'] as const;
export type Severity = (typeof SEVERITIES)[number];

/** The checks that Signalbox makes itself, on every run that they apply to. */
export const CHECK_IDS = [
  'output_not_empty',
  'no_refusal_in_output',
  'latency_within_sla',
  'error_free',
  'no_tool_loop',
  'retries_bounded',
  'tool_results_present',
  'output_schema_valid',
  'required_fields_present',
  'subtotal_arithmetic',
  'tax_calculation',
  'decision_is_valid_enum',
  'source_cited',
  'no_secret_in_output',
  'no_pii_in_output',
  'no_prompt_injection_in_input',
  'tokens_within_budget',
] as const;
export type CheckId = (typeof CHECK_IDS)[number];

/**
 * Who came to a result: a check of ours, a business rule, the judge, or somebody outside: `job` through
 * the API, `otel` as `gen_ai.evaluation.result`, `langfuse` as a score.
 */
export const QUALITY_SOURCES = ['check', 'rule', 'judge', 'job', 'otel', 'langfuse'] as const;
export type QualitySource = (typeof QUALITY_SOURCES)[number];

/** `scored`: a number without a limit to hold it against; `unjudged`: it was tried and there is no answer. */
export const QUALITY_OUTCOMES = ['passed', 'failed', 'scored', 'unjudged'] as const;
export type QualityOutcome = (typeof QUALITY_OUTCOMES)[number];

/** Where a result can be seen: the span, and the text on it, cut and without secrets. */
export interface QualityEvidence {
  /** '' when the result is about the run as a whole. */
  readonly spanId: string;
  readonly value: string;
}

/** One result. Texts are '' where there is nothing to say. */
export interface QualityResult {
  readonly project: string;
  /** '' for what was pushed about something that is no trace here. */
  readonly traceId: string;
  readonly runId: string;
  readonly agent: string;
  readonly source: QualitySource;
  /** The check's id, `BR: <rule>`, the judge's criterion, or the name that was sent. */
  readonly name: string;
  /** Tells results of one source and name about one run apart: a job, a span, a score. */
  readonly key: string;
  readonly severity: Severity;
  readonly outcome: QualityOutcome;
  readonly score: number | null;
  readonly expected: string;
  readonly actual: string;
  readonly delta: number | null;
  readonly message: string;
  readonly evidence: QualityEvidence | null;
  /** The start of the run, or when a result without a run was received; nanoseconds since 1970 UTC. */
  readonly startNs: bigint;
}
