import { AGENT_STATUSES } from '../../src/model/agent.ts';
import type { AgentStatus } from '../../src/model/agent.ts';
import { COST_GROUPS } from './cost-groups.ts';
import type { CostGroupBy } from './cost-groups.ts';
import { compact, oneOf, textOf, wholeNumber } from './search-values.ts';
import type { RawSearch } from './search-values.ts';

export interface SignInSearch {
  /** `ended` when a sign-in link was opened that no longer serves. */
  readonly link?: 'ended' | undefined;
  readonly next?: string | undefined;
}

export function parseSignInSearch(raw: RawSearch): SignInSearch {
  const next = textOf(raw['next']);
  return compact({
    next: next !== undefined && isOwnPath(next) ? next : undefined,
    link: oneOf(raw['link'], ['ended'] as const),
  });
}

/** Only a path on this server: `//host` and `/\host` would leave it. */
export function isOwnPath(path: string): boolean {
  return /^\/(?![/\\])/.test(path) && !/[\p{Cc}\\]/u.test(path);
}

export const AGENT_SORTS = ['name', 'status', 'first_seen', 'last_seen'] as const;
export type AgentSort = (typeof AGENT_SORTS)[number];

export interface AgentsSearch {
  readonly q?: string | undefined;
  readonly status?: AgentStatus | undefined;
  readonly sort?: AgentSort | undefined;
  readonly dir?: 'asc' | 'desc' | undefined;
  readonly page?: number | undefined;
}

export function parseAgentsSearch(raw: RawSearch): AgentsSearch {
  return compact({
    q: textOf(raw['q']),
    status: oneOf(raw['status'], AGENT_STATUSES),
    sort: oneOf(raw['sort'], AGENT_SORTS),
    dir: oneOf(raw['dir'], ['asc', 'desc'] as const),
    page: wholeNumber(raw['page'], 2),
  });
}

export interface DiscoverySearch {
  readonly q?: string | undefined;
}

export function parseDiscoverySearch(raw: RawSearch): DiscoverySearch {
  return compact({ q: textOf(raw['q']) });
}

export interface RunSearch {
  /** Tells runs of one id apart. */
  readonly trace?: string | undefined;
}

export function parseRunSearch(raw: RawSearch): RunSearch {
  const trace = textOf(raw['trace']);
  return compact({
    trace: trace !== undefined && /^[0-9a-f]{32}$/i.test(trace) ? trace.toLowerCase() : undefined,
  });
}

export const COST_DAYS = [1, 7, 30, 90] as const;

export interface CostsSearch {
  readonly days?: (typeof COST_DAYS)[number] | undefined;
  readonly by?: CostGroupBy | undefined;
}

export function parseCostsSearch(raw: RawSearch): CostsSearch {
  const days = wholeNumber(raw['days'], 1);
  return compact({
    days: COST_DAYS.find((each) => each === days),
    by: oneOf(raw['by'], COST_GROUPS),
  });
}

export const ANOMALY_STATUSES = ['acknowledged', 'resolved', 'all'] as const;

export interface AnomaliesSearch {
  readonly kind?: string | undefined;
  /** Open ones when left out. */
  readonly status?: (typeof ANOMALY_STATUSES)[number] | undefined;
}

export function parseAnomaliesSearch(raw: RawSearch): AnomaliesSearch {
  return compact({
    kind: textOf(raw['kind']),
    status: oneOf(raw['status'], ANOMALY_STATUSES),
  });
}
