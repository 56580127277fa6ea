import { aggregate } from './aggregate.ts';
import type { Expr } from './ast.ts';
import { evaluateBinary } from './binary.ts';
import { evaluateCall } from './call.ts';
import type { Frame } from './frame.ts';
import { withoutName } from './labels.ts';
import type { StepSeries, Value } from './series.ts';
import { joinSame } from './series.ts';
import { selectInstant } from './select.ts';

/**
 * Evaluates an expression at every step at once. Throws `QUERY_FAILED` for what has no answer on these series, and
 * `QUERY_TIMEOUT`.
 */
export async function evaluate(frame: Frame, expr: Expr): Promise<Value> {
  const { budget } = frame;
  const before = budget.held;
  const value = await evaluateKind(frame, expr);
  if (value.kind === 'vector') budget.hold(before, value.series.length, frame.steps);
  else budget.hold(before, value.kind === 'scalar' ? 1 : 0, frame.steps);
  return value;
}

async function evaluateKind(frame: Frame, expr: Expr): Promise<Value> {
  switch (expr.kind) {
    case 'number':
      return { kind: 'scalar', values: new Float64Array(frame.steps).fill(expr.value) };
    case 'string':
      return { kind: 'string', value: expr.value };
    case 'selector':
      return { kind: 'vector', series: await selectInstant(frame, expr) };
    case 'negate':
      return negate(await evaluate(frame, expr.expr));
    case 'aggregate': {
      const [vector, param] = [
        await evaluateVector(frame, expr.expr),
        expr.param === undefined ? undefined : await evaluate(frame, expr.param),
      ];
      return { kind: 'vector', series: aggregate(frame, expr, vector, param) };
    }
    case 'binary': {
      const left = await evaluate(frame, expr.left);
      const right = await evaluate(frame, expr.right);
      await frame.budget.spend(sizeOf(left) + sizeOf(right));
      return evaluateBinary(frame, expr, left, right);
    }
    case 'call':
      return await evaluateCall(frame, expr, evaluate);
    case 'range':
    case 'subquery':
      throw new TypeError('a range vector is only evaluated by a function');
  }
}

export async function evaluateVector(frame: Frame, expr: Expr): Promise<readonly StepSeries[]> {
  const value = await evaluate(frame, expr);
  if (value.kind !== 'vector') throw new TypeError(`a vector is wanted, not a ${value.kind}`);
  return value.series;
}

const sizeOf = (value: Value): number =>
  value.kind === 'vector' ? value.series.length * (value.series[0]?.values.length ?? 0) : 0;

function negate(value: Value): Value {
  if (value.kind === 'string') return value;
  if (value.kind === 'scalar') return { ...value, values: value.values.map((one) => -one) };
  const series = value.series.map(({ labels, values, present }) => ({
    labels: withoutName(labels),
    values: values.map((one) => -one),
    present,
  }));
  return { kind: 'vector', series: joinSame(series) };
}
