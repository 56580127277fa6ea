import type { CallFacts } from './call-facts.ts';
import { compileCondition, compilePath } from './compile-condition.ts';
import { NO_MATCH, type CompiledRule, type Decision, type PolicySet } from './compile-policies.ts';
import type { Condition } from './policy-schema.ts';

/** A call of the past, of which not everything is known any more. */
export interface RecordedFacts {
  readonly facts: CallFacts;
  /** Whether status, risk and budget are facts; where no registry is asked they are not. */
  readonly knowsAgent: boolean;
}

/** What the policies would decide about a recorded call. */
export type RecordedDecision =
  | { readonly kind: 'decided'; readonly decision: Decision }
  /** It hangs on what was not recorded. */
  | {
      readonly kind: 'undecidable';
      /** What may be decided, each once, in the order of the rules. */
      readonly possible: readonly Decision[];
      /** What the first rule that cannot be judged looks at. */
      readonly because: string;
    };

type Truth = boolean | { readonly unknown: string };

type TruthTest = (call: RecordedFacts) => Truth;

const REDACTED = '[REDACTED:';

/**
 * Decides about recorded calls, whose arguments are without secrets and cut where they were long. A rule whose condition
 * hangs on what is missing is neither taken nor passed over: every decision that is possible is answered. Limits of
 * budgets are taken as not reached, since what was spent at the time is not known.
 */
export function createRecordedDecider(
  policies: Pick<PolicySet, 'candidatesOf'>,
): (call: RecordedFacts) => RecordedDecision {
  const tests = new Map<Condition, TruthTest>();
  const testOf = (condition: Condition): TruthTest => {
    const known = tests.get(condition);
    if (known !== undefined) return known;
    const test = compileTruth(condition);
    tests.set(condition, test);
    return test;
  };
  const judge = (rule: CompiledRule, call: RecordedFacts): Truth => {
    const { condition, source } = rule;
    if (condition === undefined) return true;
    if (source === undefined) {
      return rule.decision.rule.endsWith('/budget_limit') ? false : condition(call.facts);
    }
    return source.condition === undefined ? true : testOf(source.condition)(call);
  };
  return (call) => {
    const possible: Decision[] = [];
    let because = '';
    for (const rule of policies.candidatesOf(call.facts.agent, call.facts.tool)) {
      const truth = judge(rule, call);
      if (truth === false) continue;
      if (truth === true) return decided(possible, rule.decision, because);
      because ||= truth.unknown;
      possible.push(rule.decision);
    }
    return decided(possible, NO_MATCH, because);
  };
}

/** When all that may be comes to the same, it is decided. */
function decided(possible: readonly Decision[], last: Decision, because: string): RecordedDecision {
  if (possible.every(({ action }) => action === last.action)) {
    return { kind: 'decided', decision: possible[0] ?? last };
  }
  return { kind: 'undecidable', possible: [...possible, last], because };
}

function compileTruth(condition: Condition): TruthTest {
  if ('all' in condition) return every(condition.all.map(compileTruth), false);
  if ('any' in condition) return every(condition.any.map(compileTruth), true);
  if ('not' in condition) {
    const test = compileTruth(condition.not);
    return (call) => {
      const truth = test(call);
      return typeof truth === 'boolean' ? !truth : truth;
    };
  }
  const holds = compileCondition(condition);
  const missing = missingOf(condition);
  return (call) => {
    const unknown = missing(call);
    return unknown === undefined ? holds(call.facts) : { unknown };
  };
}

/** `deciding` is the truth of one part that settles the whole, whatever else is unknown. */
function every(tests: readonly TruthTest[], deciding: boolean): TruthTest {
  return (call) => {
    let unknown: Truth | undefined;
    for (const test of tests) {
      const truth = test(call);
      if (truth === deciding) return deciding;
      if (typeof truth === 'object') unknown ??= truth;
    }
    return unknown ?? !deciding;
  };
}

type Plain = Exclude<Condition, { all: unknown } | { any: unknown } | { not: unknown }>;

/** What the condition looks at and nobody recorded; undefined when all of it is known. */
function missingOf(condition: Plain): (call: RecordedFacts) => string | undefined {
  if ('field' in condition) {
    const { field, operator } = condition;
    const read = compilePath(field);
    return ({ facts: { params } }) => {
      if (isCut(params)) return `${field}, and the arguments were cut`;
      if (operator === 'exists') return undefined;
      return isRedacted(read(params)) ? `${field}, which was redacted` : undefined;
    };
  }
  if ('agent_status' in condition || 'risk' in condition || 'budget' in condition) {
    const what = Object.keys(condition)[0]!;
    return ({ knowsAgent }) => (knowsAgent ? undefined : `${what}, which no registry tells here`);
  }
  if ('model' in condition) {
    return ({ facts: { model } }) =>
      model === undefined ? 'the model, which was not recorded' : undefined;
  }
  if ('injection_risk' in condition) {
    return ({ facts: { params } }) =>
      isCut(params) ? 'all arguments, and they were cut' : undefined;
  }
  return () => undefined;
}

/** As `shownParams` cuts them. */
const isCut = (params: CallFacts['params']): boolean =>
  typeof params['_cut'] === 'string' && typeof params['_characters'] === 'number';

const isRedacted = (value: unknown): boolean =>
  value !== undefined && JSON.stringify(value).includes(REDACTED);
