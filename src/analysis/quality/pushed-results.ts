import { createHash } from 'node:crypto';

import type { Clock } from '../../base/clock.ts';
import type { QualityOutcome, QualityResult, Severity } from '../../model/quality.ts';
import type { QualityResultStore } from '../../storage/quality-result-store.ts';
import { quote } from './check.ts';
import { outcomeOfLabel } from './outside-score.ts';

const NS_PER_MS = 1_000_000n;
const TEXT_MAX = 500;

/** The run that a result belongs to. */
export interface RunPlace {
  readonly traceId: string;
  readonly runId: string;
  readonly agent: string;
  readonly startNs: bigint;
}

/** The run of a trace, or the run or the run of the span with an id; undefined for what is not known here. */
export type FindRun = (
  project: string,
  about: { readonly traceId: string; readonly spanId: string },
) => Promise<RunPlace | undefined>;

/** The runs of spans of one project, in the order of the spans; undefined where there is none yet. */
export type FindRuns = (
  project: string,
  spans: readonly { readonly traceId: string; readonly spanId: string }[],
) => Promise<readonly (RunPlace | undefined)[]>;

export interface JobQuality {
  readonly jobId: string;
  /** The name of the agent. */
  readonly agent: string;
  readonly overallPassed: boolean;
  readonly checks: readonly {
    readonly checkId: string;
    readonly severity: Severity;
    readonly passed: boolean;
    readonly expected: string;
    readonly actual: string;
    readonly delta: number | null;
    readonly message: string;
  }[];
}

export interface JobReceipt {
  /** The same for the same job of the same agent, however often it is sent. */
  readonly signalId: string;
  readonly passedCount: number;
  readonly receivedAtMs: number;
}

export interface Score {
  /** Of the score itself: sent again it takes the place of the first. */
  readonly id: string;
  readonly traceId: string;
  /** Of the span that is scored; '' for the trace. */
  readonly spanId: string;
  readonly name: string;
  readonly value: number | string;
  readonly dataType: 'NUMERIC' | 'CATEGORICAL' | 'BOOLEAN';
  readonly comment: string;
}

/** Results that others send. */
export interface PushedResults {
  putJob(project: string, job: JobQuality): Promise<JobReceipt>;
  putScores(project: string, scores: readonly Score[]): Promise<void>;
}

export function createPushedResults(options: {
  readonly results: Pick<QualityResultStore, 'put'>;
  readonly findRun: FindRun;
  readonly findRuns: FindRuns;
  readonly clock: Clock;
}): PushedResults {
  const { results, findRun, findRuns, clock } = options;
  return {
    async putJob(project, job) {
      const receivedAtMs = clock.now();
      const run = await findJobRun(findRun, project, job.jobId);
      const about = {
        project,
        traceId: run?.traceId ?? '',
        runId: run?.runId ?? '',
        agent: job.agent,
        startNs: run?.startNs ?? BigInt(receivedAtMs) * NS_PER_MS,
      };
      const checks = job.checks.length > 0 ? job.checks : [overall(job)];
      await results.put(checks.map((check) => ofCheck(about, job.jobId, check)));
      const signal = JSON.stringify([project, job.agent, job.jobId]);
      return {
        signalId: `sig_${createHash('sha256').update(signal).digest('hex').slice(0, 30)}`,
        passedCount: job.checks.filter(({ passed }) => passed).length,
        receivedAtMs,
      };
    },

    async putScores(project, scores) {
      const runs = await findRuns(project, scores);
      const nowNs = BigInt(clock.now()) * NS_PER_MS;
      await results.put(
        scores.map((score, index) => ofScore(project, score, { run: runs[index], nowNs })),
      );
    },
  };
}

function ofScore(
  project: string,
  score: Score,
  { run, nowNs }: { readonly run: RunPlace | undefined; readonly nowNs: bigint },
): QualityResult {
  const { traceId, spanId } = score;
  const { outcome, value, said } = readScore(score);
  return {
    project,
    traceId,
    runId: run?.runId ?? '',
    agent: run?.agent ?? '',
    startNs: run?.startNs ?? nowNs,
    source: 'langfuse',
    name: score.name,
    key: score.id,
    severity: 'MEDIUM',
    outcome,
    score: value,
    expected: '',
    actual: quote(said, TEXT_MAX),
    delta: null,
    message: quote(score.comment, TEXT_MAX),
    evidence: spanId === '' ? null : { spanId, value: '' },
  };
}

type About = Pick<QualityResult, 'project' | 'traceId' | 'runId' | 'agent' | 'startNs'>;

function ofCheck(about: About, jobId: string, check: JobQuality['checks'][number]): QualityResult {
  const { severity, passed } = check;
  return {
    ...about,
    source: 'job',
    name: check.checkId,
    key: jobId,
    severity,
    outcome: passed ? 'passed' : 'failed',
    score: passed ? 1 : 0,
    expected: quote(check.expected, TEXT_MAX),
    actual: quote(check.actual, TEXT_MAX),
    delta: check.delta,
    message: quote(check.message, TEXT_MAX),
    evidence: null,
  };
}

/** What is known of a job without checks. */
const overall = ({ overallPassed }: JobQuality): JobQuality['checks'][number] => ({
  checkId: 'overall',
  severity: 'MEDIUM',
  passed: overallPassed,
  expected: '',
  actual: '',
  delta: null,
  message: '',
});

/** A job may be named by the trace or the run that did it. */
async function findJobRun(
  findRun: FindRun,
  project: string,
  jobId: string,
): Promise<RunPlace | undefined> {
  const id = jobId.toLowerCase();
  if (/^[0-9a-f]{32}$/.test(id)) return findRun(project, { traceId: id, spanId: '' });
  if (/^[0-9a-f]{16}$/.test(id)) return findRun(project, { traceId: '', spanId: id });
  return undefined;
}

function readScore({ value, dataType }: Score): {
  outcome: QualityOutcome;
  value: number | null;
  said: string;
} {
  if (typeof value === 'string') {
    return { outcome: outcomeOfLabel(value), value: null, said: value };
  }
  if (dataType === 'BOOLEAN') {
    return {
      outcome: value === 1 ? 'passed' : 'failed',
      value,
      said: value === 1 ? 'true' : 'false',
    };
  }
  return { outcome: 'scored', value, said: String(value) };
}
