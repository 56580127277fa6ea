import type { Clock } from '../../base/clock.ts';
import type { NewId } from '../../base/random-id.ts';
import type { Picodollars } from '../../model/money.ts';
import type { SpanBatch } from '../../model/outgoing-telemetry.ts';
import type { RunDetail } from '../../model/run.ts';
import type { QualityResultStore } from '../../storage/quality-result-store.ts';
import type { QualitySettingStore } from '../../storage/quality-setting-store.ts';
import type { SettingStore } from '../../storage/setting-store.ts';
import type { AgentChecks } from './agent-checks.ts';
import { loadAgentChecks } from './agent-checks.ts';
import type { JudgeConfig } from './config.ts';
import type { Judge } from './judge.ts';
import { createJudge } from './judge.ts';
import type { JudgeAnswer } from './judge-client.ts';
import { createJudgeClient } from './judge-client.ts';
import type { JudgeSettingBook } from './judge-settings.ts';
import { loadJudgeSettings } from './judge-settings.ts';
import type { FindRun, FindRuns, PushedResults } from './pushed-results.ts';
import { createPushedResults } from './pushed-results.ts';
import type { QualityAnalysis } from './quality-analysis.ts';
import { createQualityAnalysis } from './quality-analysis.ts';
import type { QualityReports } from './quality-reports.ts';
import { createQualityReports } from './quality-reports.ts';
import type { QualityRules } from './quality-rules.ts';
import { loadQualityRules } from './quality-rules.ts';

/** All that is known and done about the quality of runs. */
export interface Quality {
  readonly analysis: QualityAnalysis;
  readonly checks: AgentChecks;
  readonly rules: QualityRules;
  readonly judge: Judge;
  readonly judgeSettings: JudgeSettingBook;
  readonly pushed: PushedResults;
  readonly reports: QualityReports;
  readonly results: Pick<QualityResultStore, 'find' | 'count'>;
  /** A run with its texts; undefined when there is none of the id. */
  readonly getRun: GetRunDetail;
}

export type GetRunDetail = (
  project: string,
  run: { readonly runId: string; readonly traceId: string | undefined },
) => Promise<RunDetail | undefined>;

export interface QualityOptions {
  readonly results: QualityResultStore;
  readonly quality: QualitySettingStore;
  readonly settings: SettingStore;
  readonly config: JudgeConfig;
  readonly getRun: GetRunDetail;
  readonly findRun: FindRun;
  readonly findRuns: FindRuns;
  readonly priceOf: (project: string, answer: JudgeAnswer) => Picodollars | null;
  readonly emit: (project: string, batch: SpanBatch) => Promise<void>;
  readonly clock: Clock;
  readonly newId: NewId;
  readonly onProblem: (message: string) => void;
}

export async function openQuality(options: QualityOptions): Promise<Quality> {
  const { results, quality: store, settings, config, clock, newId } = options;
  const { baseUrl, apiKey, timeoutMs } = config;
  const checks = await loadAgentChecks({ store, clock });
  const rules = await loadQualityRules({ store, clock, newId });
  const judgeSettings = await loadJudgeSettings({ settings, clock });
  const judge = createJudge({
    ask: baseUrl === undefined ? undefined : createJudgeClient({ baseUrl, apiKey, timeoutMs }),
    settings: judgeSettings,
    store,
    results,
    getRun: options.getRun,
    priceOf: options.priceOf,
    emit: options.emit,
    clock,
    newId,
    onProblem: options.onProblem,
  });
  return {
    analysis: createQualityAnalysis({ results, checks, rules, judge }),
    checks,
    rules,
    judge,
    judgeSettings,
    pushed: createPushedResults({
      results,
      findRun: options.findRun,
      findRuns: options.findRuns,
      clock,
    }),
    reports: createQualityReports({ results, clock }),
    results,
    getRun: options.getRun,
  };
}
