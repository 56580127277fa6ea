import { formatDollars } from '../../model/money.ts';
import type { PriceKind } from '../../model/price-override.ts';
import { PRICE_KINDS } from '../../model/price-override.ts';
import type { TieredRate } from '../../semconv/model-prices.ts';
import type { FindPrices } from '../../semconv/price-call.ts';
import { nearestLibraryModels } from '../../semconv/price-library.ts';
import { normalizeProvider } from '../../semconv/provider.ts';
import { normalizeTier } from '../../semconv/service-tier.ts';

/** A price as people read it: US dollars per million tokens as decimal text. */
export interface ShownRate {
  readonly price: string;
  /** What holds for all of a call's tokens when its input is larger. */
  readonly above: readonly { readonly tokens: number; readonly price: string }[];
}

export type PriceAnswer = {
  /** Of the price, or of the price book that has none. */
  readonly version: string;
} & (
  | {
      readonly known: true;
      readonly source: 'override' | 'library';
      /** Who sells it and under which name or pattern, as the price book has it. */
      readonly provider: string;
      readonly model: string;
      readonly prices: Readonly<Record<PriceKind, ShownRate | null>>;
    }
  | {
      readonly known: false;
      readonly missing: 'unknown_model' | 'unknown_tier' | 'no_model';
      /** Names of models that are known, most like this one. */
      readonly nearest: readonly string[];
    }
);

/** What a model's tokens cost at a time, with names as a span would have them. */
export function lookUpPrice(
  find: FindPrices,
  { provider, model, tier, atMs }: { provider: string; model: string; tier: string; atMs: number },
): PriceAnswer {
  const name = normalizeProvider(provider, model);
  const found = find({
    provider: name,
    model,
    requestModel: model,
    atMs,
    tier: normalizeTier(tier),
  });
  const { version } = found;
  if ('missing' in found) {
    const { missing } = found;
    return { version, known: false, missing, nearest: nearestLibraryModels(name, model) };
  }
  return {
    version,
    known: true,
    source: found.source,
    provider: found.provider,
    model: found.model,
    prices: Object.fromEntries(
      PRICE_KINDS.map((kind) => [kind, shown(found.prices[kind])]),
    ) as Record<PriceKind, ShownRate | null>,
  };
}

function shown(rate: TieredRate | null): ShownRate | null {
  return (
    rate && {
      price: formatDollars(rate.base),
      above: rate.tiers.map((tier) => ({
        tokens: tier.aboveTokens,
        price: formatDollars(tier.rate),
      })),
    }
  );
}
