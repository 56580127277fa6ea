import { BoundedMap } from '../../base/bounded-map.ts';
import type { Clock } from '../../base/clock.ts';
import { groupBy } from '../../base/group-by.ts';
import { messageOf } from '../../errors.ts';
import type { QualityResult } from '../../model/quality.ts';
import type { Evaluation } from '../../semconv/evaluation-event.ts';
import { readEvaluation } from '../../semconv/evaluation-event.ts';
import type { EvaluationStore, SpanIds, StoredEvaluation } from '../../storage/evaluation-store.ts';
import type { QualityResultStore } from '../../storage/quality-result-store.ts';
import { quote } from './check.ts';
import { outcomeOfLabel } from './outside-score.ts';
import type { FindRuns, RunPlace } from './pushed-results.ts';

/** Looked back over at the start: telemetry that waited for a restart keeps the time at which it was received. */
const START_BACK_S = 7 * 86_400;
/** Telemetry may be stored so much later than it was received. */
const LATE_S = 15 * 60;
/** How long the run of an evaluation is waited for. */
const WAIT_FOR_RUN_S = 120;
/** How far back the answer that was evaluated is looked for. */
const RESPONSE_BACK_S = 2 * 86_400;
const PAGE = 2_000;
const SEEN_MAX = 200_000;
const TEXT_MAX = 500;

export interface EvaluationReader {
  /** Reads what came since, soon; for whenever telemetry was stored. */
  wake(): void;
  shutdown(): Promise<void>;
}

export interface EvaluationReaderOptions {
  readonly evaluations: EvaluationStore;
  readonly results: Pick<QualityResultStore, 'put'>;
  readonly findRuns: FindRuns;
  readonly clock: Clock;
  readonly intervalMs: number;
  readonly onProblem: (message: string) => void;
}

/** Turns evaluations in stored telemetry into results. The same evaluation read twice is one result. */
export function createEvaluationReader(options: EvaluationReaderOptions): EvaluationReader {
  const { evaluations, clock, intervalMs, onProblem } = options;
  const nowS = (): number => Math.floor(clock.now() / 1_000);
  const take = createTake(options, nowS);
  let fromS = nowS() - START_BACK_S;
  let timer: NodeJS.Timeout | undefined;
  let reading: Promise<unknown> = Promise.resolve();
  let closed = false;

  /** Whether some wait for their runs. */
  const readAll = async (): Promise<boolean> => {
    for (;;) {
      const page = await evaluations.listEvaluations(fromS, PAGE);
      if (await take(page)) return true;
      const last = page.at(-1)?.receivedS;
      if (page.length < PAGE || last === undefined) {
        fromS = Math.max(fromS, nowS() - LATE_S);
        return false;
      }
      // A second with more than a page of evaluations is passed over once it is read.
      fromS = Math.max(last, fromS + 1);
    }
  };
  const read = (): Promise<boolean> => {
    const done = reading.then(readAll).catch((error: unknown) => {
      onProblem(`cannot read evaluations: ${messageOf(error)}`);
      return true;
    });
    reading = done;
    return done;
  };
  const wake = (): void => {
    if (closed || timer !== undefined) return;
    timer = setTimeout(() => {
      timer = undefined;
      void read().then((again) => {
        if (again) wake();
      });
    }, intervalMs);
    timer.unref();
  };
  return {
    wake,
    async shutdown() {
      closed = true;
      clearTimeout(timer);
      await reading;
    },
  };
}

