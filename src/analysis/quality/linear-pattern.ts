import { RE2JS } from 're2js';

import { BoundedMap } from '../../base/bounded-map.ts';
import { AppError, messageOf } from '../../errors.ts';

/** Patterns that users write, in RE2's syntax: they run in time linear in the text, whatever they are. */
export interface LinearPattern {
  /** Whether it matches somewhere. */
  test(text: string): boolean;
  /** Whether it matches the text as a whole. */
  matches(text: string): boolean;
  /** What it finds, from the left: of each the first group, or all of it where there is none. At most `countMax`. */
  findAll(text: string, countMax: number): string[];
}

const COMPILED_MAX = 500;
export const PATTERN_LENGTH_MAX = 1_000;
const compiled = new BoundedMap<string, LinearPattern>(COMPILED_MAX);

/** Throws `VALIDATION_ERROR` for what is no pattern, lookarounds and back references among them. */
export function compilePattern(pattern: string): LinearPattern {
  const known = compiled.get(pattern);
  if (known !== undefined) return known;
  const made = compile(pattern);
  compiled.set(pattern, made);
  return made;
}

function compile(pattern: string): LinearPattern {
  if (pattern.length > PATTERN_LENGTH_MAX) {
    throw new AppError('VALIDATION_ERROR', `a pattern may have ${PATTERN_LENGTH_MAX} characters`);
  }
  let engine: RE2JS;
  try {
    engine = RE2JS.compile(RE2JS.translateRegExp(pattern));
  } catch (error) {
    throw new AppError(
      'VALIDATION_ERROR',
      `"${pattern}" is no pattern of RE2: ${messageOf(error)}; lookarounds and back references are not known to it`,
      { cause: error },
    );
  }
  return {
    test: (text) => engine.matcher(text).find(),
    matches: (text) => engine.matcher(text).matches(),
    findAll(text, countMax) {
      const matcher = engine.matcher(text);
      const found: string[] = [];
      while (found.length < countMax && matcher.find()) {
        found.push((matcher.groupCount() > 0 ? matcher.group(1) : matcher.group()) ?? '');
      }
      return found;
    },
  };
}
