import type { Expr } from './ast.ts';
import type { Frame, SampleUse } from './frame.ts';
import { timeOfStep } from './frame.ts';
import { histogramQuantile } from './histogram.ts';
import { INSTANT_FUNCTIONS } from './instant-functions.ts';
import { joinLabels, replaceLabel } from './label-functions.ts';
import type { Labels } from './labels.ts';
import { labelsOf, NAME, withoutName } from './labels.ts';
import type { RangeFunction, Window } from './range-functions.ts';
import { KEEPS_NAME, ONLY_DIFFERENCES, RANGE_FUNCTIONS } from './range-functions.ts';
import {
  extentOf,
  referenceMs,
  selectInstant,
  subqueryFrame,
  toSeries,
  withoutStale,
} from './select.ts';
import type { Series, StepSeries, Value } from './series.ts';
import { emptyStepSeries, joinSame } from './series.ts';
import { sortByLabels, sortByValue } from './sort.ts';

type Call = Extract<Expr, { kind: 'call' }>;
type Ranged = Extract<Expr, { kind: 'range' | 'subquery' }>;
export type Evaluate = (frame: Frame, expr: Expr) => Promise<Value>;

/** What a function answers; its arguments are of the types that `checkTypes` saw to. */
export async function evaluateCall(frame: Frame, call: Call, evaluate: Evaluate): Promise<Value> {
  const { name, args } = call;
  const ranged = args.find((arg): arg is Ranged => arg.kind === 'range' || arg.kind === 'subquery');
  const selector = args[0];
  if (name === 'timestamp' && selector?.kind === 'selector') {
    return vector(nameless(await selectInstant(frame, selector, 'time')));
  }
  const others = args.filter((arg) => arg !== ranged);
  const values: Value[] = [];
  for (const arg of others) values.push(await evaluate(frame, arg));
  if (ranged !== undefined) return await callRanged(frame, call, ranged, { values, evaluate });
  if (name === 'absent')
    return vector([absent(frame, labelsOfAbsent(selector!), seriesOf(values[0]))]);
  return callInstant(frame, name, values);
}

const vector = (series: readonly StepSeries[]): Value => ({ kind: 'vector', series });

const seriesOf = (value: Value | undefined): readonly StepSeries[] =>
  value?.kind === 'vector' ? value.series : [];

function nameless(series: readonly StepSeries[]): StepSeries[] {
  return joinSame(series.map((one) => ({ ...one, labels: withoutName(one.labels) })));
}

const scalarsOf = (values: readonly Value[]): Float64Array[] =>
  values.flatMap((value) => (value.kind === 'scalar' ? [value.values] : []));

const textsOf = (values: readonly Value[]): string[] =>
  values.flatMap((value) => (value.kind === 'string' ? [value.value] : []));

function callInstant(frame: Frame, name: string, values: readonly Value[]): Value {
  const series = seriesOf(values.find(({ kind }) => kind === 'vector'));
  const scalars = scalarsOf(values);
  const texts = textsOf(values);
  switch (name) {
    case 'time':
      return { kind: 'scalar', values: secondsOf(frame) };
    case 'pi':
      return { kind: 'scalar', values: new Float64Array(frame.steps).fill(Math.PI) };
    case 'scalar':
      return { kind: 'scalar', values: onlyValue(frame, series) };
    case 'vector':
      return vector([everywhere(frame, scalars[0]!)]);
    case 'histogram_quantile':
      return vector(histogramQuantile(frame, scalars[0]!, series));
    case 'label_replace':
      return vector(replaceLabel(series, texts));
    case 'label_join':
      return vector(joinLabels(series, texts));
    case 'sort':
    case 'sort_desc':
      return vector(sortByValue(series, name === 'sort_desc'));
    case 'sort_by_label':
    case 'sort_by_label_desc':
      return vector(sortByLabels(series, texts, name === 'sort_by_label_desc'));
    case 'timestamp':
      return vector(nameless(series.map((one) => ({ ...one, values: secondsOf(frame) }))));
    default: {
      const map = INSTANT_FUNCTIONS[name]!;
      // Functions of time take the step's own time when they are given nothing.
      const given = values.length === 0 ? [everywhere(frame, secondsOf(frame))] : series;
      return vector(
        nameless(
          given.map((one) => ({
            ...one,
            values: one.values.map((value, step) =>
              map(value, scalars[0]?.[step], scalars[1]?.[step]),
            ),
            present: name === 'clamp' ? inOrder(one.present, scalars) : one.present,
          })),
        ),
      );
    }
  }
}

/** A clamp between limits the wrong way round answers nothing. */
function inOrder(present: Uint8Array, [low, high]: readonly Float64Array[]): Uint8Array {
  return present.map((one, step) => (low![step]! > high![step]! ? 0 : one));
}

