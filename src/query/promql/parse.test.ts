import * as fc from 'fast-check';
import { expect, test } from 'vitest';

import { AppError } from '../../errors.ts';
import { PROMQL_FUNCTIONS } from '../../model/promql-functions.ts';
import { parseDuration, parseNumber, parseString } from './literals.ts';
import { parsePromql } from './parse.ts';

const refusal = (text: string): string => {
  try {
    parsePromql(text);
  } catch (error) {
    return (error as Error).message;
  }
  return 'taken';
};

test('a query is read into what it means', () => {
  expect(
    parsePromql('sum by (model) (rate({"gen_ai.x_total", "a.b"!~"c.*"}[5m] offset 1h @ 12.5))'),
  ).toEqual({
    kind: 'aggregate',
    from: 0,
    op: 'sum',
    without: false,
    labels: ['model'],
    param: undefined,
    expr: {
      kind: 'call',
      from: 16,
      name: 'rate',
      args: [
        {
          kind: 'range',
          from: 21,
          rangeMs: 300_000,
          selector: {
            kind: 'selector',
            from: 21,
            matchers: [
              { name: '__name__', op: '=', value: 'gen_ai.x_total' },
              { name: 'a.b', op: '!~', value: 'c.*' },
            ],
            shift: { offsetMs: 3_600_000, at: 12_500 },
          },
        },
      ],
    },
  });
  expect(parsePromql('max_over_time(a[1h:5m] offset -2m)')).toMatchObject({
    args: [
      { kind: 'subquery', rangeMs: 3_600_000, stepMs: 300_000, shift: { offsetMs: -120_000 } },
    ],
  });
});

test.each([
  ['', '1:1: parse error: no expression found in input'],
  ['sum(rate(a[5m])', '1:16: parse error: unexpected the end of the query'],
  ['a +\n  foo(b)', '2:3: parse error: unknown function with name "foo"'],
  [
    'incrase(a[5m])',
    '1:1: parse error: unknown function with name "incrase"; did you mean increase()?',
  ],
  [
    'rate(a)',
    '1:6: parse error: expected type range vector in call to function "rate", got instant vector; add a range such as [5m]',
  ],
  [
    'abs(a[5m])',
    '1:5: parse error: expected type instant vector in call to function "abs", got range vector',
  ],
  [
    'rate(a[5m], 1)',
    '1:1: parse error: wrong number of arguments in call to rate: 1 wanted, 2 given',
  ],
  [
    '{a=~".*"}',
    '1:1: parse error: a selector must contain at least one matcher that the empty text does not match; name a metric, or use {__name__=~".+"}',
  ],
  ['1 > 2', '1:1: parse error: comparisons between scalars must use bool: > bool'],
  [
    'a and 1',
    '1:1: parse error: set operator and is not allowed with a scalar; wrap it as vector(…)',
  ],
  ['limitk(2, a)', '1:1: parse error: limitk is not supported; use topk(k, …)'],
  [
    'histogram_count(a)',
    '1:1: parse error: histogram_count is not supported; histograms are kept as classic series here: use the series …_count',
  ],
  ['a offset 5m offset 5m', '1:1: parse error: offset may not be set multiple times'],
  [
    'sum(a) offset 5m',
    '1:1: parse error: offset and @ are only allowed behind selectors and subqueries',
  ],
])('%j is refused: %s', (text, message) => {
  expect(refusal(text)).toBe(message);
});

test('a pattern that RE2 does not know is refused at its place', () => {
  expect(refusal('a{b=~"(?=c)"}')).toMatch(/^1:6: parse error: "\(\?=c\)" is no pattern of RE2/);
});

test('numbers, durations and strings are written as in Go', () => {
  expect([parseDuration('1h30m'), parseDuration('5'), parseDuration('1y2w3d4ms')]).toEqual([
    5_400_000,
    undefined,
    (365 + 14 + 3) * 86_400_000 + 4,
  ]);
  expect([
    parseNumber('0x1F'),
    parseNumber('-1_000.5e2'),
    parseNumber('+Inf'),
    parseNumber('5m'),
  ]).toEqual([31, -100_050, Infinity, 300]);
  expect([
    parseString('"a\\n\\x41\\u00e9"'),
    parseString("'it\\'s'"),
    parseString('`\\n`'),
  ]).toEqual(['a\nAé', "it's", '\\n']);
});

test('deep nesting is refused before it costs anything, and never overflows the stack', () => {
  const deep = 'parse error: expressions may be nested 200 deep';
  const many = 5_000;
  expect(refusal('('.repeat(many))).toBe(`1:201: ${deep}`);
  expect(refusal('sum('.repeat(201))).toBe(`1:804: ${deep}`);
  expect(refusal(`rate(x[${'('.repeat(many)}5m`)).toBe(`1:206: ${deep}`);
  expect(refusal('x ^ '.repeat(1_000) + 'x')).toBe(`1:801: ${deep}`);
  expect(refusal('x or '.repeat(201) + 'x')).toBe(`1:1: ${deep}`);
  for (const text of ['1+'.repeat(many), '-'.repeat(many), `x offset ${'-'.repeat(many)}`]) {
    expect(refusal(`${text}1`)).toMatch(/^1:\d+: parse error: /);
  }
  expect(refusal(`rate(x[${'5m+'.repeat(many)}5m])`)).toMatch(/^1:\d+: parse error: /);
  // Brackets in texts and comments are no nesting.
  const text = '('.repeat(1_000);
  expect(
    parsePromql(`count_values("v", x{a="${text}\\"(", b='${text}', c=\`${text}\`}) # ${text}`),
  ).toEqual(expect.objectContaining({ kind: 'aggregate', op: 'count_values' }));
  expect(parsePromql(`${'sum('.repeat(199)}x${')'.repeat(199)}`).kind).toBe('aggregate');
});

test('any text is taken or refused as a query that is not valid, and never fails otherwise', () => {
  const word = fc.constantFrom(
    'a',
    '{',
    '}',
    '(',
    ')',
    '[5m]',
    '[1h:1m]',
    '"x"',
    '=',
    '=~',
    ',',
    '+',
    '-',
    '^',
    ' by ',
    ' on ',
    '1',
    'offset 5m',
    '@ 1',
    ' bool ',
    ...Object.keys(PROMQL_FUNCTIONS),
    'sum',
    'topk',
    'group_left',
    'unless',
  );
  const text = fc.oneof(
    fc.string({ maxLength: 40 }),
    fc.array(word, { maxLength: 12 }).map((words) => words.join('')),
  );
  fc.assert(
    fc.property(text, (query) => {
      try {
        parsePromql(query);
      } catch (error) {
        expect(error).toBeInstanceOf(AppError);
        expect((error as AppError).code).toBe('VALIDATION_ERROR');
      }
    }),
    { numRuns: 400 },
  );
});
