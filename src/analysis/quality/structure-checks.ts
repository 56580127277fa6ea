import { z } from 'zod';

import type { RunContent } from '../../model/run.ts';
import type { Verdict } from './check.ts';
import { cut, defineCheck, failed, notApplicable, passed } from './check.ts';
import { compileSchema } from './json-schema.ts';
import { isFilled, isObject, jsonOf, valueAt } from './output-json.ts';
import { NO_OUTPUT } from './output-checks.ts';

/** Checks of outputs that have a form. */

const path = z.string().min(1).max(200);

export const outputSchemaValid = defineCheck({
  id: 'output_schema_valid',
  severity: 'HIGH',
  summary: 'The output is JSON that fits a JSON Schema.',
  onByDefault: false,
  params: z.strictObject({
    schema: z
      .union([z.boolean(), z.record(z.string(), z.json())])
      .default({ type: 'object' })
      .describe('JSON Schema, draft 2020-12, or draft 7 where $schema says so.'),
  }),
  evaluate: ({ output }, { schema }) => {
    const json = jsonOutput(output);
    if (!json.found) return json.verdict;
    const expected = 'an output that fits the schema';
    const fault = compileSchema(schema)(json.value);
    if (fault === undefined) return passed(expected, 'fits');
    return failed({
      expected,
      actual: fault,
      message: `The output does not fit the schema: ${fault}.`,
      spanId: output!.spanId,
      value: output!.text,
    });
  },
});

export const requiredFieldsPresent = defineCheck({
  id: 'required_fields_present',
  severity: 'HIGH',
  summary: 'The output is JSON and has the fields that it needs, each with a value.',
  onByDefault: false,
  params: z.strictObject({
    fields: z
      .array(path)
      .max(100)
      .default([])
      .describe('Paths such as `invoice.total` or `lines[0].amount`.'),
  }),
  evaluate: ({ output }, { fields }) => {
    if (fields.length === 0) return notApplicable('no fields are required');
    const json = jsonOutput(output);
    if (!json.found) return json.verdict;
    const missing = fields.filter((field) => !isFilled(valueAt(json.value, field)));
    const expected = fields.join(', ');
    if (missing.length === 0) return passed(expected, `${fields.length} fields`);
    return failed({
      expected,
      actual: `without ${missing.join(', ')}`,
      delta: -missing.length,
      message: `The output lacks ${missing.join(', ')}.`,
      spanId: output!.spanId,
      value: output!.text,
    });
  },
});

export const decisionIsValidEnum = defineCheck({
  id: 'decision_is_valid_enum',
  severity: 'HIGH',
  summary: 'The decision is one of those that there are.',
  onByDefault: false,
  params: z.strictObject({
    field: z
      .string()
      .max(200)
      .default('decision')
      .describe('Path of the decision in a JSON output; empty: the output as a whole.'),
    values: z.array(z.string().max(200)).max(200).default([]).describe('The decisions there are.'),
    ignore_case: z.boolean().default(false).describe('Whether `Approve` is the same as `APPROVE`.'),
  }),
  evaluate: ({ output }, { field, values, ignore_case }) => {
    if (values.length === 0) return notApplicable('the decisions that there are were not named');
    if (output === null) return notApplicable(NO_OUTPUT);
    const decision = field === '' ? output.text.trim() : decisionAt(output, field);
    const expected = values.join(', ');
    const fold = (text: string): string => (ignore_case ? text.toLowerCase() : text);
    const about = { expected, spanId: output.spanId, value: output.text };
    if (decision === undefined) {
      if (output.truncated) return notApplicable('only the beginning of the output was captured');
      const message = `The output has no ${field}.`;
      return failed({ ...about, actual: 'none', message });
    }
    if (values.some((value) => fold(value) === fold(decision))) return passed(expected, decision);
    return failed({
      ...about,
      actual: decision,
      message: `${cut(decision, 80)} is none of ${cut(expected, 200)}.`,
    });
  },
});

function decisionAt(output: RunContent, field: string): string | undefined {
  const value = valueAt(jsonOf(output.text), field);
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined;
}

type JsonOutput =
  | { readonly found: true; readonly value: unknown }
  | { readonly found: false; readonly verdict: Verdict };

/** The output as JSON, or the verdict of a check that asks for JSON. */
function jsonOutput(output: RunContent | null): JsonOutput {
  if (output === null) return { found: false, verdict: notApplicable(NO_OUTPUT) };
  const value = jsonOf(output.text);
  if (value !== undefined && (isObject(value) || !output.truncated)) return { found: true, value };
  if (output.truncated) {
    const verdict = notApplicable('only the beginning of the output was captured');
    return { found: false, verdict };
  }
  const verdict = failed({
    expected: 'JSON',
    actual: 'other text',
    message: 'The output is not JSON.',
    spanId: output.spanId,
    value: output.text,
  });
  return { found: false, verdict };
}
