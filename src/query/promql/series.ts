import type { Labels } from './labels.ts';
import { formatLabels, keyOf } from './labels.ts';
import { queryFailed } from './query-error.ts';

/** Samples as stored, oldest first, no two at one time. */
export interface Series {
  readonly labels: Labels;
  /** Milliseconds since 1970 UTC. */
  readonly timesMs: Float64Array;
  readonly values: Float64Array;
  /** 1 where the source said that there is no value any more; undefined when it never did. */
  readonly stale?: Uint8Array | undefined;
}

/** A series at each step of the query; a value counts where `present` is 1. */
export interface StepSeries {
  readonly labels: Labels;
  readonly values: Float64Array;
  readonly present: Uint8Array;
}

export type Value =
  | { readonly kind: 'scalar'; readonly values: Float64Array }
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'vector'; readonly series: readonly StepSeries[] };

export function emptyStepSeries(labels: Labels, steps: number): StepSeries {
  return { labels, values: new Float64Array(steps), present: new Uint8Array(steps) };
}

/**
 * Joins series that have the same labels, which happens when a function takes away what told them apart: legal as
 * long as no two of them have a value at the same step.
 */
export function joinSame(series: readonly StepSeries[]): StepSeries[] {
  const byKey = new Map<string, StepSeries>();
  for (const one of series) {
    const key = keyOf(one.labels);
    const known = byKey.get(key);
    if (known === undefined) byKey.set(key, one);
    else byKey.set(key, join(known, one));
  }
  return [...byKey.values()];
}

function join(a: StepSeries, b: StepSeries): StepSeries {
  const joined = { labels: a.labels, values: a.values.slice(), present: a.present.slice() };
  for (let step = 0; step < joined.values.length; step++) {
    if (b.present[step] === 0) continue;
    if (joined.present[step] === 1) {
      throw queryFailed(
        `two series have the same labels ${formatLabels(a.labels)}: keep a label that tells them apart, or aggregate them`,
      );
    }
    joined.present[step] = 1;
    joined.values[step] = b.values[step]!;
  }
  return joined;
}