const secondsOf = (frame: Frame): Float64Array =>
  Float64Array.from({ length: frame.steps }, (_, step) => timeOfStep(frame, step) / 1000);

const everywhere = (frame: Frame, values: Float64Array): StepSeries => ({
  labels: [],
  values,
  present: new Uint8Array(frame.steps).fill(1),
});

function onlyValue(frame: Frame, series: readonly StepSeries[]): Float64Array {
  return Float64Array.from({ length: frame.steps }, (_, step) => {
    const present = series.filter((one) => one.present[step] === 1);
    return present.length === 1 ? present[0]!.values[step]! : Number.NaN;
  });
}

/** What is known of series that are not there: what their selector says they equal, once. */
function labelsOfAbsent(expr: Expr): Labels {
  const selector = expr.kind === 'range' ? expr.selector : expr;
  if (selector.kind !== 'selector') return [];
  const named = selector.matchers.filter(({ name }) => name !== NAME);
  const once = named.filter(
    ({ name, op }) => op === '=' && named.filter((other) => other.name === name).length === 1,
  );
  return labelsOf(once.map(({ name, value }) => [name, value]));
}

function absent(frame: Frame, labels: Labels, series: readonly StepSeries[]): StepSeries {
  const answer = emptyStepSeries(labels, frame.steps);
  for (let step = 0; step < frame.steps; step++) {
    if (series.some(({ present }) => present[step] === 1)) continue;
    answer.present[step] = 1;
    answer.values[step] = 1;
  }
  return answer;
}

async function callRanged(
  frame: Frame,
  { name }: Call,
  ranged: Ranged,
  { values, evaluate }: { readonly values: readonly Value[]; readonly evaluate: Evaluate },
): Promise<Value> {
  const use = ONLY_DIFFERENCES.has(name) ? 'differences' : 'values';
  const samples = await samplesOf(frame, ranged, { use, evaluate });
  frame.budget.requireRoom(samples.length, frame.steps);
  const isAbsence = name === 'absent_over_time';
  const compute = RANGE_FUNCTIONS[isAbsence ? 'present_over_time' : name]!;
  const parameters = scalarsOf(values);
  const answer: StepSeries[] = [];
  for (const series of samples) {
    const labels = KEEPS_NAME.has(name) ? series.labels : withoutName(series.labels);
    const computed = emptyStepSeries(labels, frame.steps);
    const slide = { ranged, compute, parameters };
    if (await overWindows(frame, slide, withoutStale(series), computed)) answer.push(computed);
  }
  if (isAbsence) return vector([absent(frame, labelsOfAbsent(ranged), answer)]);
  return vector(joinSame(answer));
}

async function samplesOf(
  frame: Frame,
  ranged: Ranged,
  { use, evaluate }: { readonly use: SampleUse; readonly evaluate: Evaluate },
): Promise<readonly Series[]> {
  if (ranged.kind === 'range') {
    const { firstMs, lastMs } = extentOf(frame, ranged.selector.shift);
    return frame.source.select(ranged.selector.matchers, firstMs - ranged.rangeMs, lastMs, use);
  }
  const inner = subqueryFrame(frame, ranged);
  if (inner.steps === 0) return [];
  const value = await evaluate(inner, ranged.expr);
  return seriesOf(value).map((series) => toSeries(series, inner));
}

/** Moves the window from step to step; whether there was a value at any. */
async function overWindows(
  frame: Frame,
  slide: { ranged: Ranged; compute: RangeFunction; parameters: readonly Float64Array[] },
  { timesMs, values }: Series,
  into: StepSeries,
): Promise<boolean> {
  const { ranged, compute, parameters } = slide;
  const shift = ranged.kind === 'range' ? ranged.selector.shift : ranged.shift;
  const window: { -readonly [K in keyof Window]: Window[K] } = {
    timesMs,
    values,
    low: 0,
    high: 0,
    startMs: 0,
    endMs: 0,
    stepMs: 0,
    params: [],
  };
  let any = false;
  for (let step = 0; step < frame.steps; step++) {
    window.stepMs = timeOfStep(frame, step);
    window.endMs = referenceMs(frame, shift, step);
    window.startMs = window.endMs - ranged.rangeMs;
    while (window.high < timesMs.length && timesMs[window.high]! <= window.endMs) window.high += 1;
    while (window.low < window.high && timesMs[window.low]! <= window.startMs) window.low += 1;
    if (window.low === window.high) continue;
    window.params = parameters.map((parameter) => parameter[step]!);
    const value = compute(window);
    const pause = frame.budget.spend(window.high - window.low + 1);
    if (pause !== undefined) await pause;
    if (value === undefined) continue;
    into.values[step] = value;
    into.present[step] = 1;
    any = true;
  }
  return any;
}
