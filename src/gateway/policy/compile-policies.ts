import { createHash } from 'node:crypto';

import { BoundedMap } from '../../base/bounded-map.ts';
import { AppError, messageOf } from '../../errors.ts';
import type { CallFacts } from './call-facts.ts';
import { compileCondition, type FactTest } from './compile-condition.ts';
import { compileGlob, hasWildcard, type NameTest } from '../../base/glob.ts';
import type { Policy, PolicyAction } from './policy-schema.ts';

export interface Decision {
  readonly action: PolicyAction;
  /** The policy that decided; null when none did. */
  readonly policy: string | null;
  /** The rule that decided: `policy#2`, or `policy/name` when the rule has one; `default` when none did. */
  readonly rule: string;
  readonly reason: string;
}

export interface RateLimit {
  readonly policy: string;
  readonly maxPerMinute: number | undefined;
  readonly maxTotal: number | undefined;
}

/** Policies ready to decide. Pure: the same facts give the same decision. */
export interface PolicySet {
  /** 16 hex digits over all policies: what an approval was given under. */
  readonly version: string;
  readonly policies: readonly Policy[];
  /** In the order in which they are asked. */
  readonly compiled: readonly CompiledPolicy[];
  /** The rules that may decide about the tool, in their order, up to the first without a condition. */
  candidatesOf(agent: string, tool: string): readonly CompiledRule[];
  /** The first rule, in the order of the policies for the agent, that names the tool and whose condition holds. */
  decide(facts: CallFacts): Decision;
  /** Of the most particular policy for the agent that has one. */
  rateLimitOf(agent: string): RateLimit | undefined;
}

export const NO_MATCH: Decision = {
  action: 'deny',
  policy: null,
  rule: 'default',
  reason: 'no matching policy - fail closed',
};

/** What is decided about a tool of the upstream `server`, whose own `default_action` stands where no policy decides. */
export function withDefaultAction(
  decision: Decision,
  about: { readonly tool: string; readonly server: string; readonly action: PolicyAction },
): Decision {
  if (decision.policy !== null) return decision;
  const { tool, server, action } = about;
  const reason = `no policy names ${tool}; the tool's default_action is ${action}`;
  return { action, policy: null, rule: `${server}/default_action`, reason };
}

export interface CompiledRule {
  /** Empty for a limit, which is about every tool. */
  readonly tools: readonly NameTest[];
  readonly condition: FactTest | undefined;
  readonly decision: Decision;
  /** In words, when a limit denies; '' for a rule, whose condition says it. */
  readonly limit: string;
  /** As it was written; undefined for a limit. */
  readonly source: Policy['rules'][number] | undefined;
}

export interface CompiledPolicy {
  readonly name: string;
  /** As it was written. */
  readonly agent: string;
  readonly matchesAgent: NameTest;
  /** Tests that come before the rules, each with what it decides. */
  readonly limits: readonly CompiledRule[];
  readonly rules: readonly CompiledRule[];
  readonly rateLimit: RateLimit | undefined;
}

/** Pairs of agent and tool whose candidates are remembered. */
const REMEMBERED_PAIRS = 10_000;

/**
 * Compiles policies. Those for one agent by name come before those with a pattern, and those before `*`; equals keep
 * their order. Throws `POLICY_INVALID`.
 */
export function compilePolicies(policies: readonly Policy[]): PolicySet {
  const compiled = policies.toSorted((a, b) => rankOf(a.agent) - rankOf(b.agent)).map(compile);
  const candidates = new BoundedMap<string, readonly CompiledRule[]>(REMEMBERED_PAIRS);
  const candidatesOf = (agent: string, tool: string): readonly CompiledRule[] => {
    const key = `${agent}\0${tool}`;
    const known = candidates.get(key);
    if (known !== undefined) return known;
    const found = compiled
      .filter(({ matchesAgent }) => matchesAgent(agent))
      .flatMap(({ limits, rules }) => [
        ...limits,
        ...rules.filter(({ tools }) => tools.some((test) => test(tool))),
      ]);
    // Nothing after a rule without a condition is ever reached.
    const last = found.findIndex(({ condition }) => condition === undefined);
    const reachable = last < 0 ? found : found.slice(0, last + 1);
    candidates.set(key, reachable);
    return reachable;
  };
  return {
    version: versionOf(policies),
    policies,
    compiled,
    candidatesOf,
    decide(facts) {
      for (const { condition, decision } of candidatesOf(facts.agent, facts.tool)) {
        if (condition === undefined || condition(facts)) return decision;
      }
      return NO_MATCH;
    },
    rateLimitOf: (agent) =>
      compiled.find(({ matchesAgent, rateLimit }) => rateLimit !== undefined && matchesAgent(agent))
        ?.rateLimit,
  };
}

function rankOf(agent: string): number {
  if (agent === '*') return 2;
  return hasWildcard(agent) ? 1 : 0;
}

function compile(policy: Policy): CompiledPolicy {
  try {
    return {
      name: policy.name,
      agent: policy.agent,
      matchesAgent: compileGlob(policy.agent),
      limits: limitsOf(policy),
      rules: policy.rules.map((rule, index) => ({
        tools: rule.tools.map(compileGlob),
        condition: rule.condition === undefined ? undefined : compileCondition(rule.condition),
        decision: decisionOf(policy, rule.action, rule.name ? `/${rule.name}` : `#${index + 1}`),
        limit: '',
        source: rule,
      })),
      rateLimit: policy.rate_limit && {
        policy: policy.name,
        maxPerMinute: policy.rate_limit.max_per_minute,
        maxTotal: policy.rate_limit.max_total,
      },
    };
  } catch (error) {
    const message = `policy ${JSON.stringify(policy.name)}: ${messageOf(error)}`;
    throw new AppError('POLICY_INVALID', message, { cause: error });
  }
}

function decisionOf(policy: Policy, action: PolicyAction, part: string, why?: string): Decision {
  const rule = `${policy.name}${part}`;
  return { action, policy: policy.name, rule, reason: why ?? `policy ${rule}: ${action}` };
}

/** A policy's allow-list of models and its budget deny before any rule is asked. */
function limitsOf(policy: Policy): CompiledRule[] {
  const limits: CompiledRule[] = [];
  if (policy.model_allowlist !== undefined) {
    const allowed = policy.model_allowlist.map(compileGlob);
    limits.push({
      tools: [],
      source: undefined,
      limit: `the model is none of ${policy.model_allowlist.join(', ')}`,
      condition: ({ model }) => model !== undefined && !allowed.some((test) => test(model)),
      decision: decisionOf(
        policy,
        'deny',
        '/model_allowlist',
        `policy ${policy.name} allows the models ${policy.model_allowlist.join(', ')} alone`,
      ),
    });
  }
  if (policy.budget_limit !== undefined) {
    const { usd, per, when_unknown: whenUnknown } = policy.budget_limit;
    limits.push({
      tools: [],
      source: undefined,
      limit: `more than ${usd} US dollars are spent a ${per}`,
      condition: ({ spentUsd }) => {
        const spent = spentUsd(per);
        return spent === undefined ? whenUnknown === 'deny' : spent > usd;
      },
      decision: decisionOf(
        policy,
        'deny',
        '/budget_limit',
        `policy ${policy.name} allows ${usd} US dollars a ${per}, and they are spent or cannot be told`,
      ),
    });
  }
  return limits;
}

function versionOf(policies: readonly Policy[]): string {
  return createHash('sha256').update(JSON.stringify(policies)).digest('hex').slice(0, 16);
}
