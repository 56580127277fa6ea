import type { CheckOverride } from '../client/agent-insight.ts';

/** A form about what a person decides of one check of an agent: what is left empty stays as it was found. */

export interface CheckForm {
  readonly made: 'found' | 'on' | 'off';
  /** '' for the usual one. */
  readonly severity: '' | NonNullable<CheckOverride['severity']>;
  /** Texts by parameter, as they are typed. */
  readonly params: Readonly<Record<string, string>>;
}

export interface ParamField {
  readonly name: string;
  readonly kind: 'number' | 'boolean' | 'text' | 'lines' | 'json';
  readonly means: string;
}

interface ParamSchema {
  readonly type?: string;
  readonly description?: string;
}

/** The parameters out of a JSON Schema. */
export function paramFieldsOf(schema: Readonly<Record<string, unknown>>): readonly ParamField[] {
  const properties = (schema['properties'] ?? {}) as Readonly<Record<string, ParamSchema>>;
  return Object.entries(properties).map(([name, { type, description = '' }]) => ({
    name,
    kind: kindOf(type),
    means: description,
  }));
}

function kindOf(type: string | undefined): ParamField['kind'] {
  if (type === 'number' || type === 'integer') return 'number';
  if (type === 'boolean') return 'boolean';
  if (type === 'string') return 'text';
  return type === 'array' ? 'lines' : 'json';
}

/** What was decided before, as it would be typed. */
export function formOf(given: CheckOverride | undefined): CheckForm {
  const params = Object.entries(given?.params ?? {}).map(([name, value]) => [name, toText(value)]);
  return {
    made: given?.enabled === undefined ? 'found' : given.enabled ? 'on' : 'off',
    severity: given?.severity ?? '',
    params: Object.fromEntries(params) as Record<string, string>,
  };
}

/** A value as it is typed. */
export function toText(value: unknown): string {
  if (typeof value === 'string') return value;
  if (Array.isArray(value) && value.every((each) => typeof each === 'string')) {
    return value.join('\n');
  }
  return JSON.stringify(value) ?? '';
}

/** What the form decides; undefined where that is nothing. Throws an `Error` that says which text cannot be read. */
export function overrideOf(
  checkId: CheckOverride['check_id'],
  form: CheckForm,
  fields: readonly ParamField[],
): CheckOverride | undefined {
  const params: Record<string, unknown> = {};
  for (const field of fields) {
    const text = form.params[field.name] ?? '';
    if (text.trim() !== '') params[field.name] = valueOf(field, text);
  }
  const override = {
    ...(form.made === 'found' ? {} : { enabled: form.made === 'on' }),
    ...(form.severity === '' ? {} : { severity: form.severity }),
    ...(Object.keys(params).length === 0 ? {} : { params }),
  };
  return Object.keys(override).length === 0 ? undefined : { check_id: checkId, ...override };
}

function valueOf({ name, kind }: ParamField, text: string): unknown {
  const trimmed = text.trim();
  switch (kind) {
    case 'text':
      return trimmed;
    case 'lines':
      return trimmed.split('\n').map((line) => line.trim());
    case 'boolean':
      return trimmed === 'true';
    case 'number': {
      const number = Number(trimmed);
      if (Number.isFinite(number)) return number;
      throw new Error(`${name} must be a number, not "${trimmed}".`);
    }
    case 'json':
      try {
        return JSON.parse(trimmed) as unknown;
      } catch {
        throw new Error(`${name} is no JSON.`);
      }
  }
}
