import { assert, bigInt, constant, integer, oneof, property, record } from 'fast-check';
import { describe, expect, test } from 'vitest';

import { parseDollars } from '../model/money.ts';
import type { ModelPrices, PricedTokens, TieredRate } from './model-prices.ts';
import { amountOf } from './model-prices.ts';
import type { CallUsage, KnownPrices } from './price-call.ts';
import { priceCall } from './price-call.ts';

const rate = (dollars: string): TieredRate => ({ base: parseDollars(dollars)!, tiers: [] });
const PRICES: ModelPrices = {
  input: rate('3'),
  output: rate('15'),
  cacheRead: rate('0.3'),
  cacheWrite: rate('3.75'),
  cacheWrite1h: rate('6'),
  reasoning: null,
};
const BOOK: KnownPrices = {
  prices: PRICES,
  source: 'library',
  version: 'library@1',
  provider: 'p',
  model: 'm',
};
const NO_TOKENS: PricedTokens = {
  input: null,
  output: null,
  cacheRead: null,
  cacheWrite: null,
  cacheWrite1h: null,
  reasoning: null,
};

function priced(
  tokens: Partial<PricedTokens>,
  usage: Partial<CallUsage> = {},
  preferReported = false,
) {
  const call = {
    provider: 'p',
    model: 'm',
    requestModel: '',
    atMs: 0,
    tier: '',
    reportedCost: null,
    invalid: false,
    ...usage,
    tokens: { ...NO_TOKENS, ...tokens },
  };
  return priceCall(
    call,
    ({ model }) => (model === 'm' ? BOOK : { missing: 'unknown_model', version: 'library@1' }),
    preferReported,
  );
}

const costs = (dollars: string) => ({
  amount: parseDollars(dollars)!,
  source: 'library',
  priceVersion: 'library@1',
  missing: '',
});
const nothing = (missing: string, priceVersion: string) => ({
  amount: null,
  source: '',
  priceVersion,
  missing,
});

describe('the price of a call', () => {
  test('a price book is asked by one word for a tier', () => {
    const asked = (tier: string): string => {
      let seen = '?';
      const usage = { provider: '', model: 'm', requestModel: '', atMs: 0, tier };
      const tokens = { ...NO_TOKENS, input: 1, output: 1 };
      priceCall({ ...usage, tokens, reportedCost: null, invalid: false }, (question) => {
        seen = question.tier;
        return BOOK;
      });
      return seen;
    };
    expect(['default', 'Standard', 'auto', '', 'Flex', 'SERVICE_TIER_PRIORITY'].map(asked)).toEqual(
      ['', '', '', '', 'flex', 'priority'],
    );
  });

  test('cached tokens are priced apart from the fresh ones that they are counted with', () => {
    // 1000 fresh × 3 + 8000 read × 0.3 + 600 written × 3.75 + 400 written for an hour × 6 + 200 × 15, per million:
    // 0.003 + 0.0024 + 0.00225 + 0.0024 + 0.003
    expect(
      priced({ input: 10_000, cacheRead: 8000, cacheWrite: 1000, cacheWrite1h: 400, output: 200 }),
    ).toEqual(costs('0.01305'));
  });

  test('reasoning is output unless it has a price of its own', () => {
    expect(priced({ input: 0, output: 1000, reasoning: 900 })).toEqual(costs('0.015'));
    // 100 × 15 + 900 × 2 per million
    expect(
      amountOf(
        { ...NO_TOKENS, input: 0, output: 1000, reasoning: 900 },
        { ...PRICES, reasoning: rate('2') },
      ),
    ).toBe(parseDollars('0.0033'));
  });

  test('a count that the model charges for and nobody reported leaves no price', () => {
    expect(priced({ input: 10 })).toEqual(nothing('no_tokens', 'library@1'));
    expect(priced({ output: 10 })).toEqual(nothing('no_tokens', 'library@1'));
    expect(amountOf({ ...NO_TOKENS, input: 10 }, { ...PRICES, output: null })).toBe(30_000_000n);
  });

  test.each([
    ['tokens_invalid', '', { input: 1, output: 1 }, { invalid: true }],
    ['no_tokens', '', {}, {}],
    ['unknown_model', 'library@1', { input: 1, output: 1 }, { model: 'other' }],
    ['tokens_invalid', 'library@1', { input: 1e12, output: 1 }, {}],
  ])('no price, and why: %s', (missing, version, tokens, usage) => {
    expect(priced(tokens, usage)).toEqual(nothing(missing, version));
  });

  test('a reported cost stands in for one that cannot be computed, and comes first when preferred', () => {
    const reported = (dollars: string) => ({
      amount: parseDollars(dollars)!,
      source: 'reported',
      priceVersion: '',
      missing: '',
    });
    const both = { input: 1000, output: 0 };
    expect(priced(both, { reportedCost: 0.5 })).toEqual(costs('0.003'));
    expect(priced(both, { reportedCost: 0.5 }, true)).toEqual(reported('0.5'));
    expect(priced(both, { reportedCost: 0.0123, model: 'other' })).toEqual(reported('0.0123'));
    expect(priced({}, { reportedCost: 0.0123 })).toEqual(reported('0.0123'));
    expect(priced({}, { reportedCost: 1e30 })).toEqual(nothing('no_tokens', ''));
    expect(priced({}, { reportedCost: -1 })).toEqual(nothing('no_tokens', ''));
    expect(priced({}, { reportedCost: Number.NaN })).toEqual(nothing('no_tokens', ''));
  });
});

const counts = oneof(constant(null), integer({ min: 0, max: 2 ** 40 }));
const anyTokens = record({
  input: counts,
  output: counts,
  cacheRead: counts,
  cacheWrite: counts,
  cacheWrite1h: counts,
  reasoning: counts,
});

test('whatever the counts, nothing throws and no amount is negative or larger than all tokens at the dearest rate', () => {
  assert(
    property(anyTokens, (tokens) => {
      const amount = amountOf(tokens, PRICES);
      if (amount === undefined) return;
      const most = BigInt((tokens.input ?? 0) + (tokens.output ?? 0)) * 15_000_000n;
      expect(amount >= 0n && amount <= most).toBe(true);
    }),
  );
});

test('twice the tokens cost twice as much, to the picodollar', () => {
  const even = bigInt({ min: 0n, max: 10n ** 13n });
  assert(
    property(even, integer({ min: 0, max: 1e9 }), (base, input) => {
      const prices = { ...PRICES, input: { base: base * 1_000_000n, tiers: [] }, output: null };
      const one = amountOf({ ...NO_TOKENS, input }, prices)!;
      expect(amountOf({ ...NO_TOKENS, input: input * 2 }, prices)).toBe(one * 2n);
    }),
  );
});
