import type { Binary } from './ast.ts';
import type { Frame } from './frame.ts';
import type { StepSeries } from './series.ts';
import { joinSame } from './series.ts';
import { signatureOf } from './signature.ts';

/** `and`, `or` and `unless`: which series of one side stay, step by step, by what the other side has. */
export function combineSets(
  frame: Frame,
  { op, matching }: Binary,
  left: readonly StepSeries[],
  right: readonly StepSeries[],
): StepSeries[] {
  const signature = signatureOf(matching);
  const onRight = presenceBy(frame, right, signature);
  const where = (
    series: readonly StepSeries[],
    other: ReadonlyMap<string, Uint8Array>,
    wanted: 0 | 1,
  ): StepSeries[] =>
    series
      .map((one) => {
        const there = other.get(signature(one.labels));
        const present = one.present.map((has, step) =>
          has === 1 && (there?.[step] ?? 0) === wanted ? 1 : 0,
        );
        return { ...one, present };
      })
      .filter(({ present }) => present.includes(1));
  if (op === 'and') return where(left, onRight, 1);
  if (op === 'unless') return where(left, onRight, 0);
  // What the left has at some steps and the right at others is one series.
  return joinSame([...left, ...where(right, presenceBy(frame, left, signature), 0)]);
}

function presenceBy(
  frame: Frame,
  series: readonly StepSeries[],
  signature: (labels: StepSeries['labels']) => string,
): Map<string, Uint8Array> {
  const present = new Map<string, Uint8Array>();
  for (const one of series) {
    const key = signature(one.labels);
    const known = present.get(key) ?? new Uint8Array(frame.steps);
    for (let step = 0; step < frame.steps; step++) known[step]! |= one.present[step]!;
    present.set(key, known);
  }
  return present;
}
