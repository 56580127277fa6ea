import type { PromqlAggregation } from '../../model/promql-functions.ts';

export type MatchOp = '=' | '!=' | '=~' | '!~';

export interface Matcher {
  readonly name: string;
  readonly op: MatchOp;
  readonly value: string;
}

/** Moves a selector in time: by `offset`, and to a fixed time first when there is `at` (milliseconds since 1970). */
export interface TimeShift {
  readonly offsetMs: number;
  readonly at: number | 'start' | 'end' | undefined;
}

export type BinaryOp =
  | '+'
  | '-'
  | '*'
  | '/'
  | '%'
  | '^'
  | 'atan2'
  | '=='
  | '!='
  | '>'
  | '<'
  | '>='
  | '<='
  | 'and'
  | 'or'
  | 'unless';

export interface Matching {
  /** Whether series pair by the labels named, or by all the others. */
  readonly on: boolean;
  readonly labels: readonly string[];
  /** The side of which several may pair with one of the other. */
  readonly many: 'none' | 'left' | 'right';
  /** Labels taken over from the side of one. */
  readonly include: readonly string[];
}

/** `from` is where in the query's text it begins. */
export type Expr = { readonly from: number } & (
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'string'; readonly value: string }
  | Selector
  | { readonly kind: 'range'; readonly selector: Selector; readonly rangeMs: number }
  | Subquery
  | Aggregate
  | Binary
  | { readonly kind: 'negate'; readonly expr: Expr }
  | { readonly kind: 'call'; readonly name: string; readonly args: readonly Expr[] }
);

export interface Selector {
  readonly kind: 'selector';
  readonly from: number;
  readonly matchers: readonly Matcher[];
  readonly shift: TimeShift;
}

export interface Subquery {
  readonly kind: 'subquery';
  readonly from: number;
  readonly expr: Expr;
  readonly rangeMs: number;
  /** Undefined: the default. */
  readonly stepMs: number | undefined;
  readonly shift: TimeShift;
}

export interface Aggregate {
  readonly kind: 'aggregate';
  readonly from: number;
  readonly op: PromqlAggregation;
  readonly without: boolean;
  readonly labels: readonly string[];
  readonly param: Expr | undefined;
  readonly expr: Expr;
}

export interface Binary {
  readonly kind: 'binary';
  readonly from: number;
  readonly op: BinaryOp;
  readonly left: Expr;
  readonly right: Expr;
  /** Comparisons answer 0 or 1 and keep all. */
  readonly bool: boolean;
  readonly matching: Matching;
}
