import type { CallLog } from '../call-log.ts';
import type { CompiledRule } from './compile-policies.ts';
import { describeCondition } from './explain-condition.ts';
import type { PolicyKeeper } from './policy-keeper.ts';
import type { Policy } from './policy-schema.ts';

/** What is in force, as people look at it, with how often each rule decided among the calls that are held. */
export function policiesInForce(
  keeper: Pick<PolicyKeeper, 'current' | 'problem' | 'origin'>,
  calls: Pick<CallLog, 'byRule' | 'counts' | 'oldest'>,
) {
  const { version, compiled, policies } = keeper.current();
  const { fileOf, loadedAtMs, problemAtMs } = keeper.origin();
  const counts = calls.byRule();
  const written = new Map(policies.map((policy) => [policy.name, policy]));
  const shown = new Set<string>();
  const ruleOf = ({ decision, limit, source }: CompiledRule) => {
    shown.add(decision.rule);
    const { calls: decided = 0, lastAt = null } = counts.get(decision.rule) ?? {};
    return {
      rule: decision.rule,
      tools: source?.tools ?? ['*'],
      action: decision.action,
      condition: source === undefined ? limit : conditionOf(source),
      calls: decided,
      last_at: lastAt,
    };
  };
  const list = compiled.map(({ name, agent, limits, rules }) => ({
    name,
    agent,
    file: fileOf.get(name) ?? '',
    limits: limits.map(ruleOf),
    rate_limit: written.get(name)?.rate_limit ?? null,
    rules: rules.map(ruleOf),
  }));
  return {
    version,
    loadedAtMs,
    problem: keeper.problem(),
    problemAtMs,
    policies: list,
    calls: calls.counts().held,
    callsSince: calls.oldest()?.timestamp ?? null,
    others: [...counts]
      .filter(([rule]) => !shown.has(rule))
      .map(([rule, { calls: decided }]) => ({ rule, calls: decided }))
      .toSorted((one, other) => other.calls - one.calls),
  };
}

const conditionOf = ({ condition }: Policy['rules'][number]): string =>
  condition === undefined ? '' : describeCondition(condition);