/** Puts results of those whose run is known, or has been waited for; answers whether some are left to wait. */
function createTake(
  { evaluations, results, findRuns }: EvaluationReaderOptions,
  nowS: () => number,
): (page: readonly StoredEvaluation[]) => Promise<boolean> {
  const taken = new BoundedMap<string, true>(SEEN_MAX);

  /** The spans that answers came to, of those evaluations that name an answer and no span. */
  const spansOf = async (news: readonly NewEvaluation[]): Promise<SpanIds[]> => {
    const since = nowS() - RESPONSE_BACK_S;
    const spans = news.map(({ stored: { traceId, spanId } }): SpanIds => ({ traceId, spanId }));
    const lost = news.flatMap(({ stored: { project, traceId }, evaluation: { responseId } }, at) =>
      traceId !== '' || responseId === '' ? [] : [{ project, responseId, at }],
    );
    for (const [project, members] of groupBy(lost, (each) => each.project)) {
      const ids = members.map(({ responseId }) => responseId);
      const found = await evaluations.findSpansOfResponses(project, ids, since);
      for (const { responseId, at } of members) spans[at] = found.get(responseId) ?? NOWHERE;
    }
    return spans;
  };

  /** Of a page at once: it may hold thousands, and is asked about again while some wait. */
  const placesOf = async (news: readonly NewEvaluation[]): Promise<EvaluationPlace[]> => {
    const spans = await spansOf(news);
    const places = spans.map((span): EvaluationPlace => ({ ...span, run: undefined }));
    const known = news.flatMap(({ stored: { project } }, at) =>
      places[at]!.traceId === '' ? [] : [{ project, at }],
    );
    for (const [project, members] of groupBy(known, (each) => each.project)) {
      const runs = await findRuns(
        project,
        members.map(({ at }) => places[at]!),
      );
      for (const [index, { at }] of members.entries()) {
        places[at] = { ...places[at]!, run: runs[index] };
      }
    }
    return places;
  };

  return async (page) => {
    const news = page.flatMap((stored): NewEvaluation[] => {
      const evaluation = readEvaluation((name) => stored.attributes.get(name));
      if (evaluation === undefined) return [];
      const name = nameOf(stored, evaluation);
      return taken.get(name) === undefined ? [{ stored, evaluation, name }] : [];
    });
    const places = await placesOf(news);
    const waits = (index: number): boolean =>
      places[index]!.run === undefined && news[index]!.stored.receivedS > nowS() - WAIT_FOR_RUN_S;
    const ready = news.flatMap((each, index) =>
      waits(index) ? [] : [{ ...each, place: places[index]! }],
    );
    if (ready.length > 0) {
      await results.put(
        ready.map(({ stored, evaluation, place }) => resultOf(stored, evaluation, place)),
      );
    }
    for (const { name } of ready) taken.set(name, true);
    return ready.length < news.length;
  };
}

interface NewEvaluation {
  readonly stored: StoredEvaluation;
  readonly evaluation: Evaluation;
  readonly name: string;
}

interface EvaluationPlace extends SpanIds {
  readonly run: RunPlace | undefined;
}

const NOWHERE: SpanIds = { traceId: '', spanId: '' };

/** What tells one evaluation from another that looks the same. */
function nameOf(stored: StoredEvaluation, { name }: Evaluation): string {
  const { project, traceId, spanId, timeNs } = stored;
  return JSON.stringify([project, traceId, spanId, name, String(timeNs)]);
}

function resultOf(
  stored: StoredEvaluation,
  evaluation: Evaluation,
  place: EvaluationPlace,
): QualityResult {
  const { name, score, label, explanation, errorType, responseId } = evaluation;
  const { traceId, spanId, run } = place;
  const labelled = label === '' ? 'scored' : outcomeOfLabel(label);
  const said = [...(label === '' ? [] : [label]), ...(score === null ? [] : [String(score)])];
  const unjudged = errorType !== '' || said.length === 0;
  return {
    project: stored.project,
    traceId: run?.traceId ?? traceId,
    runId: run?.runId ?? '',
    agent: run?.agent ?? '',
    source: 'otel',
    name: quote(name, TEXT_MAX),
    key: `${spanId || responseId}/${stored.timeNs}`,
    severity: 'MEDIUM',
    outcome: unjudged ? 'unjudged' : labelled,
    score,
    expected: '',
    actual: quote(said.join(' '), TEXT_MAX),
    delta: null,
    message: quote(explanation || errorType, TEXT_MAX),
    evidence: spanId === '' ? null : { spanId, value: '' },
    startNs: run?.startNs ?? stored.timeNs,
  };
}
