import type { CallFacts } from '../../src/gateway/policy/call-facts.ts';

/** A call by an approved agent at noon, of which nothing else is known. */
export function factsOf(rest: Partial<CallFacts> = {}): CallFacts {
  return {
    agent: 'support-7',
    tool: 'crm.get_customer',
    params: {},
    status: 'APPROVED',
    risk: 'unknown',
    model: undefined,
    budget: 'unknown',
    spentUsd: () => undefined,
    hasInjectionRisk: () => false,
    nowMs: Date.UTC(2026, 10, 25, 12),
    ...rest,
  };
}
