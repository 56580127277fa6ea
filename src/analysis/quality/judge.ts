import { createHash } from 'node:crypto';

import { compileGlob } from '../../base/glob.ts';
import type { Clock } from '../../base/clock.ts';
import type { NewId } from '../../base/random-id.ts';
import { messageOf } from '../../errors.ts';
import type { Picodollars } from '../../model/money.ts';
import { fromDollars } from '../../model/money.ts';
import type { SpanBatch } from '../../model/outgoing-telemetry.ts';
import type { QualityResult } from '../../model/quality.ts';
import type { RunDetail } from '../../model/run.ts';
import type { QualityResultStore } from '../../storage/quality-result-store.ts';
import type { JudgeUse, QualitySettingStore } from '../../storage/quality-setting-store.ts';
import { quote } from './check.ts';
import { aboutRun } from './evaluate-run.ts';
import type { AskJudge, JudgeAnswer } from './judge-client.ts';
import { createJudgeQueue } from './judge-queue.ts';
import type { JudgeSettingBook, JudgeSettings } from './judge-settings.ts';
import { judgeSpans } from './judge-spans.ts';
import type { GetRunDetail } from './open-quality.ts';
import { dayOf } from './trend.ts';

/** What became of runs since the start that were to be judged. */
export interface JudgeCounts {
  readonly judged: number;
  readonly waiting: number;
  /** Passed over because the day's calls or dollars were used up. */
  readonly overBudget: number;
  /** Passed over because too many waited. */
  readonly overrun: number;
  /** Results or spans that could not be kept. */
  readonly failed: number;
}

export interface Judge {
  /**
   * Takes finished runs, which are judged in their time if they are in the sample. Returns when it is on the record that
   * they wait: whoever told of them need not tell again.
   */
  offer(details: readonly RunDetail[]): Promise<void>;
  /** Goes on with what waited at the last stop, or crash. */
  resume(): Promise<void>;
  useOf(project: string): Promise<JudgeUse & { readonly day: string }>;
  counts(): JudgeCounts;
  /** Whether there is an endpoint. */
  readonly configured: boolean;
  /** Returns when nothing waits any more. */
  settled(): Promise<void>;
  /** What waits is gone on with after the next start; a call that is under way ends. */
  shutdown(): Promise<void>;
}

export interface JudgeOptions {
  /** Undefined without an endpoint. */
  readonly ask: AskJudge | undefined;
  readonly settings: Pick<JudgeSettingBook, 'get'>;
  readonly store: Pick<
    QualitySettingStore,
    'getJudgeUse' | 'addJudgeUse' | 'addWaiting' | 'removeWaiting' | 'listWaiting'
  >;
  /** Of a run that waited over a stop; undefined when it is gone. */
  readonly getRun: GetRunDetail;
  readonly results: Pick<QualityResultStore, 'put' | 'find'>;
  /** Null when no price is known. */
  readonly priceOf: (project: string, answer: JudgeAnswer) => Picodollars | null;
  /** Takes the judge's own spans in, as those of any agent. */
  readonly emit: (project: string, batch: SpanBatch) => Promise<void>;
  readonly clock: Clock;
  readonly newId: NewId;
  readonly onProblem: (message: string) => void;
}

export function createJudge(options: JudgeOptions): Judge {
  const { ask, settings, store, clock, onProblem } = options;
  const counts = { judged: 0, overBudget: 0, overrun: 0, failed: 0 };
  const judge = createJudgement(options);
  const queue = createJudgeQueue({
    store,
    clock,
    async turn({ project, traceId, runId, detail: known }) {
      const detail = known ?? (await options.getRun(project, { runId, traceId }));
      const outcome = detail === undefined ? 'passed over' : await judge(detail);
      if (outcome !== 'passed over') counts[outcome]++;
    },
    onFailure(error) {
      counts.failed++;
      onProblem(`cannot judge a run: ${messageOf(error)}`);
    },
  });
  return {
    configured: ask !== undefined,

    async offer(details) {
      if (ask === undefined) return;
      const wanted = details.filter((detail) => isWanted(detail, settings.get(detail.run.project)));
      counts.overrun += await queue.add(wanted);
    },

    async resume() {
      if (ask !== undefined) await queue.resume();
    },

    async useOf(project) {
      const day = dayOf(clock.now());
      return { day, ...(await store.getJudgeUse(project, day)) };
    },

    counts: () => ({ ...counts, waiting: queue.waiting() }),
    settled: () => queue.settled(),
    shutdown: () => queue.shutdown(),
  };
}

