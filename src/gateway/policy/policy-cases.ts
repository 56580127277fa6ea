import { z } from 'zod';

import { AGENT_STATUSES } from '../../model/agent.ts';
import { hasInjectionRisk } from '../injection.ts';
import type { CallFacts } from './call-facts.ts';
import { withDefaultAction, type Decision, type PolicySet } from './compile-policies.ts';
import { BUDGET_STATES, POLICY_ACTIONS, type PolicyAction } from './policy-schema.ts';

/** Calls with what is expected of the policies, so that a change of them can be tested before it is in force. */
export const policyCasesSchema = z.strictObject({
  cases: z
    .array(
      z.strictObject({
        name: z.string().min(1).max(200).optional(),
        agent: z.string().min(1).max(256).default('anonymous'),
        tool: z.string().min(1).max(512),
        params: z.record(z.string(), z.unknown()).default({}),
        status: z.enum([...AGENT_STATUSES, 'UNKNOWN']).default('APPROVED'),
        risk: z.string().default('unknown'),
        model: z.string().optional(),
        budget: z.enum(BUDGET_STATES).default('unknown'),
        spent_usd: z.number().optional(),
        at: z.iso.datetime({ offset: true }).optional(),
        expect: z.enum(POLICY_ACTIONS),
        /** The rule that must decide, when it matters which. */
        rule: z.string().optional(),
      }),
    )
    .min(1)
    .max(10_000),
});

export type PolicyCase = z.infer<typeof policyCasesSchema>['cases'][number];

export interface CaseResult {
  readonly case: PolicyCase;
  readonly decision: Decision;
  readonly passed: boolean;
}

/** `defaults`: of command-line tools, the `default_action` by the tool's name. */
export interface TestedPolicies {
  readonly policies: Pick<PolicySet, 'decide'>;
  readonly defaults: ReadonlyMap<string, PolicyAction>;
}

export function runPolicyCases(
  { policies, defaults }: TestedPolicies,
  cases: readonly PolicyCase[],
  nowMs: number,
): readonly CaseResult[] {
  return cases.map((each) => {
    const decided = policies.decide(factsOf(each, nowMs));
    const { tool } = each;
    const server = tool.split('.', 1)[0]!;
    const action = defaults.get(server);
    const decision =
      action === undefined ? decided : withDefaultAction(decided, { tool, server, action });
    const passed =
      decision.action === each.expect && (each.rule === undefined || decision.rule === each.rule);
    return { case: each, decision, passed };
  });
}

function factsOf(each: PolicyCase, nowMs: number): CallFacts {
  const { agent, tool, params, status, risk, model, budget, spent_usd: spent, at } = each;
  const named = params['model'];
  return {
    agent,
    tool,
    params,
    status,
    risk,
    budget,
    model: typeof named === 'string' ? named : model,
    spentUsd: () => spent,
    hasInjectionRisk: () => hasInjectionRisk(params),
    nowMs: at === undefined ? nowMs : Date.parse(at),
  };
}
