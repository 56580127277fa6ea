import { hash } from 'node:crypto';

import type { ErrorObject, Options, ValidateFunction } from 'ajv';
import { Ajv } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';

import { BoundedMap } from '../../base/bounded-map.ts';
import { AppError, messageOf } from '../../errors.ts';
import type { JsonValue } from '../../storage/audit-log.ts';
import { compilePattern } from './linear-pattern.ts';

export const SCHEMA_BYTES_MAX = 65_536;
const COMPILED_MAX = 200;

/** Holds a value against a schema: undefined when it fits, else what does not, the place first. */
export type SchemaCheck = (value: unknown) => string | undefined;

const compiled = new BoundedMap<string, SchemaCheck>(COMPILED_MAX);

/**
 * JSON Schema of draft 2020-12, or of draft 7 where `$schema` says so. Patterns run in linear time; a schema elsewhere
 * is not fetched. Throws `VALIDATION_ERROR` for what is no schema.
 */
export function compileSchema(schema: JsonValue): SchemaCheck {
  const text = JSON.stringify(schema);
  if (Buffer.byteLength(text) > SCHEMA_BYTES_MAX) {
    throw new AppError('VALIDATION_ERROR', `a JSON Schema may have ${SCHEMA_BYTES_MAX} bytes`);
  }
  const key = hash('sha256', text);
  const known = compiled.get(key);
  if (known !== undefined) return known;
  const check = compile(schema);
  compiled.set(key, check);
  return check;
}

function compile(schema: JsonValue): SchemaCheck {
  // The code of a pattern is a call of its own engine, which cannot be made to run for long.
  const regExp = Object.assign((pattern: string) => linearRegExp(pattern), {
    code: 'linearRegExp',
  });
  const options: Options = {
    strict: false,
    allErrors: false,
    validateSchema: true,
    logger: false,
    code: { regExp },
  };
  const draft7 = isDraft7(schema);
  let validate: ValidateFunction;
  try {
    // A new one each time: an instance keeps every schema that it was ever given.
    const ajv = draft7 ? new Ajv(options) : new Ajv2020(options);
    addFormats.default(ajv, { mode: 'fast' });
    validate = ajv.compile(schema as object | boolean);
  } catch (error) {
    throw new AppError('VALIDATION_ERROR', `this is no JSON Schema: ${messageOf(error)}`, {
      cause: error,
    });
  }
  return (value) => (validate(value) ? undefined : faultOf(validate.errors?.[0]));
}

function faultOf(error: ErrorObject | undefined): string {
  if (error === undefined) return 'the value does not fit';
  const where = error.instancePath === '' ? 'the output' : error.instancePath;
  const extra = (error.params as { additionalProperty?: string }).additionalProperty;
  return `${where} ${error.message ?? 'does not fit'}${extra === undefined ? '' : ` (${extra})`}`;
}

function isDraft7(schema: JsonValue): boolean {
  const named = typeof schema === 'object' && schema !== null && '$schema' in schema;
  return named && typeof schema.$schema === 'string' && /draft-0[67]/.test(schema.$schema);
}

/** What ajv asks of a pattern; it tells patterns apart by their texts. */
function linearRegExp(pattern: string): { test(text: string): boolean; toString(): string } {
  const linear = compilePattern(pattern);
  return { test: (text) => linear.test(text), toString: () => pattern };
}
