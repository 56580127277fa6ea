import type { Picodollars } from '../model/money.ts';
import { fromDollars, parseDollars } from '../model/money.ts';
import type { CallCost, CostSource } from '../model/run.ts';
import type { ModelPrices, PricedTokens } from './model-prices.ts';
import { amountOf } from './model-prices.ts';
import { normalizeTier } from './service-tier.ts';

/** What decides which prices hold. */
export interface PriceQuestion {
  /** As `gen_ai.provider.name` has it, or ''. */
  readonly provider: string;
  /** The answered model, else the requested one. */
  readonly model: string;
  readonly requestModel: string;
  /** When the call began; milliseconds since 1970. */
  readonly atMs: number;
  /** '' for the standard one. As the sender spells it in `CallUsage`, as `normalizeTier` gives it to a price book. */
  readonly tier: string;
}

export interface KnownPrices {
  readonly prices: ModelPrices;
  readonly source: Exclude<CostSource, 'reported' | ''>;
  /** E.g. `library@0.1.8`, `override:17@2`. */
  readonly version: string;
  /** Who sells the model and what they call it, as the price book has it. */
  readonly provider: string;
  readonly model: string;
}

export interface UnknownPrices {
  readonly missing: 'unknown_model' | 'no_model' | 'unknown_tier';
  /** Of the price book that does not know. */
  readonly version: string;
}

/** A price book: an answer for every question. */
export type FindPrices = (question: PriceQuestion) => KnownPrices | UnknownPrices;

export interface CallUsage extends PriceQuestion {
  readonly tokens: PricedTokens;
  /** US dollars, as the sender reckoned it; null when it did not. */
  readonly reportedCost: number | null;
  /** A count was sent that cannot be one. */
  readonly invalid: boolean;
}

/** No call of a model costs as much (US dollars): a sum beyond it is a fault of the counts. */
export const CALL_COST_MAX: Picodollars = parseDollars('10000')!;

/**
 * The cost of one call. A computed price goes before one that the sender reported, unless `preferReported`; where
 * neither is known there is no amount, and `missing` says why.
 */
export function priceCall(usage: CallUsage, find: FindPrices, preferReported = false): CallCost {
  const reported = reportedCost(usage.reportedCost);
  if (preferReported && reported !== undefined) return reported;
  const computed = computedCost(usage, find);
  return computed.amount === null && reported !== undefined ? reported : computed;
}

function computedCost(usage: CallUsage, find: FindPrices): CallCost {
  if (usage.invalid) return nothing('tokens_invalid', '');
  const { input, output } = usage.tokens;
  if (input === null && output === null) return nothing('no_tokens', '');
  const { provider, model, requestModel, atMs } = usage;
  const found = find({ provider, model, requestModel, atMs, tier: normalizeTier(usage.tier) });
  if ('missing' in found) return nothing(found.missing, found.version);
  const amount = amountOf(usage.tokens, found.prices);
  if (amount === undefined) return nothing('no_tokens', found.version);
  if (amount > CALL_COST_MAX) return nothing('tokens_invalid', found.version);
  return { amount, source: found.source, priceVersion: found.version, missing: '' };
}

function reportedCost(dollars: number | null): CallCost | undefined {
  if (dollars === null || dollars < 0) return undefined;
  const amount = fromDollars(dollars);
  if (amount === undefined || amount > CALL_COST_MAX) return undefined;
  return { amount, source: 'reported', priceVersion: '', missing: '' };
}

function nothing(missing: string, priceVersion: string): CallCost {
  return { amount: null, source: '', priceVersion, missing };
}
