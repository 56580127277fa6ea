import type { Severity } from '../../model/alert.ts';
import { forecastSpend, type Budget } from '../../model/budget.ts';
import { formatDollars, toDollars, type Picodollars } from '../../model/money.ts';
import type { NewAlert } from '../alerts/alert-desk.ts';
import type { Spend } from './spend-ledger.ts';

/** A budget as it stands in a month. */
export interface BudgetState {
  readonly budget: Budget;
  /** `2026-11`. */
  readonly month: string;
  readonly spent: Picodollars;
  /** Null for a budget of nothing of which something is spent. */
  readonly percent: number | null;
  /** What will have been spent by the month's end; what was, for a month that is over. */
  readonly forecast: Picodollars;
  /** The amount is spent, or more. */
  readonly exhausted: boolean;
  /** Calls with tokens and no known price, which are in no sum. */
  readonly unpricedCalls: number;
}

export function stateOf(
  budget: Budget,
  spend: Spend,
  { month, nowMs, isPresent }: { month: string; nowMs: number; isPresent: boolean },
): BudgetState {
  const { amount } = budget;
  const spent = spend.total;
  const percent =
    amount === 0n ? (spent > 0n ? null : 0) : (toDollars(spent) / toDollars(amount)) * 100;
  return {
    budget,
    month,
    spent,
    percent,
    forecast: isPresent ? forecastSpend(spend.daily, nowMs) : spent,
    exhausted: spent >= amount,
    unpricedCalls: spend.unpricedCalls,
  };
}

/** The highest threshold that is reached; lower ones have been, and need no alert of their own any more. */
export function reachedThreshold({ budget, spent }: BudgetState): number | undefined {
  if (spent <= 0n) return undefined;
  return budget.thresholds.findLast(
    // In hundredths of a percent, since a threshold may have decimals.
    (threshold) => spent * 10_000n >= budget.amount * BigInt(Math.round(threshold * 100)),
  );
}

/** The alert that a threshold is reached: one for the month, the threshold and the amount. */
export function thresholdAlert(state: BudgetState, threshold: number): NewAlert {
  const { budget, month, spent, forecast, unpricedCalls } = state;
  const amount = formatDollars(budget.amount);
  const whose =
    budget.scope === 'project' ? 'The project' : `The ${budget.scope} ${budget.subject}`;
  const unpriced =
    unpricedCalls === 0 ? '' : ` ${unpricedCalls} calls without a known price are not in it.`;
  return {
    project: budget.project,
    key: `budget:${budget.id}:${month}:${threshold}%@${amount}`,
    kind: 'budget',
    severity: severityOf(threshold),
    subject: { kind: budget.scope, id: budget.subject, name: budget.subject || budget.project },
    title: `${whose} has spent ${threshold} % of its budget for ${month}`,
    text: `It spent ${dollars(spent)} of ${dollars(budget.amount)}. By the month's end it will be some ${dollars(forecast)} at the pace of the last days.${unpriced}`,
    detail: {
      budget_id: budget.id,
      month,
      threshold_percent: threshold,
      amount_usd: toDollars(budget.amount),
      spent_usd: toDollars(spent),
      forecast_usd: toDollars(forecast),
      unpriced_calls: unpricedCalls,
      enforced: budget.enforced,
    },
  };
}

function severityOf(threshold: number): Severity {
  if (threshold >= 150) return 'critical';
  if (threshold >= 100) return 'high';
  return threshold >= 80 ? 'medium' : 'low';
}

function dollars(amount: Picodollars): string {
  const value = toDollars(amount);
  return `$${value.toFixed(value !== 0 && Math.abs(value) < 1 ? 4 : 2)}`;
}
