import { PROMQL_FUNCTIONS, type PromqlType } from '../../model/promql-functions.ts';
import type { Aggregate, Binary, Expr } from './ast.ts';
import { queryInvalid } from './query-error.ts';

/** In Prometheus' words. */
const WORDS: Readonly<Record<PromqlType, string>> = {
  scalar: 'scalar',
  vector: 'instant vector',
  range: 'range vector',
  string: 'string',
};

const SET_OPS = ['and', 'or', 'unless'];
const COMPARISONS = ['==', '!=', '>', '<', '>=', '<='];

/** What an expression answers with, by its form. */
export function typeOf(expr: Expr): PromqlType {
  switch (expr.kind) {
    case 'number':
      return 'scalar';
    case 'string':
      return 'string';
    case 'selector':
    case 'aggregate':
      return 'vector';
    case 'range':
    case 'subquery':
      return 'range';
    case 'negate':
      return typeOf(expr.expr);
    case 'call':
      return PROMQL_FUNCTIONS[expr.name]!.returns;
    case 'binary':
      return typeOf(expr.left) === 'scalar' && typeOf(expr.right) === 'scalar'
        ? 'scalar'
        : 'vector';
  }
}

/** Throws `VALIDATION_ERROR` where an expression is given what it does not take. */
export function checkTypes(text: string, expr: Expr): void {
  switch (expr.kind) {
    case 'number':
    case 'string':
    case 'selector':
    case 'range':
      return;
    case 'subquery':
      checkTypes(text, expr.expr);
      if (typeOf(expr.expr) !== 'vector') {
        wrong(text, expr.expr, 'a subquery is only allowed on an instant vector');
      }
      return;
    case 'negate':
      checkTypes(text, expr.expr);
      if (!['scalar', 'vector'].includes(typeOf(expr.expr))) {
        wrong(text, expr, 'a sign is only allowed on a scalar or an instant vector');
      }
      return;
    case 'aggregate':
      return checkAggregate(text, expr);
    case 'binary':
      return checkBinary(text, expr);
    case 'call':
      return checkCall(text, expr);
  }
}

function checkCall(text: string, call: Extract<Expr, { kind: 'call' }>): void {
  const { args, optional = 0 } = PROMQL_FUNCTIONS[call.name]!;
  const many = optional === 'many';
  const least = args.length - (many ? 1 : optional);
  const fits = call.args.length >= least && (many || call.args.length <= args.length);
  if (!fits) {
    const wanted = many
      ? `at least ${least}`
      : least === args.length
        ? `${least}`
        : `${least} or ${args.length}`;
    wrong(
      text,
      call,
      `wrong number of arguments in call to ${call.name}: ${wanted} wanted, ${call.args.length} given`,
    );
  }
  call.args.forEach((arg, index) => {
    checkTypes(text, arg);
    expect(
      text,
      arg,
      args[Math.min(index, args.length - 1)]!,
      `in call to function "${call.name}"`,
    );
  });
}

function expect(text: string, expr: Expr, wanted: PromqlType, where: string): void {
  const got = typeOf(expr);
  if (got === wanted) return;
  const hint = wanted === 'range' && expr.kind === 'selector' ? '; add a range such as [5m]' : '';
  wrong(text, expr, `expected type ${WORDS[wanted]} ${where}, got ${WORDS[got]}${hint}`);
}

function checkAggregate(text: string, { op, param, expr }: Aggregate): void {
  checkTypes(text, expr);
  expect(text, expr, 'vector', `in aggregation ${op}`);
  if (param === undefined) return;
  checkTypes(text, param);
  expect(text, param, op === 'count_values' ? 'string' : 'scalar', `in aggregation ${op}`);
}

function checkBinary(text: string, binary: Binary): void {
  const { op, left, right, bool, matching } = binary;
  checkTypes(text, left);
  checkTypes(text, right);
  const types = [typeOf(left), typeOf(right)];
  for (const [index, side] of [left, right].entries()) {
    if (types[index] !== 'scalar' && types[index] !== 'vector') {
      wrong(text, side, 'binary expressions take scalars and instant vectors alone');
    }
  }
  const isSetOp = SET_OPS.includes(op);
  const isComparison = COMPARISONS.includes(op);
  const scalars = types.filter((type) => type === 'scalar').length;
  if (bool && !isComparison) wrong(text, binary, 'bool is only allowed with comparisons');
  if (scalars === 2 && isComparison && !bool) {
    wrong(text, binary, `comparisons between scalars must use bool: ${op} bool`);
  }
  if (isSetOp && scalars > 0) {
    wrong(text, binary, `set operator ${op} is not allowed with a scalar; wrap it as vector(…)`);
  }
  if (scalars > 0 && (matching.on || matching.labels.length > 0 || matching.many !== 'none')) {
    wrong(text, binary, 'vector matching is only allowed between instant vectors');
  }
  if (isSetOp && matching.many !== 'none') wrong(text, binary, `no grouping is allowed for ${op}`);
  const both = matching.include.filter((name) => matching.on && matching.labels.includes(name));
  if (both.length > 0) {
    wrong(text, binary, `label "${both[0]}" must not occur in on and in the group clause at once`);
  }
}

function wrong(text: string, { from }: Expr, detail: string): never {
  throw queryInvalid(text, from, detail);
}
