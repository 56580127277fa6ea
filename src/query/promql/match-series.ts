import { RE2JS } from 're2js';

import { BoundedMap } from '../../base/bounded-map.ts';
import { AppError, messageOf } from '../../errors.ts';
import type { Matcher } from './ast.ts';
import type { Labels } from './labels.ts';
import { labelOf } from './labels.ts';

const PATTERN_CHARACTERS_MAX = 4_096;
const patterns = new BoundedMap<string, RE2JS>(500);

/** A pattern of RE2, which runs in time linear in the text; it must match the whole text. Throws `VALIDATION_ERROR`. */
export function compilePattern(pattern: string): RE2JS {
  const known = patterns.get(pattern);
  if (known !== undefined) return known;
  if (pattern.length > PATTERN_CHARACTERS_MAX) {
    throw new AppError(
      'VALIDATION_ERROR',
      `a pattern may have ${PATTERN_CHARACTERS_MAX} characters`,
    );
  }
  try {
    const compiled = RE2JS.compile(pattern, RE2JS.DOTALL);
    patterns.set(pattern, compiled);
    return compiled;
  } catch (error) {
    const detail = `"${pattern}" is no pattern of RE2: ${messageOf(error)}; lookarounds and back references are not known to it`;
    throw new AppError('VALIDATION_ERROR', detail, { cause: error });
  }
}

/** Whether a label's value fits; a label that is not there has the value ''. */
export function compileMatcher({ op, value }: Matcher): (text: string) => boolean {
  if (op === '=') return (text) => text === value;
  if (op === '!=') return (text) => text !== value;
  const pattern = compilePattern(value);
  return op === '=~'
    ? (text) => pattern.matcher(text).matches()
    : (text) => !pattern.matcher(text).matches();
}

/** Whether the labels fit all matchers. */
export function compileMatchers(matchers: readonly Matcher[]): (labels: Labels) => boolean {
  const tests = matchers.map((matcher) => [matcher.name, compileMatcher(matcher)] as const);
  return (labels) => tests.every(([name, test]) => test(labelOf(labels, name)));
}
