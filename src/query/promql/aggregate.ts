import type { Aggregate } from './ast.ts';
import type { Frame } from './frame.ts';
import type { Labels } from './labels.ts';
import { dropLabels, keepLabels, keyOf, NAME, withLabel } from './labels.ts';
import { formatValue } from './literals.ts';
import { quantileOf } from './quantile.ts';
import { queryFailed } from './query-error.ts';
import type { StepSeries, Value } from './series.ts';
import { emptyStepSeries, joinSame } from './series.ts';
import { meanOf, sumOf, varianceOf } from './statistics.ts';

interface Group {
  readonly labels: Labels;
  readonly members: StepSeries[];
}

export function aggregate(
  frame: Frame,
  expr: Aggregate,
  series: readonly StepSeries[],
  param: Value | undefined,
): StepSeries[] {
  const groups = groupsOf(expr, series);
  const scalar = param?.kind === 'scalar' ? param.values : new Float64Array(frame.steps);
  if (expr.op === 'topk' || expr.op === 'bottomk') {
    return groups.flatMap(({ members }) => extremes(frame, expr.op === 'topk', scalar, members));
  }
  if (expr.op === 'count_values') {
    return countValues(frame, groups, param?.kind === 'string' ? param.value : '');
  }
  const reduce = expr.op === 'quantile' ? quantileAt(scalar) : REDUCERS[expr.op];
  return groups.map((group) => reduced(frame, group, reduce));
}

function groupsOf({ without, labels: names }: Aggregate, series: readonly StepSeries[]): Group[] {
  const wanted = new Set(names);
  const unwanted = new Set([...names, NAME]);
  const groups = new Map<string, Group>();
  for (const one of series) {
    const labels = without ? dropLabels(one.labels, unwanted) : keepLabels(one.labels, wanted);
    const key = keyOf(labels);
    const group = groups.get(key) ?? { labels, members: [] };
    group.members.push(one);
    groups.set(key, group);
  }
  return [...groups.values()];
}

/** One value from the first `count` of `values`, at a step. */
type Reduce = (values: Float64Array, step: number) => number;

function reduced(frame: Frame, { labels, members }: Group, reduce: Reduce): StepSeries {
  const answer = emptyStepSeries(labels, frame.steps);
  const values = new Float64Array(members.length);
  for (let step = 0; step < frame.steps; step++) {
    let count = 0;
    for (const { values: all, present } of members) {
      if (present[step] === 1) values[count++] = all[step]!;
    }
    if (count === 0) continue;
    answer.present[step] = 1;
    answer.values[step] = reduce(values.subarray(0, count), step);
  }
  return answer;
}

const quantileAt =
  (quantile: Float64Array): Reduce =>
  (values, step) =>
    quantileOf(quantile[step]!, values);

const REDUCERS: Readonly<
  Record<Exclude<Aggregate['op'], 'topk' | 'bottomk' | 'count_values' | 'quantile'>, Reduce>
> = {
  sum: (values) => sumOf(values),
  count: (values) => values.length,
  group: () => 1,
  avg: (values) => meanOf(values),
  min: (values) => values.reduce((a, b) => (b < a || Number.isNaN(a) ? b : a)),
  max: (values) => values.reduce((a, b) => (b > a || Number.isNaN(a) ? b : a)),
  stdvar: (values) => varianceOf(values),
  stddev: (values) => Math.sqrt(varianceOf(values)),
};

/** The series with the greatest or least values, step by step; the answer keeps their labels, in the order of the last step. */
function extremes(
  frame: Frame,
  greatest: boolean,
  wanted: Float64Array,
  members: readonly StepSeries[],
): StepSeries[] {
  const answers = members.map(({ labels }) => emptyStepSeries(labels, frame.steps));
  let order: number[] = [];
  for (let step = 0; step < frame.steps; step++) {
    const limit = limitAt(wanted[step]!);
    const at = (index: number): number => members[index]!.values[step]!;
    order = [...members.keys()].filter((index) => members[index]!.present[step] === 1);
    order.sort((a, b) => compareExtremes(at(a), at(b), greatest));
    for (const index of order.slice(0, limit)) {
      answers[index]!.present[step] = 1;
      answers[index]!.values[step] = at(index);
    }
  }
  const ordered = new Set(order);
  const rest = [...members.keys()].filter((index) => !ordered.has(index));
  return [...order, ...rest]
    .map((index) => answers[index]!)
    .filter(({ present }) => present.includes(1));
}

function limitAt(wanted: number): number {
  if (Number.isNaN(wanted)) throw queryFailed('the number of series to keep is NaN; give a number');
  return Math.max(0, Math.trunc(wanted));
}

/** NaN comes last, whichever end is wanted. */
function compareExtremes(a: number, b: number, greatest: boolean): number {
  if (Number.isNaN(a) || Number.isNaN(b)) return Number(Number.isNaN(a)) - Number(Number.isNaN(b));
  return greatest ? b - a : a - b;
}

function countValues(frame: Frame, groups: readonly Group[], label: string): StepSeries[] {
  if (label === '') throw queryFailed('count_values: the label to set has no name');
  const answers: StepSeries[] = [];
  let made = 0;
  for (const { labels, members } of groups) {
    const byValue = new Map<string, StepSeries>();
    for (const { values, present } of members) {
      for (let step = 0; step < frame.steps; step++) {
        if (present[step] === 0) continue;
        const text = formatValue(values[step]!);
        let counted = byValue.get(text);
        if (counted === undefined) {
          frame.budget.requireRoom(++made, frame.steps);
          counted = emptyStepSeries(withLabel(labels, label, text), frame.steps);
          byValue.set(text, counted);
        }
        counted.present[step] = 1;
        counted.values[step]! += 1;
      }
    }
    answers.push(...byValue.values());
  }
  return joinSame(answers);
}
