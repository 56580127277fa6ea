import { compilePattern } from './match-series.ts';
import type { Labels } from './labels.ts';
import { labelOf, withLabel } from './labels.ts';
import { queryFailed } from './query-error.ts';
import type { StepSeries } from './series.ts';
import { joinSame } from './series.ts';
import { AppError } from '../../errors.ts';

/** `label_replace(v, target, replacement, source, pattern)`: labels that the pattern does not match stay as they are. */
export function replaceLabel(
  series: readonly StepSeries[],
  [target = '', replacement = '', source = '', pattern = '']: readonly string[],
): StepSeries[] {
  requireLabel(target, 'label_replace');
  const compiled = patternOf(pattern);
  return relabel(series, (labels) => {
    const matcher = compiled.matcher(labelOf(labels, source));
    if (!matcher.matches()) return labels;
    const groupOf = (name: string): string => {
      const isNumber = /^\d+$/.test(name);
      if (isNumber && Number(name) > matcher.groupCount()) return '';
      if (!isNumber && !(name in compiled.namedGroups())) return '';
      return matcher.group(isNumber ? Number(name) : name) ?? '';
    };
    const value = replacement.replace(
      /\$(?:\$|\{(\w+)\}|(\w+))/g,
      (_, braced?: string, bare?: string) =>
        braced === undefined && bare === undefined ? '$' : groupOf((braced ?? bare)!),
    );
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
  return relabel(series, (labels) =>
    withLabel(labels, target, sources.map((source) => labelOf(labels, source)).join(separator)),
  );
}

function relabel(series: readonly StepSeries[], change: (labels: Labels) => Labels): StepSeries[] {
  return joinSame(series.map((one) => ({ ...one, labels: change(one.labels) })));
}

function requireLabel(name: string, caller: string): void {
  if (name !== '') return;
  throw queryFailed(`${caller}: the label to set has no name; name it in the second argument`);
}