/**
 * Judges one run, if it is still to be judged. A crash may have it ask once more, at the cost of a call more; what is
 * judged is judged once.
 */
function createJudgement(
  options: JudgeOptions,
): (detail: RunDetail) => Promise<'judged' | 'overBudget' | 'passed over'> {
  const { ask, settings, store, results, clock } = options;
  const reserve = createReserve(options);
  return async (detail) => {
    const { project, traceId, runId } = detail.run;
    const wanted = settings.get(project);
    if (ask === undefined || !isWanted(detail, wanted)) return 'passed over';
    // What was judged stays judged: a late span is no reason to pay again.
    const filter = { traceId, runId, source: 'judge' } as const;
    const known = await results.find(project, { filter, after: undefined, limit: 1 });
    if (known.results.length > 0) return 'passed over';
    if (!(await reserve(project, wanted))) return 'overBudget';
    const startMs = clock.now();
    const { model, criteria } = wanted;
    const answer = await ask({
      model,
      criteria,
      input: detail.input?.text ?? null,
      output: detail.output!.text,
      boundary: `----- ${options.newId('text')} -----`,
    });
    const cost = options.priceOf(project, answer);
    if (cost !== null) await store.addJudgeUse(project, dayOf(startMs), { calls: 0, cost });
    await results.put(resultsOf(detail, wanted, answer));
    const call = { detail, answer, model, startMs, endMs: clock.now() };
    await options.emit(project, judgeSpans(call));
    return 'judged';
  };
}

/** Takes a call from the day's budget before it is made, so that no crash makes it cheaper. One after the other. */
function createReserve({
  store,
  clock,
}: Pick<JudgeOptions, 'store' | 'clock'>): (
  project: string,
  wanted: JudgeSettings,
) => Promise<boolean> {
  let reserving: Promise<unknown> = Promise.resolve();
  const reserve = async (project: string, wanted: JudgeSettings): Promise<boolean> => {
    const day = dayOf(clock.now());
    const use = await store.getJudgeUse(project, day);
    const dollars = wanted.usd_per_day === null ? undefined : fromDollars(wanted.usd_per_day);
    if (use.calls >= wanted.calls_per_day) return false;
    if (dollars !== undefined && use.cost >= dollars) return false;
    await store.addJudgeUse(project, day, { calls: 1, cost: 0n });
    return true;
  };
  return (project, wanted) => {
    const taken = reserving.then(() => reserve(project, wanted));
    reserving = taken.catch(() => undefined);
    return taken;
  };
}

/** Whether the judge is on for the run and the run is in the sample. */
export function isWanted(detail: RunDetail, wanted: JudgeSettings): boolean {
  const { run, output } = detail;
  if (!wanted.enabled || output === null || output.text.trim() === '') return false;
  if (wanted.agents.length > 0 && !wanted.agents.some((name) => compileGlob(name)(run.agent))) {
    return false;
  }
  return shareOf(`${run.traceId}/${run.runId}`) < wanted.sample_rate;
}

/** A number from 0 to 1, exclusive, that is always the same for a run. */
function shareOf(id: string): number {
  return createHash('sha256').update(id).digest().readUInt32BE(0) / 2 ** 32;
}

function resultsOf(detail: RunDetail, wanted: JudgeSettings, answer: JudgeAnswer): QualityResult[] {
  return answer.judgements.map(({ criterion, passed, score, reason }) => {
    const asked = wanted.criteria.find(({ name }) => name === criterion)!;
    const failed = passed === false;
    return {
      ...aboutRun(detail),
      source: 'judge',
      name: criterion,
      key: '',
      severity: asked.severity,
      outcome: passed === null ? 'unjudged' : passed ? 'passed' : 'failed',
      score,
      expected: quote(asked.prompt, 300),
      actual: passed === null ? 'could not judge' : failed ? 'does not hold' : 'holds',
      delta: null,
      message: quote(reason, 500),
      evidence: failed
        ? { spanId: detail.output!.spanId, value: quote(detail.output!.text, 500) }
        : null,
    };
  });
}
