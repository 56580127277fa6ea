import { compileGlob } from '../../base/glob.ts';
import type { QualityResult } from '../../model/quality.ts';
import type {
  QualityRule,
  RuleDefinition,
  RuleFormat,
  RuleMeasure,
} from '../../model/quality-rule.ts';
import { toDollars } from '../../model/money.ts';
import type { RunContent, RunDetail } from '../../model/run.ts';
import type { Verdict } from './check.ts';
import { cut, failed, notApplicable, passed } from './check.ts';
import { isNear, parseDecimal, ZERO } from './decimal.ts';
import { resultOf } from './evaluate-run.ts';
import type { LinearPattern } from './linear-pattern.ts';
import { compilePattern } from './linear-pattern.ts';
import { isFilled, jsonOf, valueAt } from './output-json.ts';
import { tokensOf } from './outcome-checks.ts';

/** Finds in the input that must stand in the output, at most. */
const FOUND_MAX = 100;
const NS_PER_MS = 1e6;

const FORMATS: Readonly<Record<RuleFormat, LinearPattern>> = {
  EMAIL: compilePattern(
    '[A-Za-z0-9._%+-]{1,64}@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\\.)+[A-Za-z]{2,24}',
  ),
  URL: compilePattern('https?://[^\\s/$.?#"<>][^\\s"<>]*'),
  PHONE: compilePattern('(?:\\+[1-9]|\\(?0|[1-9])[0-9]?(?:[ ().\\-/]{0,2}[0-9]){6,13}'),
};

/** Whether the rule is for the run. */
export function isTarget({ run }: Pick<RunDetail, 'run'>, rule: QualityRule): boolean {
  return matchesName(run.name, rule.targetTraceName) && matchesName(run.agent, rule.targetAgent);
}

const matchesName = (name: string, wanted: string): boolean =>
  wanted === '' || compileGlob(wanted)(name);

/** The result of a rule on a run it is for, named `BR: <name>` with a score of 0 or 1; or why there is none. */
export function evaluateRule(
  detail: RunDetail,
  rule: QualityRule,
): { readonly result: QualityResult } | { readonly reason: string } {
  const verdict = verdictOf(detail, rule.definition);
  if (verdict.kind === 'not_applicable') return { reason: verdict.reason };
  const { severity, name, id } = rule;
  return {
    result: resultOf(detail, verdict, { source: 'rule', name: `BR: ${name}`, key: id, severity }),
  };
}

function verdictOf(detail: RunDetail, definition: RuleDefinition): Verdict {
  switch (definition.type) {
    case 'INPUT_OUTPUT_CONSISTENCY':
      return consistency(detail, definition);
    case 'THRESHOLD_RANGE':
      return range(detail, definition);
    case 'PATTERN_FORMAT':
      return format(detail, definition);
    case 'COMPLETENESS':
      return completeness(detail, definition);
  }
}

type Of<Type extends RuleDefinition['type']> = Extract<RuleDefinition, { readonly type: Type }>;

function consistency(
  { input, output }: RunDetail,
  { pairs, pattern }: Of<'INPUT_OUTPUT_CONSISTENCY'>,
): Verdict {
  if (input === null) return notApplicable('the input of the run was not captured');
  if (output === null) return notApplicable('the output of the run was not captured');
  const about = { spanId: output.spanId, value: output.text };
  for (const { input: from, output: to, compare } of pairs) {
    const wanted = textAt(input, from);
    if (wanted === undefined) return notApplicable(`the input has nothing at ${from}`);
    const found = textAt(output, to);
    if (found !== undefined && agrees(wanted, found, compare)) continue;
    return failed({
      ...about,
      expected: cut(wanted, 200),
      actual: found ?? 'none',
      message: `${to === '' ? 'The output' : to} does not agree with ${from === '' ? 'the input' : from} of the input.`,
    });
  }
  const texts = pattern === '' ? [] : compilePattern(pattern).findAll(input.text, FOUND_MAX);
  if (pairs.length === 0 && texts.length === 0) {
    return notApplicable('the pattern finds nothing in the input');
  }
  const missing = texts.filter((text) => !output.text.includes(text));
  if (missing.length > 0) {
    if (output.truncated) return notApplicable('only the beginning of the output was captured');
    return failed({
      ...about,
      expected: cut(texts.join(', '), 200),
      actual: `without ${missing.join(', ')}`,
      message: `The output lacks what the input has: ${cut(missing.join(', '), 200)}.`,
    });
  }
  return passed('an output that agrees with the input', 'agrees');
}

function agrees(wanted: string, found: string, compare: 'equal' | 'contains' | 'number'): boolean {
  if (compare === 'contains') return found.includes(wanted);
  if (compare === 'equal') return found.trim() === wanted.trim();
  const [a, b] = [parseDecimal(wanted), parseDecimal(found)];
  return a !== undefined && b !== undefined && isNear(a, b, ZERO);
}

