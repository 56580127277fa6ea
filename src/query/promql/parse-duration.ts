import type { SyntaxNode } from '@lezer/common';

import { parseNumber } from './literals.ts';
import { queryInvalid } from './query-error.ts';

const ARITHMETIC: Readonly<Record<string, (a: number, b: number) => number>> = {
  Add: (a, b) => a + b,
  Sub: (a, b) => a - b,
  Mul: (a, b) => a * b,
  Div: (a, b) => a / b,
  Mod: (a, b) => a % b,
  Pow: (a, b) => a ** b,
};
const DURATION_MS_MAX = 1_000 * 365 * 86_400_000;

/** Milliseconds of a range, step or offset, which may be reckoned: `[5m * 2]`. */
export function durationOf(text: string, node: SyntaxNode): number {
  const ms = Math.round(secondsOf(text, node) * 1000);
  if (!Number.isFinite(ms) || Math.abs(ms) > DURATION_MS_MAX) {
    throw queryInvalid(text, node.from, 'the duration is out of range');
  }
  return ms;
}

function secondsOf(text: string, node: SyntaxNode): number {
  if (node.name === 'NumberDurationLiteralInDurationContext') {
    return parseNumber(text.slice(node.from, node.to));
  }
  const first = node.firstChild;
  if (first === null || !(node.name === 'DurationExpr' || node.name === 'OffsetDurationExpr')) {
    throw queryInvalid(text, node.from, 'write a duration such as 5m or 1h30m');
  }
  if (first.name === 'UnaryOp') {
    const value = secondsOf(text, node.lastChild!);
    return text[first.from] === '-' ? -value : value;
  }
  const operator = first.nextSibling;
  if (operator === null) return secondsOf(text, first);
  const reckon = ARITHMETIC[operator.name];
  if (reckon === undefined) {
    throw queryInvalid(text, node.from, 'write a duration such as 5m or 1h30m');
  }
  return reckon(secondsOf(text, first), secondsOf(text, node.lastChild!));
}
