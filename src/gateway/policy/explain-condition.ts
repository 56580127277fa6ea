import type { CallFacts } from './call-facts.ts';
import { compileCondition, compilePath } from './compile-condition.ts';
import type { Condition } from './policy-schema.ts';

/** Of a value that is shown in a reason. */
const SHOWN_MAX = 60;

/** A condition in words, as `params.amount < 500`. */
export function describeCondition(condition: Condition): string {
  if ('all' in condition) return joined(condition.all, 'and');
  if ('any' in condition) return joined(condition.any, 'or');
  if ('not' in condition) return `not (${describeCondition(condition.not)})`;
  if ('field' in condition) {
    if (condition.operator === 'exists') {
      return `${condition.field} ${condition.value ? 'is there' : 'is not there'}`;
    }
    return `${condition.field} ${condition.operator.replace('_', ' ')} ${shown(condition.value)}`;
  }
  if ('agent_status' in condition) return `the agent is ${condition.agent_status.join(' or ')}`;
  if ('risk' in condition) return `the agent's risk is ${condition.risk.join(' or ')}`;
  if ('model' in condition) return `the model is ${condition.model.join(' or ')}`;
  if ('budget' in condition) return `the budget is ${condition.budget.join(' or ')}`;
  if ('time' in condition) {
    const { days, from, to, timezone } = condition.time;
    return `it is ${days.join(', ')} between ${from} and ${to} (${timezone})`;
  }
  return condition.injection_risk
    ? 'the arguments look like an injection'
    : 'the arguments do not look like an injection';
}

function joined(conditions: readonly Condition[], word: 'and' | 'or'): string {
  const parts = conditions.map((each) =>
    'all' in each || 'any' in each ? `(${describeCondition(each)})` : describeCondition(each),
  );
  return parts.join(` ${word} `);
}

/** Why a condition that does not hold for the call does not. */
export function whyNot(condition: Condition, facts: CallFacts): string {
  if ('all' in condition) {
    const failing = condition.all.find((each) => !compileCondition(each)(facts));
    return failing === undefined ? describeCondition(condition) : whyNot(failing, facts);
  }
  if ('any' in condition) return condition.any.map((each) => whyNot(each, facts)).join('; ');
  const wanted = `wanted: ${describeCondition(condition)}`;
  if ('not' in condition) return `${describeCondition(condition.not)} holds; ${wanted}`;
  return `${presentOf(condition, facts)}; ${wanted}`;
}

function presentOf(
  condition: Exclude<Condition, { all: unknown } | { any: unknown } | { not: unknown }>,
  facts: CallFacts,
): string {
  if ('field' in condition) {
    const value = compilePath(condition.field)(facts.params);
    return value === undefined
      ? `${condition.field} is not there`
      : `${condition.field} is ${shown(value)}`;
  }
  if ('agent_status' in condition) return `the agent is ${facts.status}`;
  if ('risk' in condition) return `the agent's risk is ${facts.risk}`;
  if ('model' in condition) return `the model is ${facts.model ?? 'not known'}`;
  if ('budget' in condition) return `the budget is ${facts.budget}`;
  if ('time' in condition) return `it is ${new Date(facts.nowMs).toISOString().slice(0, 16)}Z`;
  return facts.hasInjectionRisk()
    ? 'the arguments look like an injection'
    : 'the arguments look like no injection';
}

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length <= SHOWN_MAX ? text : `${text.slice(0, SHOWN_MAX)}…`;
}
