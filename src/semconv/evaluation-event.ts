/** `gen_ai.evaluation.result`: how somebody evaluated a span, as an event of the span or as a log record. */

export const EVALUATION_EVENT = 'gen_ai.evaluation.result';

export interface Evaluation {
  readonly name: string;
  readonly score: number | null;
  /** '' when none was given, as for the rest. */
  readonly label: string;
  readonly explanation: string;
  /** What hindered the evaluation. */
  readonly errorType: string;
  /** Of the answer that was evaluated. */
  readonly responseId: string;
}

/** Values by attribute, as text; undefined without the name, which is required. */
export function readEvaluation(
  valueOf: (attribute: string) => string | undefined,
): Evaluation | undefined {
  const text = (attribute: string): string => valueOf(attribute) ?? '';
  const name = text('gen_ai.evaluation.name').trim();
  if (name === '') return undefined;
  const score = text('gen_ai.evaluation.score.value').trim();
  return {
    name,
    score: score !== '' && Number.isFinite(Number(score)) ? Number(score) : null,
    label: text('gen_ai.evaluation.score.label'),
    explanation: text('gen_ai.evaluation.explanation'),
    errorType: text('error.type'),
    responseId: text('gen_ai.response.id'),
  };
}
