import { addKnown, type RunTokens } from '../../model/run.ts';
import type { CostSums } from '../../storage/cost-store.ts';

export const NO_COSTS: CostSums = {
  cost: 0n,
  reportedCost: 0n,
  estimatedCost: 0n,
  calls: 0,
  pricedCalls: 0,
  failedCalls: 0,
  unpricedCalls: 0,
  callsWithoutTokens: 0,
  invalidCalls: 0,
  estimatedCalls: 0,
  tokens: { input: null, output: null, cacheRead: null, cacheWrite: null, reasoning: null },
};

export function addSums(one: CostSums, other: CostSums): CostSums {
  return {
    cost: one.cost + other.cost,
    reportedCost: one.reportedCost + other.reportedCost,
    estimatedCost: one.estimatedCost + other.estimatedCost,
    calls: one.calls + other.calls,
    pricedCalls: one.pricedCalls + other.pricedCalls,
    failedCalls: one.failedCalls + other.failedCalls,
    unpricedCalls: one.unpricedCalls + other.unpricedCalls,
    callsWithoutTokens: one.callsWithoutTokens + other.callsWithoutTokens,
    invalidCalls: one.invalidCalls + other.invalidCalls,
    estimatedCalls: one.estimatedCalls + other.estimatedCalls,
    tokens: addTokens(one.tokens, other.tokens),
  };
}

function addTokens(one: RunTokens, other: RunTokens): RunTokens {
  return {
    input: addKnown(one.input, other.input),
    output: addKnown(one.output, other.output),
    cacheRead: addKnown(one.cacheRead, other.cacheRead),
    cacheWrite: addKnown(one.cacheWrite, other.cacheWrite),
    reasoning: addKnown(one.reasoning, other.reasoning),
  };
}
