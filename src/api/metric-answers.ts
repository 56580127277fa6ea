import type { MetricQueries, SeriesChoice } from '../query/metrics/metric-query.ts';
import { instantBody, rangeBody } from './metric-body.ts';
import { prometheusBody, prometheusList } from './compat/prometheus-body.ts';
import { success } from './answer.ts';

/** A question in PromQL, and in which form it is answered. */
export interface MetricQuestion {
  readonly project: string;
  readonly form: 'prometheus' | 'own';
  readonly asked:
    | { readonly what: 'instant'; readonly text: string; readonly timeMs: number }
    | {
        readonly what: 'range';
        readonly text: string;
        readonly startMs: number;
        readonly endMs: number;
        readonly stepMs: number;
      }
    | { readonly what: 'series' | 'label-names'; readonly choice: SeriesChoice }
    | { readonly what: 'label-values'; readonly label: string; readonly choice: SeriesChoice };
}

export interface AnswerLimits {
  readonly timeoutMs?: number | undefined;
  /** Aborts when nobody waits for the answer any more. */
  readonly signal?: AbortSignal | undefined;
}

/** Answers as bytes: an answer may be large, and is written where it is found, which is not where it is sent from. */
export interface MetricAnswers {
  /** The body in JSON. Throws `VALIDATION_ERROR`, `QUERY_FAILED`, `QUERY_TIMEOUT` and `OVERLOADED`. */
  answer(question: MetricQuestion, limits: AnswerLimits): Promise<Uint8Array<ArrayBuffer>>;
}

export function createMetricAnswers(queries: MetricQueries): MetricAnswers {
  return {
    answer: async (question, limits) => joinText(await textOf(queries, question, limits)),
  };
}

async function textOf(
  queries: MetricQueries,
  { project, form, asked }: MetricQuestion,
  limits: AnswerLimits,
): Promise<Iterable<string>> {
  switch (asked.what) {
    case 'instant': {
      const answer = await queries.instant(project, { ...asked, ...limits });
      return form === 'own' ? instantBody(answer, asked.timeMs) : prometheusBody(answer);
    }
    case 'range': {
      const answer = await queries.range(project, { ...asked, ...limits });
      return form === 'own' ? rangeBody(answer, asked) : prometheusBody(answer);
    }
    case 'series': {
      const found = await queries.findSeries(project, asked.choice);
      return listBody(
        form,
        found.map((labels) => Object.fromEntries(labels)),
      );
    }
    case 'label-names':
      return listBody(form, await queries.listLabelNames(project, asked.choice));
    case 'label-values':
      return listBody(form, await queries.listLabelValues(project, asked.label, asked.choice));
  }
}

const listBody = (form: MetricQuestion['form'], list: readonly unknown[]): Iterable<string> =>
  form === 'own' ? [JSON.stringify(success(list))] : [prometheusList(list)];

const PIECE_CHARACTERS = 1 << 18;

/** Pieces of text as UTF-8, without the whole of it as one text in between. */
function joinText(pieces: Iterable<string>): Uint8Array<ArrayBuffer> {
  const chunks: Uint8Array[] = [];
  const encoder = new TextEncoder();
  let text = '';
  for (const piece of pieces) {
    text += piece;
    if (text.length < PIECE_CHARACTERS) continue;
    chunks.push(encoder.encode(text));
    text = '';
  }
  chunks.push(encoder.encode(text));
  const body = new Uint8Array(chunks.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const chunk of chunks) {
    body.set(chunk, at);
    at += chunk.length;
  }
  return body;
}
