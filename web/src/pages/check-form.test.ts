import { expect, test } from 'vitest';

import { formOf, overrideOf, paramFieldsOf } from './check-form.ts';

const FIELDS = paramFieldsOf({
  properties: {
    max_ms: { type: 'number', description: 'How long.' },
    strict: { type: 'boolean' },
    field: { type: 'string' },
    values: { type: 'array' },
    schema: { anyOf: [] },
  },
});

test('parameters of a check are fields by their types', () => {
  expect(FIELDS[0]).toEqual({ name: 'max_ms', kind: 'number', means: 'How long.' });
  expect(FIELDS.slice(1).map(({ kind }) => kind)).toEqual(['boolean', 'text', 'lines', 'json']);
  expect(paramFieldsOf({})).toEqual([]);
});

test('what was decided is typed into the form, and comes out of it as it was', () => {
  const given = {
    check_id: 'latency_within_sla' as const,
    enabled: false,
    severity: 'LOW' as const,
    params: { max_ms: 100, strict: true, field: 'a', values: ['x', 'y z'], schema: { type: 'x' } },
  };
  expect(formOf(given)).toEqual({
    made: 'off',
    severity: 'LOW',
    params: {
      max_ms: '100',
      strict: 'true',
      field: 'a',
      values: 'x\ny z',
      schema: '{"type":"x"}',
    },
  });
  expect(overrideOf('latency_within_sla', formOf(given), FIELDS)).toEqual(given);
});

test('a form that says nothing decides nothing, and a text that cannot be read is named', () => {
  expect(overrideOf('error_free', formOf(undefined), FIELDS)).toBeUndefined();
  const typed = (params: Record<string, string>) =>
    overrideOf('error_free', { ...formOf(undefined), params }, FIELDS);
  expect(() => typed({ max_ms: 'soon' })).toThrow('max_ms must be a number, not "soon".');
  expect(() => typed({ schema: '{' })).toThrow('schema is no JSON.');
});
