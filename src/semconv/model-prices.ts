import type { Picodollars } from '../model/money.ts';
import type { RunTokens } from '../model/run.ts';

/** Picodollars per million tokens: dollars with twelve digits, as price lists are written. */
export type Rate = bigint;

/** A rate that changes when the call's whole input is larger than a bound; it then holds for all of its tokens. */
export interface TieredRate {
  readonly base: Rate;
  /** Ascending by `aboveTokens`. */
  readonly tiers: readonly { readonly aboveTokens: number; readonly rate: Rate }[];
}

/**
 * What a model's tokens cost. A part without a rate of its own (null) is priced as what it is a part of:
 * cached and reasoning tokens as input and output, a cache write for an hour as any cache write.
 */
export interface ModelPrices {
  readonly input: TieredRate | null;
  readonly output: TieredRate | null;
  readonly cacheRead: TieredRate | null;
  readonly cacheWrite: TieredRate | null;
  readonly cacheWrite1h: TieredRate | null;
  readonly reasoning: TieredRate | null;
}

export interface PricedTokens extends Pick<RunTokens, keyof RunTokens> {
  /** Of `cacheWrite`, the tokens that are kept for an hour; null when not told. */
  readonly cacheWrite1h: number | null;
}

const MILLION = 1_000_000n;

/**
 * The exact price of the tokens, rounded once, half up, to the picodollar; undefined when a count is missing that the
 * model charges for. Input holds its cached parts and output its reasoning, as `normalizeTokens` leaves them.
 */
export function amountOf(tokens: PricedTokens, prices: ModelPrices): Picodollars | undefined {
  if (tokens.input === null && isCharged(prices.input)) return undefined;
  if (tokens.output === null && isCharged(prices.output)) return undefined;
  const input = tokens.input ?? 0;
  const output = tokens.output ?? 0;
  const read = within(tokens.cacheRead, input);
  const write = within(tokens.cacheWrite, input - read);
  const write1h = within(tokens.cacheWrite1h, write);
  const reasoning = within(tokens.reasoning, output);
  const price = (count: number, rate: TieredRate | null): Picodollars =>
    count === 0 || rate === null ? 0n : BigInt(count) * rateFor(rate, input);
  const cacheWrite = prices.cacheWrite ?? prices.input;
  const sum =
    price(input - read - write, prices.input) +
    price(read, prices.cacheRead ?? prices.input) +
    price(write - write1h, cacheWrite) +
    price(write1h, prices.cacheWrite1h ?? cacheWrite) +
    price(output - reasoning, prices.output) +
    price(reasoning, prices.reasoning ?? prices.output);
  return (sum + MILLION / 2n) / MILLION;
}

/** The same prices at a share of their amount, e.g. half for a batch. */
export function discount(prices: ModelPrices, numerator: bigint, denominator: bigint): ModelPrices {
  const share = (rate: Rate): Rate => (rate * numerator) / denominator;
  const scaled = (rate: TieredRate | null): TieredRate | null =>
    rate && {
      base: share(rate.base),
      tiers: rate.tiers.map((tier) => ({ ...tier, rate: share(tier.rate) })),
    };
  return {
    input: scaled(prices.input),
    output: scaled(prices.output),
    cacheRead: scaled(prices.cacheRead),
    cacheWrite: scaled(prices.cacheWrite),
    cacheWrite1h: scaled(prices.cacheWrite1h),
    reasoning: scaled(prices.reasoning),
  };
}

export function rateFor(rate: TieredRate, inputTokens: number): Rate {
  if (rate.tiers.length === 0) return rate.base;
  return rate.tiers.findLast(({ aboveTokens }) => inputTokens > aboveTokens)?.rate ?? rate.base;
}

const isCharged = (rate: TieredRate | null): boolean =>
  rate !== null && (rate.base > 0n || rate.tiers.some((tier) => tier.rate > 0n));

/** A part cannot be more than the whole; a sender's part that is adds nothing to the bill. */
const within = (part: number | null, whole: number): number => Math.min(part ?? 0, whole);
