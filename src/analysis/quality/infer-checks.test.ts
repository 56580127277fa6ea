import { describe, expect, test } from 'vitest';

import { NO_TOKENS, runDetailOf } from '../../../test/harness/run-detail.ts';
import type { CheckId } from '../../model/quality.ts';
import { settingsOf } from './check-setting.ts';
import type { Inference } from './check-setting.ts';
import { confidenceOf, inferChecks } from './infer-checks.ts';
import type { RunSample } from './run-sample.ts';
import { sampleOf } from './run-sample.ts';

const samples = (count: number, output: (index: number) => string): RunSample[] =>
  Array.from({ length: count }, (_, index) => sampleOf(runDetailOf({ output: output(index) })));

const invoice = (): string =>
  JSON.stringify({ lines: [{ amount: 5 }], subtotal: 5, tax: 1, total: 6, note: null });

function inferred(
  id: CheckId,
  agent: string,
  seen: readonly RunSample[],
  previous: readonly Inference[] = [],
): Inference | undefined {
  return inferChecks(agent, seen, previous).find(({ checkId }) => checkId === id);
}

test('few runs say nothing, unless the name does', () => {
  expect(inferChecks('assistant', samples(19, invoice), []).map(({ checkId }) => checkId)).toEqual(
    [],
  );
  expect(inferred('subtotal_arithmetic', 'invoice-reader', [])).toEqual({
    checkId: 'subtotal_arithmetic',
    enabled: true,
    params: {},
    reason: 'Its name has "invoice", which speaks of amounts.',
    confidence: 0.5,
    runs: 0,
  });
});

test('the shape of outputs asks for checks, with the share and a confidence that grows with the runs', () => {
  const found = inferred('subtotal_arithmetic', 'assistant', samples(20, invoice));
  expect(found).toMatchObject({
    enabled: true,
    reason: '100 % of its last 20 outputs have line items beside a subtotal or total.',
    confidence: 0.84,
    runs: 20,
  });
  expect(inferred('tax_calculation', 'assistant', samples(100, invoice))?.confidence).toBe(0.96);
  const mixed = samples(100, (index) => (index % 5 < 3 ? invoice() : 'no invoice'));
  expect(inferred('subtotal_arithmetic', 'assistant', mixed)).toBeUndefined();
});

test('a name that outputs speak against asks for nothing', () => {
  expect(
    inferred(
      'source_cited',
      'research-helper',
      samples(20, () => 'No.'),
    ),
  ).toMatchObject({
    enabled: false,
    reason:
      'Its name has "research", which speaks of sources, but only 0 % of its last 20 outputs cite a source.',
  });
});

test('fields that nearly all outputs have are required, with the types they had', () => {
  const seen = samples(40, (index) =>
    JSON.stringify({ id: index, tags: ['a'], ...(index % 2 === 0 ? { extra: 'x' } : {}) }),
  );
  expect(inferred('required_fields_present', 'assistant', seen)?.params).toEqual({
    fields: ['id', 'tags'],
  });
  expect(inferred('output_schema_valid', 'assistant', seen)?.params).toEqual({
    schema: {
      type: 'object',
      required: ['id', 'tags'],
      properties: { id: { type: ['number'] }, tags: { type: ['array'] } },
    },
  });
});

describe('decisions', () => {
  const deciding = (values: readonly string[]) =>
    samples(values.length, (index) => JSON.stringify({ decision: values[index] }));
  const both = Array.from({ length: 60 }, (_, index) => (index % 2 === 0 ? 'APPROVE' : 'REJECT'));

  test('are the values that were seen more than once', () => {
    expect(
      inferred('decision_is_valid_enum', 'assistant', deciding([...both, 'aprove'])),
    ).toMatchObject({ params: { field: 'decision', values: ['APPROVE', 'REJECT'] } });
  });

  test('are not words that differ from run to run', () => {
    const words = Array.from({ length: 40 }, (_, index) => `note ${index % 30}`);
    expect(inferred('decision_is_valid_enum', 'assistant', deciding(words))).toBeUndefined();
  });

  test('of one word need no JSON', () => {
    const seen = samples(30, (index) => (index % 3 === 0 ? 'spam' : 'ham'));
    expect(inferred('decision_is_valid_enum', 'assistant', seen)?.params).toEqual({
      field: '',
      values: ['ham', 'spam'],
    });
  });

  test('come to be known when they become usual', () => {
    const first = inferChecks('assistant', deciding(both), []);
    const later = deciding([...both.slice(0, 40), ...Array<string>(5).fill('ESCALATE')]);
    expect(inferred('decision_is_valid_enum', 'assistant', later, first)?.params['values']).toEqual(
      ['APPROVE', 'ESCALATE', 'REJECT'],
    );
  });
});

test('an agent that gets worse keeps the check that shows it, until its outputs are something else', () => {
  const settled = inferChecks('assistant', samples(60, invoice), []);
  const worse = samples(60, (index) => (index % 10 < 6 ? invoice() : 'cannot say'));
  expect(inferred('required_fields_present', 'assistant', worse, settled)).toEqual(
    settled.find(({ checkId }) => checkId === 'required_fields_present'),
  );
  const other = samples(60, (index) => (index % 10 < 4 ? invoice() : 'cannot say'));
  expect(inferred('required_fields_present', 'assistant', other, settled)).toBeUndefined();
});

test('budgets follow what is usual, and slow agents get a longer time', () => {
  const seen = Array.from({ length: 20 }, (_, index) =>
    sampleOf(
      runDetailOf({
        run: {
          durationNs: 40_000_000_000n,
          tokens: { ...NO_TOKENS, input: 900 + index, output: 100 },
        },
      }),
    ),
  );
  expect(inferred('latency_within_sla', 'assistant', seen)?.params).toEqual({ max_ms: 120_000 });
  expect(inferred('tokens_within_budget', 'assistant', seen)?.params).toEqual({
    max_tokens: 4_000,
  });
});

test('a person decides before inference, parameter by parameter', () => {
  const inferences = inferChecks('invoice-reader', samples(20, invoice), []);
  const settings = settingsOf(inferences, [
    { checkId: 'subtotal_arithmetic', params: { tolerance: 1 }, severity: 'LOW' },
    { checkId: 'error_free', enabled: false },
  ]);
  const of = (id: CheckId) => settings.find(({ check }) => check.id === id);
  expect(of('subtotal_arithmetic')).toMatchObject({
    enabled: true,
    severity: 'LOW',
    params: { tolerance: 1, result_field: '', component_fields: [] },
    origin: 'override',
    confidence: null,
  });
  expect(of('error_free')).toMatchObject({ enabled: false, origin: 'override' });
  expect(of('tax_calculation')).toMatchObject({ enabled: true, origin: 'inferred' });
  expect(of('output_not_empty')).toMatchObject({
    enabled: true,
    origin: 'default',
    reason: 'Made on every agent.',
    confidence: null,
  });
  expect(of('source_cited')).toMatchObject({ enabled: false, origin: 'default' });
});

test('confidence is the lower bound of the share', () => {
  expect([confidenceOf(0, 0), confidenceOf(10, 10), confidenceOf(80, 100)]).toEqual([
    0, 0.72, 0.71,
  ]);
});
