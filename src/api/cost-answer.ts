import { z } from 'zod';

import { lastDays } from '../analysis/costs/cost-reports.ts';
import type { DisplayCurrency } from '../analysis/costs/display-currency.ts';
import { toDisplay } from '../analysis/costs/display-currency.ts';
import type { Clock } from '../base/clock.ts';
import { toDollars } from '../model/money.ts';
import type { CostSums } from '../storage/cost-store.ts';
import { FROM_AFTER_TO, inOrder, limitOf, nonEmptyText, time, traceShape } from './answer.ts';

/** The shapes that questions and answers about costs have in common. */

export const DAYS_MAX = 366;

const timeZone = z
  .string()
  .max(64)
  .refine(isTimeZone, 'must be a time zone such as Europe/Berlin')
  .default('UTC');

/** The last days, the present one included, in a time zone; or from and to. */
export const periodQuery = {
  days: z.coerce.number().int().min(1).max(DAYS_MAX).default(30),
  from: time.optional(),
  to: time.optional(),
  /** Where days begin; UTC unless named. */
  time_zone: timeZone,
};

export const costsQuery = z
  .strictObject({
    ...periodQuery,
    agent: nonEmptyText(256).optional(),
    model: nonEmptyText(256).optional(),
    provider: nonEmptyText(128).optional(),
    user: nonEmptyText(1_024).optional(),
    conversation: nonEmptyText(1_024).optional(),
    ...traceShape,
    limit: limitOf(100, 1_000),
  })
  .refine(({ from, to }) => inOrder(from, to), FROM_AFTER_TO)
  .refine(isShort, TOO_LONG());

export const summaryQuery = z
  .strictObject(periodQuery)
  .refine(({ from, to }) => inOrder(from, to), FROM_AFTER_TO)
  .refine(isShort, TOO_LONG());

function TOO_LONG() {
  return { path: ['from'], error: `must not be more than ${DAYS_MAX} days before to` };
}

function isShort({ from, to }: { from?: number | undefined; to?: number | undefined }): boolean {
  return from === undefined || to === undefined || to - from <= DAYS_MAX * 86_400_000;
}

export function periodOf(
  query: { days: number; from?: number | undefined; to?: number | undefined; time_zone: string },
  clock: Clock,
): { fromMs: number; toMs: number; timeZone: string } {
  const last = lastDays(query.days, clock, query.time_zone);
  const toMs = query.to ?? last.toMs;
  const fromMs = query.from ?? Math.min(last.fromMs, toMs - (last.toMs - last.fromMs));
  return { fromMs: Math.max(fromMs, toMs - DAYS_MAX * 86_400_000), toMs, timeZone: last.timeZone };
}

const tokenCount = z.number().nullable();

/** Sums over calls of models. What is not known is counted beside, and in no amount. */
export const sumsShape = {
  /** Null where there are calls and none has a price: what they cost is not known. */
  cost_usd: z.number().nullable(),
  /** The same in the display currency: to show, not to add. */
  cost_display: z.number().nullable(),
  /** Of the amount, what senders reckoned themselves. */
  reported_cost_usd: z.number(),
  /** Of the amount, what stands on token counts that were guessed. */
  estimated_cost_usd: z.number(),
  calls: z.int(),
  failed_calls: z.int(),
  /** With tokens and no known price. */
  unpriced_calls: z.int(),
  calls_without_tokens: z.int(),
  invalid_calls: z.int(),
  estimated_calls: z.int(),
  input_tokens: tokenCount,
  output_tokens: tokenCount,
  cache_read_tokens: tokenCount,
  cache_write_tokens: tokenCount,
  reasoning_tokens: tokenCount,
};

export const costSums = z.object(sumsShape).meta({ id: 'CostSums' });

export type SumsAnswer = z.infer<typeof costSums>;

export function toSumsAnswer(sums: CostSums, currency: DisplayCurrency): SumsAnswer {
  const { tokens } = sums;
  const isUnknown = sums.calls > 0 && sums.pricedCalls === 0;
  return {
    cost_usd: isUnknown ? null : toDollars(sums.cost),
    cost_display: isUnknown ? null : toDisplay(sums.cost, currency),
    reported_cost_usd: toDollars(sums.reportedCost),
    estimated_cost_usd: toDollars(sums.estimatedCost),
    calls: sums.calls,
    failed_calls: sums.failedCalls,
    unpriced_calls: sums.unpricedCalls,
    calls_without_tokens: sums.callsWithoutTokens,
    invalid_calls: sums.invalidCalls,
    estimated_calls: sums.estimatedCalls,
    input_tokens: tokens.input,
    output_tokens: tokens.output,
    cache_read_tokens: tokens.cacheRead,
    cache_write_tokens: tokens.cacheWrite,
    reasoning_tokens: tokens.reasoning,
  };
}

function isTimeZone(name: string): boolean {
  try {
    // Offsets are zones to the runtime, and none to the engine.
    const { timeZone: known } = new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions();
    return known !== '' && /^[A-Za-z]/.test(name);
  } catch {
    return false;
  }
}
