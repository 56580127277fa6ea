import { AppError } from '../../errors.ts';

/** A query that is not PromQL; `at` is where in the text, counted from 0. */
export function queryInvalid(text: string, at: number, detail: string): AppError {
  const before = text.slice(0, at).split('\n');
  const column = (before.at(-1) ?? '').length + 1;
  return new AppError('VALIDATION_ERROR', `${before.length}:${column}: parse error: ${detail}`);
}

/** A query that is PromQL and has no answer on what is stored. */
export function queryFailed(detail: string): AppError {
  return new AppError('QUERY_FAILED', detail);
}
