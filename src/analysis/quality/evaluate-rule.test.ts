import { describe, expect, test } from 'vitest';

import { NO_TOKENS, RUN_ID, runDetailOf } from '../../../test/harness/run-detail.ts';
import type { QualityRule, RuleDefinition } from '../../model/quality-rule.ts';
import type { RunDetail } from '../../model/run.ts';
import { evaluateRule, isTarget } from './evaluate-rule.ts';
import { ruleDefinition } from './rule-definition.ts';

const RULE: QualityRule = {
  id: 'rul_1',
  project: 'default',
  name: 'the rule',
  description: '',
  targetTraceName: '',
  targetAgent: '',
  severity: 'MEDIUM',
  enabled: true,
  definition: { type: 'COMPLETENESS', fields: ['a'], phrases: [], min_characters: 0 },
  createdAtMs: 0,
  updatedAtMs: 0,
};

/** Outcome and message of a rule, as it is written in a request. */
function outcomeOf(written: object, detail: RunDetail): string {
  const definition: RuleDefinition = ruleDefinition.parse(written);
  const found = evaluateRule(detail, { ...RULE, definition });
  if ('reason' in found) return `does not apply: ${found.reason}`;
  const { outcome, message } = found.result;
  return message === '' ? outcome : `${outcome}: ${message}`;
}

const talk = (input: string, output: string) => runDetailOf({ input, output });

test('a result bears the name of its rule and a score', () => {
  expect(evaluateRule(runDetailOf({ output: '{}' }), RULE)).toMatchObject({
    result: {
      source: 'rule',
      name: 'BR: the rule',
      key: 'rul_1',
      severity: 'MEDIUM',
      outcome: 'failed',
      score: 0,
      expected: 'a',
      actual: 'without a',
      evidence: { spanId: 'c'.repeat(16), value: '{}' },
    },
  });
  expect(evaluateRule(runDetailOf({ output: '{"a":1}' }), RULE)).toMatchObject({
    result: { outcome: 'passed', score: 1, evidence: null },
  });
});

test.each([
  ['', '', true],
  ['invoke_agent assistant', '', true],
  ['invoke_agent *', 'assist*', true],
  ['*agent*', '', true],
  ['agent', '', false],
  ['invoke.agent *', '', false],
  ['', 'other', false],
])('the target %j of %j is held against the names of run and agent', (trace, agent, is) => {
  const rule = { ...RULE, targetTraceName: trace, targetAgent: agent };
  expect(isTarget(runDetailOf(), rule)).toBe(is);
});

describe('INPUT_OUTPUT_CONSISTENCY', () => {
  const type = 'INPUT_OUTPUT_CONSISTENCY';

  test('compares fields', () => {
    const rule = { type, pairs: [{ input: 'order.id', output: 'id' }] };
    expect(outcomeOf(rule, talk('{"order":{"id":"A7"}}', '{"id":"A7"}'))).toBe('passed');
    expect(outcomeOf(rule, talk('{"order":{"id":"A7"}}', '{"id":"A8"}'))).toBe(
      'failed: id does not agree with order.id of the input.',
    );
    expect(outcomeOf(rule, talk('words', '{"id":"A8"}'))).toBe(
      'does not apply: the input has nothing at order.id',
    );
    const number = { type, pairs: [{ input: 'a', output: 'b', compare: 'number' }] };
    expect(outcomeOf(number, talk('{"a":"$1,000.10"}', '{"b":1000.1}'))).toBe('passed');
    const contains = { type, pairs: [{ input: 'a', output: '', compare: 'contains' }] };
    expect(outcomeOf(contains, talk('{"a":"A7"}', 'Order A7 is sent.'))).toBe('passed');
  });

  test('carries what a pattern finds over to the output', () => {
    const rule = { type, pattern: 'order ([A-Z]\\d+)' };
    expect(outcomeOf(rule, talk('order A7, order B8', 'A7 and B8'))).toBe('passed');
    expect(outcomeOf(rule, talk('order A7, order B8', 'A7'))).toBe(
      'failed: The output lacks what the input has: B8.',
    );
    expect(outcomeOf(rule, talk('nothing', 'A7'))).toBe(
      'does not apply: the pattern finds nothing in the input',
    );
  });
});

