import { labelOf } from './labels.ts';
import type { StepSeries } from './series.ts';

/** By the value of the only step; NaN last. A query over time is always in the order of labels. */
export function sortByValue(series: readonly StepSeries[], descending: boolean): StepSeries[] {
  return series.toSorted((one, other) => {
    const [a, b] = [one.values[0]!, other.values[0]!];
    if (Number.isNaN(a) || Number.isNaN(b))
      return Number(Number.isNaN(a)) - Number(Number.isNaN(b));
    return descending ? b - a : a - b;
  });
}

const natural = new Intl.Collator('en', { numeric: true });

/** By the labels named, one after the other, numbers within them as numbers. */
export function sortByLabels(
  series: readonly StepSeries[],
  names: readonly string[],
  descending: boolean,
): StepSeries[] {
  const sorted = series.toSorted((one, other) => {
    for (const name of names) {
      const order = natural.compare(labelOf(one.labels, name), labelOf(other.labels, name));
      if (order !== 0) return order;
    }
    return 0;
  });
  return descending ? sorted.toReversed() : sorted;
}
