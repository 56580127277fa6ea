import { parser } from '@prometheus-io/lezer-promql';
import type { SyntaxNode } from '@lezer/common';

import {
  PROMQL_AGGREGATIONS,
  PROMQL_FUNCTIONS,
  PROMQL_INSTEAD,
  type PromqlAggregation,
} from '../../model/promql-functions.ts';
import { nearestNames } from '../../base/nearest-names.ts';
import type { Binary, BinaryOp, Expr, Matching, Selector, Subquery, TimeShift } from './ast.ts';
import { checkTypes } from './check-types.ts';
import { parseNumber, parseString } from './literals.ts';
import { durationOf } from './parse-duration.ts';
import { labelNameOf, matchersOf } from './parse-matchers.ts';
import { queryInvalid } from './query-error.ts';

export const QUERY_CHARACTERS_MAX = 16_384;
/** Deeper than any query that a person or a dashboard writes. */
const DEPTH_MAX = 200;

/**
 * Reads a query by the Prometheus project's own grammar and checks its types. Throws `VALIDATION_ERROR` with line
 * and column, as `1:5: parse error: …`.
 */
export function parsePromql(text: string): Expr {
  if (text.trim() === '') throw queryInvalid(text, 0, 'no expression found in input');
  if (text.length > QUERY_CHARACTERS_MAX) {
    throw queryInvalid(text, 0, `a query may have ${QUERY_CHARACTERS_MAX} characters`);
  }
  refuseDepth(text);
  try {
    const tree = parser.parse(text);
    refuseErrors(text, tree.topNode);
    const root = tree.topNode.firstChild;
    if (root === null) throw queryInvalid(text, 0, 'no expression found in input');
    const expr = new Reader(text).expr(root, 0);
    checkTypes(text, expr);
    return expr;
  } catch (error) {
    // The grammar's tree of a chain of operators is as deep as the chain is long, and is built by recursion.
    if (error instanceof RangeError) throw queryInvalid(text, 0, TOO_DEEP);
    throw error;
  }
}

const TOO_DEEP = `expressions may be nested ${DEPTH_MAX} deep`;
/** Strings, which end with their quote, and comments; brackets within count for nothing. */
const TOKENS = /"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`[^`]*`|#[^\n]*|[([{]|[)\]}]/g;

/** Before the grammar sees it: deep nesting costs it more than its length. */
function refuseDepth(text: string): void {
  let depth = 0;
  for (const { 0: token, index } of text.matchAll(TOKENS)) {
    if (')]}'.includes(token)) depth -= 1;
    else if ('([{'.includes(token)) depth += 1;
    if (depth > DEPTH_MAX) throw queryInvalid(text, index, TOO_DEEP);
  }
}

/** A selector alone, as `match[]` names series. */
export function parseSelector(text: string): Selector {
  const expr = parsePromql(text);
  if (expr.kind !== 'selector') {
    throw queryInvalid(text, 0, 'a series selector is wanted here, such as up{job="api"}');
  }
  return expr;
}