describe('THRESHOLD_RANGE', () => {
  const type = 'THRESHOLD_RANGE';

  test('holds a field of the output within its bounds', () => {
    const rule = { type, field: 'score', min: 0, max: 1 };
    expect(outcomeOf(rule, talk('', '{"score": 1}'))).toBe('passed');
    expect(outcomeOf(rule, talk('', '{"score": 1.5}'))).toBe(
      'failed: score is 1.5, which is not at least 0 and at most 1.',
    );
    expect(outcomeOf(rule, talk('', '{"score": "high"}'))).toBe(
      'does not apply: the output has no number at score',
    );
  });

  test('holds a measure of the run within its bounds', () => {
    const detail = runDetailOf({
      run: { cost: 20_000_000_000n, tokens: { ...NO_TOKENS, input: 5, output: 6 } },
    });
    expect(outcomeOf({ type, measure: 'cost_usd', max: 0.01 }, detail)).toBe(
      'failed: cost_usd is 0.02, which is not at most 0.01.',
    );
    expect(outcomeOf({ type, measure: 'total_tokens', max: 11 }, detail)).toBe('passed');
    expect(outcomeOf({ type, measure: 'duration_ms', max: 1_500 }, detail)).toBe('passed');
    expect(outcomeOf({ type, measure: 'cost_usd', max: 1 }, runDetailOf())).toBe(
      'does not apply: cost_usd of the run is not known',
    );
  });
});

describe('PATTERN_FORMAT', () => {
  const type = 'PATTERN_FORMAT';

  test.each([
    ['EMAIL', 'ada@example.org', 'ada at example.org'],
    ['URL', 'https://example.org/a?b=c', 'example.org'],
    ['PHONE', '+49 30 1234567', '12 34'],
  ])('%s is %s and not %s', (name, right, wrong) => {
    const rule = { type, format: name, field: 'a', whole: true };
    expect(outcomeOf(rule, talk('', JSON.stringify({ a: right })))).toBe('passed');
    expect(outcomeOf(rule, talk('', JSON.stringify({ a: wrong })))).toBe(
      `failed: a is not of the form ${name}.`,
    );
  });

  test('asks for a pattern, or that there be none', () => {
    expect(outcomeOf({ type, pattern: '^INV-\\d+$' }, talk('', 'INV-7'))).toBe('passed');
    expect(outcomeOf({ type, pattern: 'INV-\\d+', whole: true }, talk('', 'is INV-7'))).toBe(
      'failed: The output is not of the form INV-\\d+.',
    );
    expect(
      outcomeOf({ type, pattern: '(?i)guarantee', must_match: false }, talk('', 'A guarantee!')),
    ).toBe('failed: The output has the form (?i)guarantee.');
    expect(outcomeOf({ type, pattern: 'x', field: 'no' }, talk('', '{}'))).toBe(
      'failed: The output has no no.',
    );
  });

  test('no pattern takes long', () => {
    const started = performance.now();
    const rule = { type, pattern: '(a+)+$' };
    expect(outcomeOf(rule, talk('', `${'a'.repeat(20_000)}!`))).toMatch(/^failed/);
    expect(performance.now() - started).toBeLessThan(2_000);
  });
});

test('COMPLETENESS asks for fields, phrases and length', () => {
  const rule = {
    type: 'COMPLETENESS',
    fields: ['name'],
    phrases: ['Kind regards'],
    min_characters: 30,
  };
  expect(outcomeOf(rule, talk('', '{"name":"Ada","end":"kind regards"}'))).toBe('passed');
  expect(outcomeOf(rule, talk('', '{"name":""}'))).toBe(
    'failed: The output lacks name, Kind regards, 30 characters.',
  );
});

test.each([
  [{ type: 'THRESHOLD_RANGE', field: 'a' }, 'give min, max or both'],
  [{ type: 'THRESHOLD_RANGE', max: 1 }, 'give a field or a measure'],
  [{ type: 'THRESHOLD_RANGE', field: 'a', min: 2, max: 1 }, 'min must not be above max'],
  [{ type: 'PATTERN_FORMAT' }, 'give a pattern or a format'],
  [{ type: 'PATTERN_FORMAT', pattern: '(?=a)' }, 'no pattern of RE2'],
  [{ type: 'PATTERN_FORMAT', pattern: '(' }, 'no pattern of RE2'],
  [{ type: 'COMPLETENESS' }, 'give fields, phrases or min_characters'],
  [{ type: 'INPUT_OUTPUT_CONSISTENCY' }, 'give pairs or a pattern'],
  [{ type: 'OTHER' }, 'Invalid'],
])('%j is refused', (written, why) => {
  const parsed = ruleDefinition.safeParse(written);
  expect(parsed.error?.issues.map(({ message }) => message).join()).toContain(why);
});

test('what is about the run as a whole names its root span', () => {
  const definition = ruleDefinition.parse({
    type: 'THRESHOLD_RANGE',
    measure: 'tool_calls',
    min: 1,
  });
  expect(evaluateRule(runDetailOf(), { ...RULE, definition })).toMatchObject({
    result: { delta: -1, evidence: { spanId: RUN_ID, value: '0' } },
  });
});
