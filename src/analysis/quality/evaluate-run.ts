import type { QualityResult } from '../../model/quality.ts';
import type { RunDetail } from '../../model/run.ts';
import type { CheckSetting } from './check-setting.ts';

/** A check that was not made on a run, and why. */
export interface SkippedCheck {
  readonly checkId: string;
  readonly reason: string;
}

export interface RunEvaluation {
  readonly results: readonly QualityResult[];
  readonly skipped: readonly SkippedCheck[];
}

/** Makes the checks that are on. Pure: the same run and settings give the same results. */
export function evaluateRun(detail: RunDetail, settings: readonly CheckSetting[]): RunEvaluation {
  const results: QualityResult[] = [];
  const skipped: SkippedCheck[] = [];
  for (const setting of settings) {
    const { check, severity } = setting;
    if (!setting.enabled) {
      skipped.push({ checkId: check.id, reason: `switched off: ${setting.reason}` });
      continue;
    }
    const verdict = check.evaluate(detail, setting.params as never);
    if (verdict.kind === 'not_applicable') {
      skipped.push({ checkId: check.id, reason: verdict.reason });
      continue;
    }
    const isFailed = verdict.kind === 'failed';
    results.push({
      ...aboutRun(detail),
      source: 'check',
      name: check.id,
      key: '',
      severity,
      outcome: verdict.kind,
      score: isFailed ? 0 : 1,
      expected: verdict.expected,
      actual: verdict.actual,
      delta: (isFailed ? verdict.delta : undefined) ?? null,
      message: isFailed ? verdict.message : '',
      evidence: isFailed ? verdict.evidence : null,
    });
  }
  return { results, skipped };
}

/** Where a result about a run belongs. */
export function aboutRun({
  run,
}: RunDetail): Pick<QualityResult, 'project' | 'traceId' | 'runId' | 'agent' | 'startNs'> {
  const { project, traceId, runId, agent, startNs } = run;
  return { project, traceId, runId, agent, startNs };
}
