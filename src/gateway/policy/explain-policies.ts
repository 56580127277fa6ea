import type { CallFacts } from './call-facts.ts';
import { NO_MATCH, type CompiledRule, type Decision, type PolicySet } from './compile-policies.ts';
import { describeCondition, whyNot } from './explain-condition.ts';
import type { Policy, PolicyAction } from './policy-schema.ts';

/** What one rule, or one policy as a whole, said about a call. */
export interface RuleVerdict {
  /** As decisions name it; the policy's name where the policy is for other agents. */
  readonly rule: string;
  /** What it would decide; null for a policy as a whole. */
  readonly action: PolicyAction | null;
  /** `overruled`: it would decide, and the registry asks for more. */
  readonly outcome: 'decides' | 'other_agent' | 'other_tool' | 'condition' | 'overruled';
  readonly why: string;
}

/** Walks the policies as `decide` does, and says of each rule up to the one that decides why it does not. */
export function explainPolicies(
  { compiled }: Pick<PolicySet, 'compiled'>,
  facts: CallFacts,
): { readonly decision: Decision; readonly considered: readonly RuleVerdict[] } {
  const considered: RuleVerdict[] = [];
  for (const { name, agent, matchesAgent, limits, rules } of compiled) {
    if (!matchesAgent(facts.agent)) {
      const why = `it is for ${agent}, not for ${facts.agent}`;
      considered.push({ rule: name, action: null, outcome: 'other_agent', why });
      continue;
    }
    for (const rule of [...limits, ...rules]) {
      const verdict = verdictOf(rule, facts);
      considered.push(verdict);
      if (verdict.outcome === 'decides') return { decision: rule.decision, considered };
    }
  }
  return { decision: NO_MATCH, considered };
}

function verdictOf(rule: CompiledRule, facts: CallFacts) {
  const { tools, condition, decision, limit, source } = rule;
  const about = { rule: decision.rule, action: decision.action } as const;
  if (source !== undefined && !tools.some((test) => test(facts.tool))) {
    const why = `it is for ${source.tools.slice(0, 5).join(', ')}${source.tools.length > 5 ? ', …' : ''}`;
    return { ...about, outcome: 'other_tool', why } as const;
  }
  if (condition === undefined || condition(facts)) {
    const why = source === undefined ? limit : describeRule(source);
    return { ...about, outcome: 'decides', why } as const;
  }
  const why =
    source?.condition === undefined
      ? `it is about calls where ${limit}`
      : whyNot(source.condition, facts);
  return { ...about, outcome: 'condition', why } as const;
}

const describeRule = ({ condition }: Policy['rules'][number]): string =>
  condition === undefined ? 'it is about every such call' : describeCondition(condition);
