import type { ModelInfo, Provider } from '@pydantic/genai-prices';
import { calcPrice, findProvider } from '@pydantic/genai-prices';

import { BoundedMap } from '../base/bounded-map.ts';
import { fromDollars } from '../model/money.ts';
import type { ModelPrices, Rate, TieredRate } from './model-prices.ts';
import { discount } from './model-prices.ts';
import { listingsOf, sellerOf } from './model-spelling.ts';
import { nearestModels } from './nearest-models.ts';
import type { FindPrices, KnownPrices, PriceQuestion, UnknownPrices } from './price-call.ts';
import { shareOfTier } from './service-tier.ts';

/** The library's data comes with its code, so the version of the package is that of the prices. */
export const PRICE_LIBRARY_VERSION = 'library@0.1.8';

/** Whose models may be meant by a name that is not known: makers first, then who serves many. */
const SELLERS = [
  'openai',
  'anthropic',
  'google',
  'mistral',
  'x-ai',
  'deepseek',
  'cohere',
  'moonshotai',
  'perplexity',
  'zai',
  'minimax',
  'voyageai',
  'aws',
  'azure',
  'groq',
  'together',
  'fireworks',
  'openrouter',
];

/** Pairs of provider and model whose place in the library is remembered; a test of every model takes a while. */
const PLACES_MAX = 10_000;

interface Place {
  readonly seller: string;
  readonly name: string;
  readonly model: ModelInfo;
  /** Prices that hold at all times; undefined where they depend on the date or the hour. */
  readonly prices: ModelPrices | undefined;
}

/**
 * The list prices of `@pydantic/genai-prices`, from the data in the package: nothing is fetched. Dated prices hold from
 * their date; before the first of them the oldest one holds.
 */
export function createPriceLibrary(): FindPrices {
  const places = new BoundedMap<string, Place | null>(PLACES_MAX);
  const isSeller = createIsSeller();
  return (question) => {
    const { provider, model, requestModel } = question;
    if (model === '' && requestModel === '') return unknown('no_model');
    for (const name of model === requestModel ? [model] : [model, requestModel]) {
      if (name === '') continue;
      const key = `${provider}\n${name}`;
      let place = places.get(key);
      if (place === undefined) {
        place = findPlace(provider, name, isSeller);
        places.set(key, place);
      }
      if (place !== null) return pricesAt(place, question);
    }
    return unknown('unknown_model');
  };
}

/** Names that the library knows, most like a model's that it does not know. */
export function nearestLibraryModels(provider: string, model: string): string[] {
  const own = sellerOf(provider);
  const isKnown = findProvider({ providerId: own })?.id === own;
  const names = (isKnown ? [own] : SELLERS).flatMap(
    (seller) => findProvider({ providerId: seller })?.models.map(({ id }) => id) ?? [],
  );
  return nearestModels(model, [...new Set(names)]);
}

function findPlace(
  provider: string,
  model: string,
  isSeller: (seller: string) => boolean,
): Place | null {
  for (const listing of listingsOf(provider, model, isSeller)) {
    const found = calcPrice({}, listing.model, { providerId: listing.seller });
    if (found === null) continue;
    const { provider: seller, model: place } = found;
    const isFixed = !Array.isArray(place.prices);
    const prices = isFixed ? readPrices(found.model_price, place.id) : undefined;
    if (isFixed && prices === undefined) return null;
    return { seller: seller.id, name: place.id, model: place, prices };
  }
  return null;
}

function pricesAt(place: Place, { atMs, tier }: PriceQuestion): KnownPrices | UnknownPrices {
  const prices = place.prices ?? datedPrices(place, atMs);
  if (prices === undefined) return unknown('unknown_model');
  const share = shareOfTier(place.seller, tier);
  if (share === undefined) return unknown('unknown_tier');
  return {
    prices: share[0] === share[1] ? prices : discount(prices, ...share),
    source: 'library',
    version: PRICE_LIBRARY_VERSION,
    provider: place.seller,
    model: place.name,
  };
}

/** Asks the library which of the model's prices hold, without a search through the seller's other models. */
function datedPrices({ seller, model }: Place, atMs: number): ModelPrices | undefined {
  const only: Provider = {
    id: seller,
    name: seller,
    api_pattern: '',
    models: [{ ...model, match: { starts_with: '' } }],
  };
  const found = calcPrice({}, model.id, { provider: only, timestamp: new Date(atMs) });
  return found === null ? undefined : readPrices(found.model_price, model.id);
}

/**
 * Undefined when the tokens have no price: models sold by the second or the page, and those that stand in the library
 * without one. Fees per request and per search are not the tokens' and are left out.
 */
function readPrices(
  prices: Readonly<Record<string, unknown>>,
  name: string,
): ModelPrices | undefined {
  const input = readRate(prices['input_mtok']);
  const output = readRate(prices['output_mtok']);
  if (input === null && output === null && !name.endsWith(':free')) return undefined;
  return {
    input,
    output,
    cacheRead: readRate(prices['cache_read_mtok']),
    cacheWrite: readRate(prices['cache_write_mtok']),
    cacheWrite1h: readRate(prices['cache_write_1h_mtok']),
    reasoning: readRate(prices['output_reasoning_mtok']),
  };
}

interface LibraryTiers {
  readonly base: number;
  readonly tiers: readonly { readonly start: number; readonly price: number }[];
}

function readRate(value: unknown): TieredRate | null {
  if (value === undefined) return null;
  if (typeof value === 'number') return { base: toRate(value), tiers: [] };
  const { base, tiers } = value as LibraryTiers;
  return {
    base: toRate(base),
    tiers: tiers
      .map(({ start, price }) => ({ aboveTokens: start, rate: toRate(price) }))
      .toSorted((one, other) => one.aboveTokens - other.aboveTokens),
  };
}

function toRate(dollarsPerMillion: number): Rate {
  return fromDollars(dollarsPerMillion) ?? 0n;
}

/** The library also takes `my-openai-proxy` for OpenAI; only a seller's own name is good enough here. */
function createIsSeller(): (seller: string) => boolean {
  const known = new BoundedMap<string, boolean>(1000);
  return (seller) => {
    let answer = known.get(seller);
    if (answer === undefined) {
      answer = seller !== '' && findProvider({ providerId: seller })?.id === seller;
      known.set(seller, answer);
    }
    return answer;
  };
}

function unknown(missing: UnknownPrices['missing']): UnknownPrices {
  return { missing, version: PRICE_LIBRARY_VERSION };
}
