import type { Binary, BinaryOp } from './ast.ts';
import type { Frame } from './frame.ts';
import { withoutName } from './labels.ts';
import type { StepSeries, Value } from './series.ts';
import { joinSame } from './series.ts';
import { combineSets } from './set-operators.ts';
import { matchVectors } from './vector-matching.ts';

type Arithmetic = (a: number, b: number) => number;

/** As Go's: 1 to any power is 1, and −1 to an infinite one. */
function power(a: number, b: number): number {
  if (a === 1 || (a === -1 && Math.abs(b) === Infinity)) return 1;
  return a ** b;
}

const ARITHMETIC: Readonly<Partial<Record<BinaryOp, Arithmetic>>> = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => a / b,
  '%': (a, b) => a % b,
  '^': power,
  atan2: Math.atan2,
};

const COMPARISONS: Readonly<Partial<Record<BinaryOp, (a: number, b: number) => boolean>>> = {
  '==': (a, b) => a === b,
  '!=': (a, b) => a !== b,
  '>': (a, b) => a > b,
  '<': (a, b) => a < b,
  '>=': (a, b) => a >= b,
  '<=': (a, b) => a <= b,
};

/** The value of one pair; undefined where a comparison filters it out. */
export type Pair = (left: number, right: number) => number | undefined;

function isFilter({ op, bool }: Binary): boolean {
  return COMPARISONS[op] !== undefined && !bool;
}

/** `kept` is the side whose value a comparison keeps. */
function pairOf({ op, bool }: Binary, kept: 'left' | 'right' = 'left'): Pair {
  const arithmetic = ARITHMETIC[op];
  if (arithmetic !== undefined) return arithmetic;
  const holds = COMPARISONS[op]!;
  if (bool) return (a, b) => Number(holds(a, b));
  return (a, b) => (holds(a, b) ? (kept === 'left' ? a : b) : undefined);
}

export function evaluateBinary(frame: Frame, expr: Binary, left: Value, right: Value): Value {
  if (left.kind === 'scalar' && right.kind === 'scalar') {
    const pair = pairOf(expr);
    const values = left.values.map((value, step) => pair(value, right.values[step]!)!);
    return { kind: 'scalar', values };
  }
  if (left.kind === 'vector' && right.kind === 'vector') {
    const isSet = expr.op === 'and' || expr.op === 'or' || expr.op === 'unless';
    const series = isSet
      ? combineSets(frame, expr, left.series, right.series)
      : matchVectors(frame, expr, { left: left.series, right: right.series, pair: pairOf(expr) });
    return { kind: 'vector', series };
  }
  if (left.kind === 'vector' && right.kind === 'scalar') {
    const pair = pairOf(expr, 'left');
    return withScalar(expr, left.series, (value, step) => pair(value, right.values[step]!));
  }
  if (left.kind === 'scalar' && right.kind === 'vector') {
    const pair = pairOf(expr, 'right');
    return withScalar(expr, right.series, (value, step) => pair(left.values[step]!, value));
  }
  throw new TypeError(`no operator takes ${left.kind} and ${right.kind}`);
}

function withScalar(
  expr: Binary,
  series: readonly StepSeries[],
  compute: (value: number, step: number) => number | undefined,
): Value {
  const keepsName = isFilter(expr);
  const computed = series.map(({ labels, values, present }) => {
    const answer = {
      labels: keepsName ? labels : withoutName(labels),
      values: new Float64Array(values.length),
      present: new Uint8Array(values.length),
    };
    for (let step = 0; step < values.length; step++) {
      if (present[step] === 0) continue;
      const value = compute(values[step]!, step);
      if (value === undefined) continue;
      answer.values[step] = value;
      answer.present[step] = 1;
    }
    return answer;
  });
  return {
    kind: 'vector',
    series: joinSame(computed.filter(({ present }) => present.includes(1))),
  };
}
