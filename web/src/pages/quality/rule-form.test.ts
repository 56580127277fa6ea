import { describe, expect, it } from 'vitest';
import { NEW_RULE, describeRule, draftOf, formOf, lackOf } from './rule-form.ts';

const refunds = {
  name: 'refunds are small',
  description: '',
  target_agent: 'support-*',
  target_trace_name: '',
  severity: 'HIGH',
  enabled: true,
  definition: { type: 'THRESHOLD_RANGE', field: 'refund', measure: null, min: null, max: 100 },
} as const;

describe('a rule in a form', () => {
  it('comes back as it was', () => {
    expect(draftOf(formOf(refunds))).toEqual(refunds);
  });

  it('takes from JSON only what fits, and the rest as usual', () => {
    const form = formOf({
      name: 'x',
      definition: { type: 'COMPLETENESS', fields: 'no list', phrases: ['a', ' '] } as never,
    });
    expect(draftOf(form)).toEqual({
      name: 'x',
      description: '',
      target_agent: '',
      target_trace_name: '',
      severity: 'MEDIUM',
      enabled: true,
      definition: { type: 'COMPLETENESS', fields: [], phrases: ['a'], min_characters: 0 },
    });
  });

  it('says what it lacks, one thing at a time', () => {
    const { definitions } = NEW_RULE;
    const named = { ...NEW_RULE, name: 'x' };
    const bounds = (min: number | null, max: number | null) => ({
      ...named,
      definitions: {
        ...definitions,
        THRESHOLD_RANGE: { ...definitions.THRESHOLD_RANGE, min, max },
      },
    });
    expect([
      lackOf(NEW_RULE),
      lackOf(named),
      lackOf(bounds(5, 1)),
      lackOf(bounds(1, 5)),
      lackOf({ ...named, type: 'PATTERN_FORMAT' }),
      lackOf({ ...named, type: 'COMPLETENESS' }),
      lackOf({ ...named, type: 'INPUT_OUTPUT_CONSISTENCY' }),
    ]).toEqual([
      'Give the rule a name.',
      'Give a least or a greatest value.',
      'The least value is above the greatest.',
      undefined,
      'Give a pattern, or choose a form.',
      'Name a field or a phrase, or give a least length.',
      'Give a pair of fields, or a pattern.',
    ]);
  });

  it('is said in a sentence', () => {
    expect(describeRule(refunds.definition)).toBe('refund: at most 100');
    expect(
      describeRule({
        type: 'COMPLETENESS',
        fields: ['total'],
        phrases: ['Regards'],
        min_characters: 20,
      }),
    ).toBe('output has total, “Regards”, 20 characters');
  });
});
