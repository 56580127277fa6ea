import { z } from 'zod';

import type { RuleDefinition } from '../../model/quality-rule.ts';
import { RULE_FORMATS, RULE_MEASURES } from '../../model/quality-rule.ts';
import { compilePattern, PATTERN_LENGTH_MAX } from './linear-pattern.ts';
import { messageOf } from '../../errors.ts';

/** What a rule may say, as a request has it. */

const path = z.string().max(200);
const somePath = path.min(1);
const pattern = z
  .string()
  .max(PATTERN_LENGTH_MAX)
  .default('')
  .superRefine((value, context) => {
    try {
      compilePattern(value);
    } catch (error) {
      context.addIssue({ code: 'custom', message: messageOf(error) });
    }
  });
const bound = z.number().nullable().default(null);

const consistency = z
  .strictObject({
    type: z.literal('INPUT_OUTPUT_CONSISTENCY'),
    pairs: z
      .array(
        z.strictObject({
          input: path,
          output: path,
          compare: z.enum(['equal', 'contains', 'number']).default('equal'),
        }),
      )
      .max(50)
      .default([])
      .describe('Fields of the input that fields of the output must agree with.'),
    pattern: pattern.describe('What it finds in the input must stand in the output.'),
  })
  .refine(({ pairs, pattern: text }) => pairs.length > 0 || text !== '', 'give pairs or a pattern');

const range = z
  .strictObject({
    type: z.literal('THRESHOLD_RANGE'),
    field: path.default('').describe('Path of a number in a JSON output.'),
    measure: z.enum(RULE_MEASURES).nullable().default(null),
    min: bound,
    max: bound,
  })
  .refine(
    ({ field, measure }) => (field === '') !== (measure === null),
    'give a field or a measure, one of the two',
  )
  .refine(({ min, max }) => min !== null || max !== null, 'give min, max or both')
  .refine(
    ({ min, max }) => min === null || max === null || min <= max,
    'min must not be above max',
  );

const format = z
  .strictObject({
    type: z.literal('PATTERN_FORMAT'),
    source: z.enum(['input', 'output']).default('output'),
    field: path.default('').describe('Path in JSON; empty: the text as a whole.'),
    pattern,
    format: z.enum(RULE_FORMATS).nullable().default(null),
    whole: z.boolean().default(false).describe('Whether all of the text must be of the form.'),
    must_match: z.boolean().default(true),
  })
  .refine(
    (rule) => (rule.pattern === '') !== (rule.format === null),
    'give a pattern or a format, one of the two',
  );

const completeness = z
  .strictObject({
    type: z.literal('COMPLETENESS'),
    fields: z.array(somePath).max(100).default([]),
    phrases: z.array(z.string().min(1).max(500)).max(100).default([]),
    min_characters: z.int().min(0).max(1_000_000).default(0),
  })
  .refine(
    ({ fields, phrases, min_characters }) =>
      fields.length > 0 || phrases.length > 0 || min_characters > 0,
    'give fields, phrases or min_characters',
  );

export const ruleDefinition = z.discriminatedUnion('type', [
  consistency,
  range,
  format,
  completeness,
]) satisfies z.ZodType<RuleDefinition>;
