import { compileGlob, hasWildcard, type NameTest } from '../base/glob.ts';
import type { PriceKind, PriceOverride } from '../model/price-override.ts';
import { toRate } from '../model/price-override.ts';
import type { ModelPrices, TieredRate } from './model-prices.ts';
import type { FindPrices, KnownPrices } from './price-call.ts';
import { bareModel } from './model-spelling.ts';

interface Candidate {
  readonly override: PriceOverride;
  readonly matches: NameTest;
  readonly known: KnownPrices;
}

/**
 * A price book of the user's own prices, which asks `otherwise` for what they do not cover. Of several that fit, the
 * most particular holds: one for the tier before one for all, one for the provider before one for all, a whole name
 * before a pattern, more letters before fewer; then the one that came into force last.
 */
export function createOverridePrices(
  overrides: readonly PriceOverride[],
  otherwise: FindPrices,
): FindPrices {
  if (overrides.length === 0) return otherwise;
  const candidates = overrides.map(toCandidate).toSorted(byPrecedence);
  return (question) => {
    const names = namesOf(question.model, question.requestModel);
    const found = candidates.find(
      ({ override, matches }) =>
        override.fromMs <= question.atMs &&
        (override.tier === '' || override.tier === question.tier) &&
        (override.provider === '' || override.provider === question.provider) &&
        names.some(matches),
    );
    return found?.known ?? otherwise(question);
  };
}

/** The answered name and the requested one, each as sent and without what stands before it. */
function namesOf(model: string, requestModel: string): string[] {
  const names = new Set<string>();
  for (const name of [model, requestModel]) {
    if (name === '') continue;
    names.add(name.trim().toLowerCase());
    names.add(bareModel(name));
  }
  return [...names];
}

function toCandidate(override: PriceOverride): Candidate {
  return {
    override,
    matches: compileGlob(override.modelPattern.toLowerCase()),
    known: {
      prices: toModelPrices(override),
      source: 'override',
      version: `override:${override.id}@${override.version}`,
      provider: override.provider,
      model: override.modelPattern,
    },
  };
}

function toModelPrices({ prices }: PriceOverride): ModelPrices {
  const rate = (kind: PriceKind): TieredRate | null => {
    const text = prices[kind];
    return text === null ? null : { base: toRate(text), tiers: [] };
  };
  return {
    input: rate('input'),
    output: rate('output'),
    cacheRead: rate('cacheRead'),
    cacheWrite: rate('cacheWrite'),
    cacheWrite1h: rate('cacheWrite1h'),
    reasoning: rate('reasoning'),
  };
}

function byPrecedence({ override: one }: Candidate, { override: other }: Candidate): number {
  return (
    Number(other.tier !== '') - Number(one.tier !== '') ||
    Number(other.provider !== '') - Number(one.provider !== '') ||
    Number(hasWildcard(one.modelPattern)) - Number(hasWildcard(other.modelPattern)) ||
    lettersOf(other.modelPattern) - lettersOf(one.modelPattern) ||
    other.fromMs - one.fromMs ||
    (one.id < other.id ? -1 : 1)
  );
}

const lettersOf = (pattern: string): number => pattern.replaceAll('*', '').length;