/** The value at a path as text; '' is the whole. Undefined where there is none. */
function textAt({ text }: RunContent, path: string): string | undefined {
  if (path === '') return text;
  const value = valueAt(jsonOf(text), path);
  if (value === undefined || value === null) return undefined;
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function range(detail: RunDetail, definition: Of<'THRESHOLD_RANGE'>): Verdict {
  const { field, measure, min, max } = definition;
  const expected = [
    ...(min === null ? [] : [`at least ${min}`]),
    ...(max === null ? [] : [`at most ${max}`]),
  ].join(' and ');
  const measured = measure === null ? fieldValue(detail, field) : measureOf(detail, measure);
  if (typeof measured === 'string') return notApplicable(measured);
  const { value, shown, spanId } = measured;
  const delta =
    min !== null && value < min ? value - min : max !== null && value > max ? value - max : 0;
  if (delta === 0) return passed(expected, shown);
  return failed({
    expected,
    actual: shown,
    delta,
    message: `${measure ?? field} is ${shown}, which is not ${expected}.`,
    spanId,
    value: shown,
  });
}

interface Measured {
  readonly value: number;
  readonly shown: string;
  readonly spanId: string;
}

/** The number at a path of the output, or why there is none. */
function fieldValue({ output }: RunDetail, field: string): Measured | string {
  if (output === null) return 'the output of the run was not captured';
  const found = valueAt(jsonOf(output.text), field);
  const amount = parseDecimal(found);
  if (amount === undefined) return `the output has no number at ${field}`;
  const value = Number(amount.units) / 10 ** amount.scale;
  return { value, shown: String(found), spanId: output.spanId };
}

function measureOf(detail: RunDetail, measure: RuleMeasure): Measured | string {
  const value = valueOf(detail, measure);
  if (value === null) return `${measure} of the run is not known`;
  return { value, shown: String(value), spanId: detail.run.runId };
}

function valueOf(detail: RunDetail, measure: RuleMeasure): number | null {
  const { run, output } = detail;
  switch (measure) {
    case 'duration_ms':
      return run.durationNs === null ? null : Number(run.durationNs) / NS_PER_MS;
    case 'cost_usd':
      return run.cost === null ? null : toDollars(run.cost);
    case 'input_tokens':
      return run.tokens.input;
    case 'output_tokens':
      return run.tokens.output;
    case 'total_tokens':
      return tokensOf(detail);
    case 'model_calls':
      return run.modelCalls;
    case 'tool_calls':
      return run.toolCalls;
    case 'retries':
      return run.retries;
    case 'error_count':
      return run.errorCount;
    case 'output_characters':
      return output === null || output.truncated ? null : output.text.length;
  }
}

function format(detail: RunDetail, definition: Of<'PATTERN_FORMAT'>): Verdict {
  const { source, field, whole, must_match } = definition;
  const content = detail[source];
  if (content === null) return notApplicable(`the ${source} of the run was not captured`);
  const text = textAt(content, field);
  const name = field === '' ? `The ${source}` : field;
  const form = definition.format ?? definition.pattern;
  const expected = must_match ? form : `not ${form}`;
  const about = { expected, spanId: content.spanId, value: content.text };
  if (text === undefined) {
    if (!must_match) return passed(expected, 'none');
    if (content.truncated) return notApplicable(`only the beginning of the ${source} was captured`);
    return failed({ ...about, actual: 'none', message: `The ${source} has no ${field}.` });
  }
  const pattern =
    definition.format === null ? compilePattern(definition.pattern) : FORMATS[definition.format];
  const matches = whole ? pattern.matches(text.trim()) : pattern.test(text);
  if (matches === must_match) return passed(expected, cut(text, 100));
  return failed({
    ...about,
    actual: cut(text, 200),
    message: `${name} ${must_match ? 'is not of the form' : 'has the form'} ${cut(form, 100)}.`,
  });
}

function completeness(
  { output }: RunDetail,
  { fields, phrases, min_characters }: Of<'COMPLETENESS'>,
): Verdict {
  if (output === null) return notApplicable('the output of the run was not captured');
  const json = fields.length > 0 ? jsonOf(output.text) : undefined;
  const folded = output.text.toLowerCase();
  const missing = [
    ...fields.filter((field) => !isFilled(valueAt(json, field))),
    ...phrases.filter((phrase) => !folded.includes(phrase.toLowerCase())),
    ...(output.text.trim().length < min_characters ? [`${min_characters} characters`] : []),
  ];
  const expected = cut(
    [...fields, ...phrases, ...(min_characters > 0 ? [`${min_characters} characters`] : [])].join(
      ', ',
    ),
    200,
  );
  if (missing.length === 0) return passed(expected, 'complete');
  if (output.truncated) return notApplicable('only the beginning of the output was captured');
  return failed({
    expected,
    actual: `without ${missing.join(', ')}`,
    delta: -missing.length,
    message: `The output lacks ${cut(missing.join(', '), 200)}.`,
    spanId: output.spanId,
    value: output.text,
  });
}
