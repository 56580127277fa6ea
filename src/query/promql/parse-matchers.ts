import type { SyntaxNode } from '@lezer/common';

import { AppError } from '../../errors.ts';
import type { Matcher, MatchOp } from './ast.ts';
import { NAME } from './labels.ts';
import { parseString } from './literals.ts';
import { compileMatcher } from './match-series.ts';
import { queryInvalid } from './query-error.ts';

/** The matchers of a selector, its metric's name among them. */
export function matchersOf(text: string, node: SyntaxNode): Matcher[] {
  const matchers: Matcher[] = [];
  const name = node.getChild('Identifier');
  if (name !== null) matchers.push(nameIs(text.slice(name.from, name.to)));
  const inBraces = node.getChild('LabelMatchers');
  for (let child = inBraces?.firstChild ?? null; child !== null; child = child.nextSibling) {
    const matcher = matcherOf(text, child);
    if (matcher.name === NAME && matcher.op === '=' && child.name === 'QuotedLabelName') {
      if (matchers.some((each) => each.name === NAME)) {
        throw queryInvalid(text, child.from, 'the metric name is given twice');
      }
    }
    matchers.push(matcher);
  }
  if (matchers.every((matcher) => compileMatcher(matcher)(''))) {
    throw queryInvalid(
      text,
      node.from,
      'a selector must contain at least one matcher that the empty text does not match; name a metric, or use {__name__=~".+"}',
    );
  }
  return matchers;
}

const nameIs = (value: string): Matcher => ({ name: NAME, op: '=', value });

function matcherOf(text: string, node: SyntaxNode): Matcher {
  if (node.name === 'QuotedLabelName') return nameIs(labelNameOf(text, node));
  const label = node.firstChild!;
  const op = node.getChild('MatchOp')!;
  const literal = node.lastChild!;
  const value = parseString(text.slice(literal.from, literal.to));
  if (value === undefined) {
    throw queryInvalid(text, literal.from, 'the string does not end, or has an unknown escape');
  }
  const matcher: Matcher = {
    name: labelNameOf(text, label),
    op: text.slice(op.from, op.to) as MatchOp,
    value,
  };
  try {
    compileMatcher(matcher);
  } catch (error) {
    if (error instanceof AppError) throw queryInvalid(text, literal.from, error.message);
    throw error;
  }
  return matcher;
}

/** A label's name, bare or in quotes. */
export function labelNameOf(text: string, node: SyntaxNode): string {
  const written = text.slice(node.from, node.to);
  if (node.name !== 'QuotedLabelName') return written;
  const name = parseString(written);
  if (name === undefined || name === '') {
    throw queryInvalid(text, node.from, 'the name in quotes does not end, or is empty');
  }
  return name;
}
