import type { QualityOutcome } from '../../model/quality.ts';

const PASSING = new Set([
  'pass',
  'passed',
  'true',
  'yes',
  'ok',
  'correct',
  'compliant',
  'safe',
  'success',
]);
const FAILING = new Set([
  'fail',
  'failed',
  'false',
  'no',
  'incorrect',
  'wrong',
  'non_compliant',
  'not_compliant',
  'unsafe',
  'failure',
]);

/** What a label that somebody else gave says: passed, failed, or a word of their own. */
export function outcomeOfLabel(label: string): QualityOutcome {
  const word = label
    .trim()
    .toLowerCase()
    .replaceAll(/[\s-]+/g, '_');
  if (PASSING.has(word)) return 'passed';
  return FAILING.has(word) ? 'failed' : 'scored';
}
