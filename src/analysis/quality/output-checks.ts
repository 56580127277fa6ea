import { z } from 'zod';

import { around, cut, defineCheck, failed, notApplicable, passed } from './check.ts';
import { findCitation } from './citation.ts';
import { jsonOf } from './output-json.ts';
import { findInjection } from './prompt-injection.ts';
import { findRefusal } from './refusal.ts';

export const NO_OUTPUT = 'the output of the run was not captured';

/** Checks of what a run was told and what it said. */

export const outputNotEmpty = defineCheck({
  id: 'output_not_empty',
  severity: 'HIGH',
  summary: 'The run gave an output.',
  onByDefault: true,
  params: z.strictObject({
    min_characters: z
      .int()
      .min(1)
      .max(100_000)
      .default(1)
      .describe('Characters that an output has at least, blanks around it not counted.'),
  }),
  evaluate: ({ run, input, output }, { min_characters }) => {
    if (output === null) {
      // Where inputs are captured, a missing output is one that was not given.
      if (input === null) return notApplicable('neither input nor output of the run was captured');
      if (run.status === 'running') return notApplicable('the run has not ended');
    }
    const text = output?.text.trim() ?? '';
    const length = /^(?:null|undefined|""|''|\{\}|\[\])$/.test(text) ? 0 : text.length;
    const expected = `at least ${min_characters} characters`;
    if (length >= min_characters) return passed(expected, `${length} characters`);
    return failed({
      expected,
      actual: `${length} characters`,
      delta: length - min_characters,
      message: length === 0 ? 'The output is empty.' : `The output has ${length} characters.`,
      spanId: output?.spanId ?? run.runId,
      value: text,
    });
  },
});

export const noRefusalInOutput = defineCheck({
  id: 'no_refusal_in_output',
  severity: 'MEDIUM',
  summary: 'The run did not refuse to do what it was asked.',
  onByDefault: true,
  params: z.strictObject({}),
  evaluate: ({ output }) => {
    if (output === null) return notApplicable(NO_OUTPUT);
    const expected = 'no refusal';
    const text = unquoted(output.text);
    const refusal = findRefusal(text);
    if (refusal === undefined) return passed(expected, 'no refusal');
    const said = cut(text.trim(), 160);
    return failed({
      expected,
      actual: said,
      message: `The output refuses: "${cut(text.trim().slice(0, refusal.length), 120)}".`,
      spanId: output.spanId,
      value: text.trim(),
    });
  },
});

/** The text of an output that is a JSON string. */
function unquoted(text: string): string {
  if (!text.trimStart().startsWith('"')) return text;
  const json = jsonOf(text);
  return typeof json === 'string' ? json : text;
}

export const sourceCited = defineCheck({
  id: 'source_cited',
  severity: 'HIGH',
  summary: 'The output names its sources.',
  onByDefault: false,
  params: z.strictObject({}),
  evaluate: ({ output }) => {
    if (output === null) return notApplicable(NO_OUTPUT);
    if (output.text.trim() === '') return notApplicable('the output is empty');
    const expected = 'a citation';
    const citation = findCitation(output.text);
    if (citation !== undefined) return passed(expected, citation);
    if (output.truncated) return notApplicable('only the beginning of the output was captured');
    return failed({
      expected,
      actual: 'none',
      message:
        'The output names no source: no address, number in brackets, reference or field of sources.',
      spanId: output.spanId,
      value: output.text,
    });
  },
});

export const noPromptInjectionInInput = defineCheck({
  id: 'no_prompt_injection_in_input',
  severity: 'HIGH',
  summary:
    'Neither the input nor a tool’s result tries to give the model orders over its instructions.',
  onByDefault: true,
  params: z.strictObject({
    include_tool_results: z
      .boolean()
      .default(true)
      .describe('Whether what tools brought in is read too.'),
  }),
  evaluate: ({ input, toolCalls }, { include_tool_results }) => {
    const texts = [
      ...(input === null ? [] : [{ where: 'The input', spanId: input.spanId, text: input.text }]),
      ...(include_tool_results ? toolCalls : []).flatMap(({ spanId, name, resultText }) =>
        resultText === null ? [] : [{ where: `A result of ${name}`, spanId, text: resultText }],
      ),
    ];
    if (texts.length === 0) return notApplicable('no input of the run was captured');
    for (const { where, spanId, text } of texts) {
      const found = findInjection(text);
      if (found === undefined) continue;
      return failed({
        expected: 'no orders to the model',
        actual: found.kind,
        message: `${where} tries to steer the model: ${found.kind}.`,
        spanId,
        value: around(text, found.index, found.length),
      });
    }
    return passed('no orders to the model', `none in ${texts.length} texts`);
  },
});
