import { z } from 'zod';

import { AppError } from '../../errors.ts';
import type { CheckId } from '../../model/quality.ts';
import { CHECK_IDS } from '../../model/quality.ts';
import type { JsonValue } from '../../storage/audit-log.ts';
import { subtotalArithmetic, taxCalculation } from './arithmetic-checks.ts';
import type { AnyCheck } from './check.ts';
import { compileSchema } from './json-schema.ts';
import { errorFree, latencyWithinSla, tokensWithinBudget } from './outcome-checks.ts';
import {
  noPromptInjectionInInput,
  noRefusalInOutput,
  outputNotEmpty,
  sourceCited,
} from './output-checks.ts';
import { noPiiInOutput, noSecretInOutput } from './safety-checks.ts';
import {
  decisionIsValidEnum,
  outputSchemaValid,
  requiredFieldsPresent,
} from './structure-checks.ts';
import { noToolLoop, retriesBounded, toolResultsPresent } from './tool-checks.ts';

const DEFINED: readonly AnyCheck[] = [
  outputNotEmpty,
  noRefusalInOutput,
  latencyWithinSla,
  errorFree,
  noToolLoop,
  retriesBounded,
  toolResultsPresent,
  outputSchemaValid,
  requiredFieldsPresent,
  subtotalArithmetic,
  taxCalculation,
  decisionIsValidEnum,
  sourceCited,
  noSecretInOutput,
  noPiiInOutput,
  noPromptInjectionInInput,
  tokensWithinBudget,
];

/** Every check, in the order of the catalogue. */
export const CHECKS: readonly AnyCheck[] = CHECK_IDS.map((id) => checkOf(id));

export function checkOf(id: CheckId): AnyCheck {
  return DEFINED.find((check) => check.id === id)!;
}

export type CheckParams = { readonly [name: string]: JsonValue };

/** The parameters with defaults filled in; throws `VALIDATION_ERROR` for what the check does not take. */
export function completeParams(check: AnyCheck, params: CheckParams): CheckParams {
  const parsed = check.params.safeParse(params);
  if (!parsed.success) {
    const faults = parsed.error.issues
      .map((issue) => `${issue.path.join('.') || 'params'}: ${issue.message}`)
      .join('; ');
    throw new AppError('VALIDATION_ERROR', `parameters of ${check.id}: ${faults}`);
  }
  const complete = parsed.data as CheckParams;
  if (check.id === 'output_schema_valid') compileSchema(complete['schema']!);
  return complete;
}

/** The parameters that a check takes, as JSON Schema with descriptions and defaults. */
export function paramsSchemaOf(check: AnyCheck): CheckParams {
  const { $schema: _, ...schema } = z.toJSONSchema(check.params, { io: 'input' });
  return schema as CheckParams;
}
