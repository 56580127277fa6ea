import type { QualityResult } from '../../model/quality.ts';
import type { RunDetail } from '../../model/run.ts';
import type { Verdict } from './check.ts';
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
    results.push(resultOf(detail, verdict, { source: 'check', name: check.id, key: '', severity }));
  }
  return { results, skipped };
}

/** A verdict as a result of a run, with a score of 0 or 1. */
export function resultOf(
  detail: RunDetail,
  verdict: Exclude<Verdict, { readonly kind: 'not_applicable' }>,
  named: Pick<QualityResult, 'source' | 'name' | 'key' | 'severity'>,
): QualityResult {
  const { kind, expected, actual } = verdict;
  const found = { ...aboutRun(detail), ...named, outcome: kind, expected, actual };
  return verdict.kind === 'passed'
    ? { ...found, score: 1, delta: null, message: '', evidence: null }
    : {
        ...found,
        score: 0,
        delta: verdict.delta ?? null,
        message: verdict.message,
        evidence: verdict.evidence,
      };
}

/** Where a result about a run belongs. */
export function aboutRun({
  run,
}: RunDetail): Pick<QualityResult, 'project' | 'traceId' | 'runId' | 'agent' | 'startNs'> {
  const { project, traceId, runId, agent, startNs } = run;
  return { project, traceId, runId, agent, startNs };
}
