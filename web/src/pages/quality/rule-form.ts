import { RULE_TYPES } from '../../../../src/model/quality-rule.ts';
import type { RuleDefinition, RuleType } from '../../../../src/model/quality-rule.ts';
import type { QualityRule, RuleDraft } from '../../client/quality.ts';

/** A rule while it is written: each kind keeps what was typed for it, so that trying another loses nothing. */

export type DefinitionOf<Type extends RuleType> = Extract<RuleDefinition, { readonly type: Type }>;

export interface RuleForm {
  readonly name: string;
  readonly description: string;
  readonly agents: string;
  readonly traces: string;
  readonly severity: RuleDraft['severity'];
  readonly enabled: boolean;
  readonly type: RuleType;
  readonly definitions: { readonly [Type in RuleType]: DefinitionOf<Type> };
}

export const KIND_NAMES: Readonly<Record<RuleType, string>> = {
  THRESHOLD_RANGE: 'A number stays within bounds',
  PATTERN_FORMAT: 'A text has a form, or must not have it',
  COMPLETENESS: 'The output is complete',
  INPUT_OUTPUT_CONSISTENCY: 'The output agrees with the input',
};

const EMPTY: RuleForm['definitions'] = {
  THRESHOLD_RANGE: {
    type: 'THRESHOLD_RANGE',
    field: '',
    measure: 'duration_ms',
    min: null,
    max: null,
  },
  PATTERN_FORMAT: {
    type: 'PATTERN_FORMAT',
    source: 'output',
    field: '',
    pattern: '',
    format: null,
    whole: false,
    must_match: true,
  },
  COMPLETENESS: { type: 'COMPLETENESS', fields: [], phrases: [], min_characters: 0 },
  INPUT_OUTPUT_CONSISTENCY: { type: 'INPUT_OUTPUT_CONSISTENCY', pairs: [], pattern: '' },
};

export const NEW_RULE: RuleForm = {
  name: '',
  description: '',
  agents: '',
  traces: '',
  severity: 'MEDIUM',
  enabled: true,
  type: 'THRESHOLD_RANGE',
  definitions: EMPTY,
};

/** The form of what the API knows, or of what was typed as JSON. What is missing is as in a new rule. */
export function formOf(rule: RuleDraft | QualityRule): RuleForm {
  const given = rule.definition as Readonly<Record<string, unknown>>;
  const type = RULE_TYPES.find((one) => one === given['type']) ?? NEW_RULE.type;
  const start = type === 'THRESHOLD_RANGE' ? { ...EMPTY[type], measure: null } : EMPTY[type];
  return {
    name: rule.name,
    description: rule.description ?? '',
    agents: rule.target_agent ?? '',
    traces: rule.target_trace_name ?? '',
    severity: rule.severity ?? NEW_RULE.severity,
    enabled: rule.enabled ?? true,
    type,
    definitions: {
      ...EMPTY,
      [type]: Object.fromEntries(
        Object.entries(start).map(([key, usual]) => [
          key,
          isLike(given[key], usual) ? given[key] : usual,
        ]),
      ),
    },
  };
}

/** Whether a value that was typed as JSON can stand where the usual one does. */
function isLike(value: unknown, usual: unknown): boolean {
  if (Array.isArray(usual)) return Array.isArray(value);
  if (usual === null) return ['string', 'number'].includes(typeof value);
  return typeof value === typeof usual;
}

/** What is sent; the server says what is wrong with it. */
export function draftOf(form: RuleForm): RuleDraft {
  return {
    name: form.name.trim(),
    description: form.description.trim(),
    target_agent: form.agents.trim(),
    target_trace_name: form.traces.trim(),
    severity: form.severity,
    enabled: form.enabled,
    definition: withoutEmptyLines(form.definitions[form.type]),
  };
}

function withoutEmptyLines(definition: RuleDefinition): RuleDefinition {
  if (definition.type !== 'COMPLETENESS') return definition;
  const filled = (lines: readonly string[]) =>
    lines.map((line) => line.trim()).filter((line) => line !== '');
  return {
    ...definition,
    fields: filled(definition.fields),
    phrases: filled(definition.phrases),
  };
}

export function withDefinition(form: RuleForm, definition: RuleDefinition): RuleForm {
  return { ...form, definitions: { ...form.definitions, [definition.type]: definition } };
}

/** What stops the form from being sent, in words; undefined when nothing does. */
export function lackOf({ name, type, definitions }: RuleForm): string | undefined {
  if (name.trim() === '') return 'Give the rule a name.';
  if (type === 'THRESHOLD_RANGE') {
    const { field, measure, min, max } = definitions[type];
    if (field === '' && measure === null) return 'Name the field.';
    if (min === null && max === null) return 'Give a least or a greatest value.';
    if (min !== null && max !== null && min > max) return 'The least value is above the greatest.';
  }
  if (type === 'PATTERN_FORMAT') {
    const { pattern, format } = definitions[type];
    if (pattern === '' && format === null) return 'Give a pattern, or choose a form.';
  }
  if (type === 'COMPLETENESS') {
    const { fields, phrases, min_characters: least } = definitions[type];
    if ([...fields, ...phrases].every((line) => line.trim() === '') && least === 0) {
      return 'Name a field or a phrase, or give a least length.';
    }
  }
  if (type === 'INPUT_OUTPUT_CONSISTENCY') {
    const { pairs, pattern } = definitions[type];
    if (pairs.length === 0 && pattern === '') return 'Give a pair of fields, or a pattern.';
  }
  return undefined;
}

const MEASURE_NAMES: Readonly<Record<string, string>> = {
  duration_ms: 'duration in ms',
  cost_usd: 'cost in US dollars',
  input_tokens: 'input tokens',
  output_tokens: 'output tokens',
  total_tokens: 'tokens',
  model_calls: 'model calls',
  tool_calls: 'tool calls',
  retries: 'calls tried again',
  error_count: 'failed spans',
  output_characters: 'characters of the output',
};

export const measureName = (measure: string): string => MEASURE_NAMES[measure] ?? measure;

/** A rule in a sentence. */
export function describeRule(definition: RuleDefinition): string {
  switch (definition.type) {
    case 'THRESHOLD_RANGE': {
      const { measure, field, min, max } = definition;
      const what = measure === null ? field : measureName(measure);
      const bounds = [min === null ? '' : `at least ${min}`, max === null ? '' : `at most ${max}`];
      return `${what}: ${bounds.filter(Boolean).join(' and ')}`;
    }
    case 'PATTERN_FORMAT': {
      const { source, field, format, pattern, must_match: must } = definition;
      const what = field === '' ? source : `${field} of the ${source}`;
      return `${what} ${must ? 'has' : 'must not have'} the form ${format ?? pattern}`;
    }
    case 'COMPLETENESS': {
      const { fields, phrases, min_characters: least } = definition;
      const length = least > 0 ? [`${least} characters`] : [];
      return `output has ${[...fields, ...phrases.map((text) => `“${text}”`), ...length].join(', ')}`;
    }
    case 'INPUT_OUTPUT_CONSISTENCY': {
      const pairs = definition.pairs.map(
        ({ input, output }) => `${output || 'output'} agrees with ${input || 'input'}`,
      );
      const found = definition.pattern === '' ? [] : [`repeats what ${definition.pattern} finds`];
      return [...pairs, ...found].join(', ');
    }
  }
}
