import { compilePattern } from './match-series.ts';
import type { Labels } from './labels.ts';
import { labelOf, withLabel } from './labels.ts';
import { queryFailed } from './query-error.ts';
import type { StepSeries } from './series.ts';
import { joinSame } from './series.ts';
import { AppError } from '../../errors.ts';

/** Of a label that a query writes: labels joined with themselves double with every call. */
const VALUE_CHARACTERS_MAX = 65_536;
/** Of what one call writes into all series. */
const WRITTEN_CHARACTERS_MAX = 32 << 20;

/** `label_replace(v, target, replacement, source, pattern)`: labels that the pattern does not match stay as they are. */
export function replaceLabel(
  series: readonly StepSeries[],
  [target = '', replacement = '', source = '', pattern = '']: readonly string[],
): StepSeries[] {
  requireLabel(target, 'label_replace');
  const compiled = patternOf(pattern);
  return relabel(series, 'label_replace', (labels, spend) => {
    const matcher = compiled.matcher(labelOf(labels, source));
    if (!matcher.matches()) return labels;
    const groupOf = (name: string): string => {
      const isNumber = /^\d+$/.test(name);
      if (isNumber && Number(name) > matcher.groupCount()) return '';
      if (!isNumber && !Object.hasOwn(compiled.namedGroups(), name)) return '';
      return matcher.group(isNumber ? Number(name) : name) ?? '';
    };
    let length = replacement.length;
    const value = replacement.replace(
      /\$(?:\$|\{(\w+)\}|(\w+))/g,
      (_, braced?: string, bare?: string) => {
        if (braced === undefined && bare === undefined) return '$';
        const group = groupOf((braced ?? bare)!);
        length += group.length;
        requireShort(length, 'label_replace');
        return group;
      },
    );
    spend(value.length);
    return withLabel(labels, target, value);
  });
}

function patternOf(pattern: string) {
  try {
    return compilePattern(pattern);
  } catch (error) {
    if (error instanceof AppError) throw queryFailed(`label_replace: ${error.message}`);
    throw error;
  }
}

/** `label_join(v, target, separator, source…)`. */
export function joinLabels(
  series: readonly StepSeries[],
  [target = '', separator = '', ...sources]: readonly string[],
): StepSeries[] {
  requireLabel(target, 'label_join');
  return relabel(series, 'label_join', (labels, spend) => {
    const values = sources.map((source) => labelOf(labels, source));
    const separators = separator.length * Math.max(0, values.length - 1);
    // Before they are joined: the text would be there already.
    spend(values.reduce((sum, value) => sum + value.length, separators));
    return withLabel(labels, target, values.join(separator));
  });
}

function relabel(
  series: readonly StepSeries[],
  caller: string,
  change: (labels: Labels, spend: (characters: number) => void) => Labels,
): StepSeries[] {
  let written = 0;
  const spend = (characters: number): void => {
    requireShort(characters, caller);
    written += characters;
    if (written <= WRITTEN_CHARACTERS_MAX) return;
    throw queryFailed(
      `${caller}: more than ${WRITTEN_CHARACTERS_MAX} characters of labels; write shorter ones, or narrow the selector`,
    );
  };
  return joinSame(series.map((one) => ({ ...one, labels: change(one.labels, spend) })));
}

function requireShort(characters: number, caller: string): void {
  if (characters <= VALUE_CHARACTERS_MAX) return;
  throw queryFailed(
    `${caller}: a label may have ${VALUE_CHARACTERS_MAX} characters; write a shorter one`,
  );
}

function requireLabel(name: string, caller: string): void {
  if (name !== '') return;
  throw queryFailed(`${caller}: the label to set has no name; name it in the second argument`);
}
