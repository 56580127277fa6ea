import type { Picodollars } from '../model/money.ts';
import type { ModelCall, RunTokens } from '../model/run.ts';
import type { StartWindow, Versioned } from './run-store.ts';

/** What costs are told apart by. `day` is a day of the time zone asked for. */
export const COST_DIMENSIONS = [
  'agent',
  'model',
  'provider',
  'user',
  'conversation',
  'day',
] as const;

export type CostDimension = (typeof COST_DIMENSIONS)[number];

/** Calls that began in `[fromMs, toMs)`, milliseconds since 1970; all that is given besides must hold. */
export interface CostFilter {
  readonly fromMs: number;
  readonly toMs: number;
  readonly agent?: string | undefined;
  readonly model?: string | undefined;
  readonly provider?: string | undefined;
  readonly user?: string | undefined;
  readonly conversation?: string | undefined;
  readonly traceId?: string | undefined;
}

/** Sums over calls of models. Amounts and counts of what is not known are in no other sum. */
export interface CostSums {
  /** Of the calls with a price. */
  readonly cost: Picodollars;
  /** Of it, what senders reckoned themselves. */
  readonly reportedCost: Picodollars;
  /** Of it, what stands on counts that the instrumentation guessed. */
  readonly estimatedCost: Picodollars;
  readonly calls: number;
  /** With an amount: where none has one, what they cost is not known, which is not nothing. */
  readonly pricedCalls: number;
  readonly failedCalls: number;
  /** With tokens and no known price. */
  readonly unpricedCalls: number;
  /** That did not fail and of which no usage was reported. */
  readonly callsWithoutTokens: number;
  /** With counts that cannot be. */
  readonly invalidCalls: number;
  readonly estimatedCalls: number;
  readonly tokens: RunTokens;
}

export interface CostGroup {
  /** A value for each dimension asked for, in their order; '' where the calls do not say. Days as `2026-11-20`. */
  readonly key: readonly string[];
  readonly sums: CostSums;
}

/** A model with calls and without a price. */
export interface UnpricedModel {
  readonly provider: string;
  readonly model: string;
  /** `unknown_model` or `unknown_tier`. */
  readonly missing: string;
  readonly calls: number;
  readonly tokens: RunTokens;
  /** When the first and the last of the calls began; milliseconds since 1970. */
  readonly firstMs: number;
  readonly lastMs: number;
  /** Ten at most. */
  readonly agents: readonly string[];
}

/** Where a list of events goes on. */
export interface EventPosition {
  readonly startNs: bigint;
  readonly traceId: string;
}

/**
 * Questions about what calls of models cost, whichever way the calls came to be known. Every answer MUST be of the one
 * project asked for. Implementations MUST bound memory and time and throw `STORAGE_UNAVAILABLE` at a bound.
 */
export interface CostStore {
  /**
   * A group for each combination of values, the dearest first, then by their key; `limit` at most. No dimension makes
   * one group, of everything. `timeZone` is an IANA name.
   */
  sumCosts(
    project: string,
    query: {
      readonly filter: CostFilter;
      readonly by: readonly CostDimension[];
      readonly timeZone: string;
      readonly limit: number;
    },
  ): Promise<readonly CostGroup[]>;

  /** Calls that were told of by themselves, by start, behind `after`. The end of the range is exclusive. */
  listEvents(
    project: string,
    query: {
      readonly range: StartWindow;
      readonly after: EventPosition | undefined;
      readonly limit: number;
    },
  ): Promise<readonly Versioned<ModelCall>[]>;

  /** Those with the most calls first. */
  listUnpriced(
    project: string,
    range: { readonly fromMs: number; readonly toMs: number },
    limit: number,
  ): Promise<readonly UnpricedModel[]>;
}