function refuseErrors(text: string, top: SyntaxNode): void {
  let first: SyntaxNode | undefined;
  top.cursor().iterate((node) => {
    if (node.type.isError) first ??= node.node;
    return first === undefined;
  });
  if (first === undefined) return;
  const unknown = /([a-zA-Z_:][\w:]*)\s*\($/.exec(text.slice(0, text.indexOf('(', first.from) + 1));
  const called = unknown?.[1];
  if (called !== undefined && !isKnown(called) && first.from >= unknown!.index + called.length) {
    throw queryInvalid(text, unknown!.index, unknownFunction(called));
  }
  const rest = text.slice(first.from).trim();
  const near = rest === '' ? 'the end of the query' : JSON.stringify(rest.slice(0, 24));
  throw queryInvalid(text, Math.min(first.from, text.length), `unexpected ${near}`);
}

const isKnown = (name: string): boolean =>
  name in PROMQL_FUNCTIONS ||
  name in PROMQL_INSTEAD ||
  /^(?:by|without|on|ignoring|group_left|group_right|and|or|unless|bool|offset)$/i.test(name) ||
  (PROMQL_AGGREGATIONS as readonly string[]).includes(name.toLowerCase());

function unknownFunction(name: string): string {
  const instead = PROMQL_INSTEAD[name];
  if (instead !== undefined) return `${name} is not supported; ${instead}`;
  const known = [...Object.keys(PROMQL_FUNCTIONS), ...PROMQL_AGGREGATIONS];
  const near = nearestNames(name, known).map((one) => `${one}()`);
  const hint = near.length === 0 ? '' : `; did you mean ${near.join(' or ')}?`;
  return `unknown function with name "${name}"${hint}`;
}

const NO_SHIFT: TimeShift = { offsetMs: 0, at: undefined };

class Reader {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  expr(node: SyntaxNode, depth: number): Expr {
    if (depth > DEPTH_MAX) this.#refuse(node, TOO_DEEP);
    const from = node.from;
    switch (node.name) {
      case 'NumberDurationLiteral':
        return { kind: 'number', from, value: parseNumber(this.#of(node)) };
      case 'StringLiteral':
        return { kind: 'string', from, value: this.#string(node) };
      case 'ParenExpr':
        return this.expr(node.firstChild!, depth + 1);
      case 'VectorSelector':
        return { kind: 'selector', from, matchers: matchersOf(this.#text, node), shift: NO_SHIFT };
      case 'MatrixSelector':
        return this.#range(node, depth);
      case 'SubqueryExpr':
        return this.#subquery(node, depth);
      case 'OffsetExpr':
      case 'StepInvariantExpr':
        return this.#shifted(node, depth);
      case 'UnaryExpr': {
        const inner = this.expr(node.lastChild!, depth + 1);
        return this.#of(node.firstChild!) === '-' ? { kind: 'negate', from, expr: inner } : inner;
      }
      case 'BinaryExpr':
        return this.#binary(node, depth);
      case 'FunctionCall':
        return this.#call(node, depth);
      case 'AggregateExpr':
        return this.#aggregate(node, depth);
      default:
        return this.#unsupported(node);
    }
  }

  #range(node: SyntaxNode, depth: number): Expr {
    const selector = this.expr(node.firstChild!, depth + 1);
    if (selector.kind !== 'selector') {
      this.#refuse(node, 'ranges are only allowed behind selectors; write [5m:] for a subquery');
    }
    const rangeMs = durationOf(this.#text, node.getChild('DurationExpr')!);
    if (rangeMs <= 0) this.#refuse(node, 'a range must be greater than 0');
    return { kind: 'range', from: node.from, selector, rangeMs };
  }

  #subquery(node: SyntaxNode, depth: number): Subquery {
    const [range, step] = node.getChildren('DurationExpr');
    const rangeMs = durationOf(this.#text, range!);
    const stepMs = step === undefined ? undefined : durationOf(this.#text, step);
    if (rangeMs <= 0 || (stepMs !== undefined && stepMs <= 0)) {
      this.#refuse(node, 'the range and the step of a subquery must be greater than 0');
    }
    const expr = this.expr(node.firstChild!, depth + 1);
    return { kind: 'subquery', from: node.from, expr, rangeMs, stepMs, shift: NO_SHIFT };
  }

  #shifted(node: SyntaxNode, depth: number): Expr {
    const inner = this.expr(node.firstChild!, depth + 1);
    const shiftable = inner.kind === 'range' ? inner.selector : inner;
    if (shiftable.kind !== 'selector' && shiftable.kind !== 'subquery') {
      this.#refuse(node, 'offset and @ are only allowed behind selectors and subqueries');
    }
    const shift = { ...shiftable.shift, ...this.#shiftOf(node, shiftable.shift) };
    if (inner.kind === 'range') return { ...inner, selector: { ...inner.selector, shift } };
    return { ...shiftable, shift };
  }

  #shiftOf(node: SyntaxNode, before: TimeShift): Partial<TimeShift> {
    if (node.name === 'OffsetExpr') {
      if (before.offsetMs !== 0) this.#refuse(node, 'offset may not be set multiple times');
      return { offsetMs: durationOf(this.#text, node.getChild('OffsetDurationExpr')!) };
    }
    if (before.at !== undefined) this.#refuse(node, '@ may not be set multiple times');
    const named = node.getChild('AtModifierPreprocessors');
    if (named !== null) return { at: this.#of(named).startsWith('start') ? 'start' : 'end' };
    const seconds = parseNumber(this.#of(node.lastChild!));
    if (!Number.isFinite(seconds)) this.#refuse(node, 'a time behind @ must be a finite number');
    return { at: Math.round(seconds * 1000) };
  }

  #binary(node: SyntaxNode, depth: number): Expr {
    const left = node.firstChild!;
    const operator = left.nextSibling!;
    const op = this.#of(operator).toLowerCase();
    if (op === '</' || op === '>/')
      this.#refuse(operator, `${op} is not supported; use clamp_max or clamp_min`);
    const fill = node.getChild('FillModifier');
    if (fill !== null) this.#unsupportedName(fill, 'fill');
    const binary = (one: Expr): Binary => ({
      kind: 'binary',
      from: node.from,
      op: op as BinaryOp,
      left: one,
      right: this.expr(node.lastChild!, depth + 1),
      bool: node.getChild('BoolModifier') !== null,
      matching: this.#matching(node),
    });
    const base = this.expr(left, depth + 1);
    // The grammar takes a sign for part of the number, and -2 ^ 2 is -(2 ^ 2).
    if (op === '^' && left.name === 'NumberDurationLiteral' && this.#of(left).startsWith('-')) {
      if (base.kind === 'number') {
        return { kind: 'negate', from: node.from, expr: binary({ ...base, value: -base.value }) };
      }
    }
    return binary(base);
  }

  #matching(node: SyntaxNode): Matching {
    const clause = node.getChild('MatchingModifierClause');
    if (clause === null) return { on: false, labels: [], many: 'none', include: [] };
    const [by, include] = clause.getChildren('GroupingLabels').map((each) => this.#labels(each));
    const many =
      clause.getChild('GroupLeft') !== null
        ? 'left'
        : clause.getChild('GroupRight') !== null
          ? 'right'
          : 'none';
    return { on: clause.getChild('On') !== null, labels: by ?? [], many, include: include ?? [] };
  }

  #labels(node: SyntaxNode): string[] {
    const names: string[] = [];
    for (let child = node.firstChild; child !== null; child = child.nextSibling) {
      names.push(labelNameOf(this.#text, child));
    }
    return names;
  }

  #call(node: SyntaxNode, depth: number): Expr {
    const name = this.#of(node.firstChild!);
    const body = node.getChild('FunctionCallBody')!;
    if (!(name in PROMQL_FUNCTIONS)) this.#refuse(node, unknownFunction(name));
    return { kind: 'call', name, from: node.from, args: this.#args(body, depth) };
  }

  #args(body: SyntaxNode, depth: number): Expr[] {
    const args: Expr[] = [];
    for (let child = body.firstChild; child !== null; child = child.nextSibling) {
      args.push(this.expr(child, depth + 1));
    }
    return args;
  }

  #aggregate(node: SyntaxNode, depth: number): Expr {
    const op = this.#of(node.getChild('AggregateOp')!).toLowerCase();
    if (!(PROMQL_AGGREGATIONS as readonly string[]).includes(op)) {
      this.#refuse(node, unknownFunction(op));
    }
    const modifier = node.getChild('AggregateModifier');
    const args = this.#args(node.getChild('FunctionCallBody')!, depth);
    const wanted = ['topk', 'bottomk', 'quantile', 'count_values'].includes(op) ? 2 : 1;
    if (args.length !== wanted) {
      this.#refuse(
        node,
        `wrong number of arguments for ${op}: ${wanted} wanted, ${args.length} given`,
      );
    }
    const grouping = modifier?.getChild('GroupingLabels') ?? null;
    return {
      kind: 'aggregate',
      from: node.from,
      op: op as PromqlAggregation,
      without: modifier?.getChild('Without') !== null && modifier !== null,
      labels: grouping === null ? [] : this.#labels(grouping),
      param: wanted === 2 ? args[0] : undefined,
      expr: args.at(-1)!,
    };
  }

  #unsupported(node: SyntaxNode): never {
    return this.#unsupportedName(node, node.name.replace(/Expr$/, '').toLowerCase());
  }

  #unsupportedName(node: SyntaxNode, name: string): never {
    return this.#refuse(node, unknownFunction(name));
  }

  #string(node: SyntaxNode): string {
    const value = parseString(this.#of(node));
    if (value === undefined)
      this.#refuse(node, 'the string does not end, or has an unknown escape');
    return value;
  }

  #of(node: SyntaxNode): string {
    return this.#text.slice(node.from, node.to);
  }

  #refuse(node: SyntaxNode, detail: string): never {
    throw queryInvalid(this.#text, node.from, detail);
  }
}
