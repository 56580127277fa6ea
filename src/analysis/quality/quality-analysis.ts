import { setImmediate as yieldToOthers } from 'node:timers/promises';

import type { QualityResult, QualitySource } from '../../model/quality.ts';
import type { RunDetail } from '../../model/run.ts';
import type { QualityResultStore, QualityScope } from '../../storage/quality-result-store.ts';
import type { AgentChecks } from './agent-checks.ts';
import { evaluateRule, isTarget } from './evaluate-rule.ts';
import type { RunEvaluation, SkippedCheck } from './evaluate-run.ts';
import { evaluateRun } from './evaluate-run.ts';
import type { QualityRules } from './quality-rules.ts';

/** The agent under which the judge's own calls are traced. Nobody judges the judge. */
export const JUDGE_AGENT = 'signalbox-judge';

/** Runs between which other work of the thread gets its turn. */
const RUNS_AT_ONCE = 10;

export interface QualityAnalysis {
  /** Makes checks and rules on finished runs and keeps the results. Doing it again changes nothing. */
  observe(details: readonly RunDetail[]): Promise<void>;
  /** What checks and rules say about a run, without keeping it. */
  evaluate(detail: RunDetail): RunEvaluation;
}

export function createQualityAnalysis(options: {
  readonly results: Pick<QualityResultStore, 'put'>;
  readonly checks: AgentChecks;
  readonly rules: Pick<QualityRules, 'list'>;
  /** Told of each run after its checks; takes its own time. */
  readonly judge: { offer(details: readonly RunDetail[]): Promise<void> };
}): QualityAnalysis {
  const { checks, rules, judge } = options;

  const evaluate = (detail: RunDetail): RunEvaluation => {
    const { project, agent } = detail.run;
    const made = evaluateRun(detail, checks.settingsOf(project, agent));
    const results: QualityResult[] = [...made.results];
    const skipped: SkippedCheck[] = [...made.skipped];
    for (const rule of rules.list(project)) {
      if (!rule.enabled || !isTarget(detail, rule)) continue;
      const found = evaluateRule(detail, rule);
      if ('result' in found) results.push(found.result);
      else skipped.push({ checkId: `BR: ${rule.name}`, reason: found.reason });
    }
    return { results, skipped };
  };

  return {
    evaluate,

    async observe(details) {
      const own = details.filter(
        ({ run }) => run.agent !== JUDGE_AGENT && run.status !== 'running',
      );
      const results: QualityResult[] = [];
      for (const [index, detail] of own.entries()) {
        if (index > 0 && index % RUNS_AT_ONCE === 0) await yieldToOthers();
        results.push(...evaluate(detail).results);
      }
      if (own.length === 0) return;
      await options.results.put(results, own.flatMap(scopesOf));
      await checks.learn(own);
      await judge.offer(own);
    },
  };
}

const OWN_SOURCES: readonly QualitySource[] = ['check', 'rule'];

function scopesOf({ run }: RunDetail): QualityScope[] {
  const { project, traceId, runId } = run;
  return OWN_SOURCES.map((source) => ({ project, traceId, runId, source }));
}
