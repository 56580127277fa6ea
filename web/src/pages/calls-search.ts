import { compact, oneOf, parseRange, textOf, wholeNumber } from '../search-values.ts';
import type { RangeSearch, RawSearch } from '../search-values.ts';

export const CALL_DECISIONS = ['allow', 'deny', 'human_approval', 'rate_limited', 'error'] as const;
export const CALL_STATUSES = ['ok', 'failed'] as const;

export interface CallsSearch extends RangeSearch {
  readonly agent?: string | undefined;
  readonly tool?: string | undefined;
  readonly session?: string | undefined;
  readonly decision?: (typeof CALL_DECISIONS)[number] | undefined;
  readonly status?: (typeof CALL_STATUSES)[number] | undefined;
  /** The rule that decided. */
  readonly rule?: string | undefined;
  /** From 1; older calls stand on later ones. */
  readonly page?: number | undefined;
  /** The span of the call that is shown whole. */
  readonly call?: string | undefined;
}

export function parseCallsSearch(raw: RawSearch): CallsSearch {
  const call = textOf(raw['call']);
  return compact({
    ...parseRange(raw),
    agent: textOf(raw['agent']),
    tool: textOf(raw['tool']),
    session: textOf(raw['session']),
    decision: oneOf(raw['decision'], CALL_DECISIONS),
    status: oneOf(raw['status'], CALL_STATUSES),
    rule: textOf(raw['rule']),
    page: wholeNumber(raw['page'], 2),
    call: call !== undefined && /^[0-9a-f]{16}$/.test(call) ? call : undefined,
  });
}
