import { parseDollars } from './money.ts';

/** A price that the user sets, in place of the library's. Types and their rules alone. */

export const PRICE_KINDS = [
  'input',
  'output',
  'cacheRead',
  'cacheWrite',
  'cacheWrite1h',
  'reasoning',
] as const;

export type PriceKind = (typeof PRICE_KINDS)[number];

/**
 * US dollars per million tokens as decimal text, e.g. `2.5`. Null where the kind has no price of its own: it costs what
 * the whole that it is part of costs. Input and output are such wholes, and cost nothing without a price.
 */
export type OverridePrices = Readonly<Record<PriceKind, string | null>>;

export interface PriceTerms {
  /** A glob over the model's name, in lower case: `gpt-4o*`. */
  readonly modelPattern: string;
  /** As `gen_ai.provider.name` has it; '' for every provider. */
  readonly provider: string;
  /** `batch`, `flex`, …; '' for every tier that has no override of its own. */
  readonly tier: string;
  /** From when on the price holds; milliseconds since 1970. */
  readonly fromMs: number;
  readonly prices: OverridePrices;
}

export interface PriceOverride extends PriceTerms {
  readonly id: string;
  readonly project: string;
  /** 1 for the first, one more with every change. */
  readonly version: number;
}

/** More dollars per million tokens than anybody asks for. */
export const RATE_MAX = 100_000;
const DECIMAL = /^\d{1,6}(?:\.\d{1,12})?$/;

export function isRate(text: string): boolean {
  return DECIMAL.test(text) && Number(text) <= RATE_MAX;
}

/** Picodollars per million tokens; for texts that `isRate` takes. */
export function toRate(text: string): bigint {
  return parseDollars(text) ?? 0n;
}
