import type { Selector, Subquery, TimeShift } from './ast.ts';
import type { Frame } from './frame.ts';
import { LOOKBACK_MS, timeOfStep } from './frame.ts';
import type { Series, StepSeries } from './series.ts';
import { emptyStepSeries } from './series.ts';

/** The time that a selector looks at in a step: the step's own, or a fixed one, less the offset. */
export function referenceMs(frame: Frame, { at, offsetMs }: TimeShift, step: number): number {
  const base =
    at === undefined
      ? timeOfStep(frame, step)
      : at === 'start'
        ? frame.queryStartMs
        : at === 'end'
          ? frame.queryEndMs
          : at;
  return base - offsetMs;
}

/** The first and last time that a selector looks at. */
export function extentOf(frame: Frame, shift: TimeShift): { firstMs: number; lastMs: number } {
  return {
    firstMs: referenceMs(frame, shift, 0),
    lastMs: referenceMs(frame, shift, frame.steps - 1),
  };
}

/** For each step the newest sample, unless it is too old or says that there is none any more. */
export async function selectInstant(
  frame: Frame,
  { matchers, shift }: Selector,
  /** What is taken of a sample: its value, or its time in seconds. */
  what: 'value' | 'time' = 'value',
): Promise<StepSeries[]> {
  const { firstMs, lastMs } = extentOf(frame, shift);
  const found = await frame.source.select(matchers, firstMs - LOOKBACK_MS, lastMs);
  frame.budget.requireRoom(found.length, frame.steps);
  const answer: StepSeries[] = [];
  for (const series of found) {
    const taken = emptyStepSeries(series.labels, frame.steps);
    if (take(frame, shift, series, taken, what)) answer.push(taken);
    await frame.budget.spend(series.values.length + frame.steps);
  }
  return answer;
}

function take(
  frame: Frame,
  shift: TimeShift,
  { timesMs, values, stale }: Series,
  into: StepSeries,
  what: 'value' | 'time',
): boolean {
  let at = -1;
  let any = false;
  for (let step = 0; step < frame.steps; step++) {
    const reference = referenceMs(frame, shift, step);
    while (at + 1 < timesMs.length && timesMs[at + 1]! <= reference) at += 1;
    if (at < 0 || timesMs[at]! <= reference - LOOKBACK_MS || stale?.[at] === 1) continue;
    into.values[step] = what === 'value' ? values[at]! : timesMs[at]! / 1000;
    into.present[step] = 1;
    any = true;
  }
  return any;
}

/** Series without the marks of staleness, which ranges pass over. */
export function withoutStale(series: Series): Series {
  const { stale } = series;
  if (stale === undefined || !stale.includes(1)) return series;
  const kept = (_: number, index: number): boolean => stale[index] === 0;
  return {
    labels: series.labels,
    timesMs: series.timesMs.filter(kept),
    values: series.values.filter(kept),
  };
}

/** Subqueries without a step are evaluated once a minute, as Prometheus does unless told otherwise. */
const SUBQUERY_STEP_MS = 60_000;

/** The steps of a subquery's inner expression: multiples of its step, whatever the outer query begins at. */
export function subqueryFrame(frame: Frame, { rangeMs, stepMs, shift }: Subquery): Frame {
  const { firstMs, lastMs } = extentOf(frame, shift);
  const every = stepMs ?? SUBQUERY_STEP_MS;
  // Open to the left: a step that falls on the range's start is not within it.
  const startMs = (Math.floor((firstMs - rangeMs) / every) + 1) * every;
  const steps = Math.max(0, Math.floor((lastMs - startMs) / every) + 1);
  frame.budget.requireRoom(1, steps);
  return { ...frame, startMs, stepMs: every, steps };
}

/** What a subquery's inner expression answered, as samples. */
export function toSeries({ labels, values, present }: StepSeries, frame: Frame): Series {
  const kept = (_: number, step: number): boolean => present[step] === 1;
  const timesMs = Float64Array.from(values, (_, step) => timeOfStep(frame, step));
  return { labels, timesMs: timesMs.filter(kept), values: values.filter(kept) };
}
