import { RE2JS } from 're2js';

import { AppError, messageOf } from '../../errors.ts';
import type { CallFacts } from './call-facts.ts';
import { compileGlob } from '../../base/glob.ts';
import type { Condition, FactCondition, FieldCondition } from './policy-schema.ts';
import { compileTimeWindow } from './time-window.ts';

export type FactTest = (facts: CallFacts) => boolean;

/** Longer text is not searched for a pattern: the condition does not hold. */
const SEARCHED_CHARACTERS_MAX = 65_536;

/**
 * Compiles a condition to a function. A condition on an argument that is not there does not hold, whatever the
 * operator, but for `exists: false`. Throws `POLICY_INVALID` for a pattern that cannot be read.
 */
export function compileCondition(condition: Condition): FactTest {
  if ('all' in condition) {
    const tests = condition.all.map(compileCondition);
    return (facts) => tests.every((test) => test(facts));
  }
  if ('any' in condition) {
    const tests = condition.any.map(compileCondition);
    return (facts) => tests.some((test) => test(facts));
  }
  if ('not' in condition) {
    const test = compileCondition(condition.not);
    return (facts) => !test(facts);
  }
  return 'field' in condition ? compileField(condition) : compileFact(condition);
}

function compileFact(condition: FactCondition): FactTest {
  if ('agent_status' in condition) {
    const statuses = new Set(condition.agent_status.map((status) => status.toUpperCase()));
    return ({ status }) => statuses.has(status);
  }
  if ('risk' in condition) {
    const risks = new Set(condition.risk.map((risk) => risk.toLowerCase()));
    return ({ risk }) => risks.has(risk.toLowerCase());
  }
  if ('model' in condition) {
    const tests = condition.model.map(compileGlob);
    return ({ model }) => model !== undefined && tests.some((test) => test(model));
  }
  if ('budget' in condition) {
    const states = new Set(condition.budget);
    return ({ budget }) => states.has(budget);
  }
  if ('time' in condition) {
    const isWithin = compileTimeWindow(condition.time);
    return ({ nowMs }) => isWithin(nowMs);
  }
  const wanted = condition.injection_risk;
  return (facts) => facts.hasInjectionRisk() === wanted;
}

function compileField(condition: FieldCondition): FactTest {
  const read = compilePath(condition.field);
  if (condition.operator === 'exists') {
    const wanted = condition.value;
    return ({ params }) => (read(params) !== undefined) === wanted;
  }
  const test = compileOperator(condition);
  return ({ params }) => {
    const value = read(params);
    return value !== undefined && value !== null && test(value);
  };
}

type ValueTest = (value: unknown) => boolean;

function compileOperator(
  condition: Exclude<FieldCondition, { readonly operator: 'exists' }>,
): ValueTest {
  switch (condition.operator) {
    case '<':
      return (value) => numberOf(value) < condition.value;
    case '<=':
      return (value) => numberOf(value) <= condition.value;
    case '>':
      return (value) => numberOf(value) > condition.value;
    case '>=':
      return (value) => numberOf(value) >= condition.value;
    case '==':
      return (value) => isSame(value, condition.value);
    case '!=':
      return (value) => !isSame(value, condition.value);
    case 'in':
      return (value) => condition.value.some((wanted) => isSame(value, wanted));
    case 'not_in':
      return (value) => !condition.value.some((wanted) => isSame(value, wanted));
    case 'starts_with':
      return (value) => typeof value === 'string' && value.startsWith(condition.value);
    case 'ends_with':
      return (value) => typeof value === 'string' && value.endsWith(condition.value);
    case 'contains':
      return (value) =>
        Array.isArray(value)
          ? value.some((item) => isSame(item, condition.value))
          : typeof value === 'string' && value.includes(condition.value);
    case 'matches':
      return compilePattern(condition.value);
  }
}

/** RE2: the time to search is linear in the text, whatever the pattern. */
function compilePattern(source: string): ValueTest {
  let pattern: RE2JS;
  try {
    pattern = RE2JS.compile(source);
  } catch (error) {
    const remedy = `write it in RE2 syntax, without look-around and back references`;
    throw new AppError(
      'POLICY_INVALID',
      `the pattern ${JSON.stringify(source)} cannot be read (${messageOf(error)}); ${remedy}`,
      { cause: error },
    );
  }
  return (value) =>
    (typeof value === 'string' || typeof value === 'number') &&
    String(value).length <= SEARCHED_CHARACTERS_MAX &&
    pattern.matcher(String(value)).find();
}

const PLAIN_NUMBER = /^-?\d+(\.\d+)?$/;

/** NaN, which no comparison holds for, for all but numbers and plain decimal text. */
function numberOf(value: unknown): number {
  if (typeof value === 'number') return value;
  return typeof value === 'string' && PLAIN_NUMBER.test(value) ? Number(value) : Number.NaN;
}

function isSame(value: unknown, wanted: string | number | boolean): boolean {
  if (value === wanted) return true;
  if (typeof wanted === 'number') return numberOf(value) === wanted;
  return typeof wanted === 'string' && typeof value === 'number' && String(value) === wanted;
}

export type PathReader = (params: Readonly<Record<string, unknown>>) => unknown;

/** `params.amount` is the argument `amount`, else what stands at `amount` in an argument called `params`. */
export function compilePath(path: string): PathReader {
  const parts = path.split('.');
  if (parts[0] !== 'params' || parts.length === 1) return (params) => readPath(params, parts);
  const bare = parts.slice(1);
  return (params) => readPath(params, bare) ?? readPath(params, parts);
}

function readPath(params: unknown, parts: readonly string[]): unknown {
  let value: unknown = params;
  for (const part of parts) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) {
      return undefined;
    }
    value = (value as Readonly<Record<string, unknown>>)[part];
  }
  return value;
}
