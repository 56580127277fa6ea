import { AGENT_STATUSES } from '../../src/model/agent.ts';
import type { AgentStatus } from '../../src/model/agent.ts';
import { COST_GROUPS } from './cost-groups.ts';
import type { CostGroupBy } from './cost-groups.ts';
import {
  compact,
  isSet,
  oneOf,
  parseRange,
  severalOf,
  textOf,
  wholeNumber,
} from './search-values.ts';
import type { RawSearch, TimeRange } from './search-values.ts';

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

export const TRACE_STATUSES = ['error', 'ok'] as const;
export type TraceStatus = (typeof TRACE_STATUSES)[number];

export interface TracesSearch {
  readonly q?: string | undefined;
  readonly range?: TimeRange | undefined;
  /** An absolute span of time, as ISO times; both win over `range`. */
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly agent?: string | undefined;
  readonly service?: string | undefined;
  readonly model?: string | undefined;
  readonly status?: TraceStatus | undefined;
  /** As typed: `250ms`, `2s`, `1.5min`. */
  readonly min?: string | undefined;
  readonly max?: string | undefined;
  /** As typed: `key=value`. */
  readonly attr?: readonly string[] | undefined;
  readonly live?: boolean | undefined;
}

export function parseTracesSearch(raw: RawSearch): TracesSearch {
  const duration = (value: unknown) => {
    const text = textOf(value);
    return text !== undefined && parseDurationNs(text) !== undefined ? text : undefined;
  };
  return compact({
    q: textOf(raw['q']),
    ...parseRange(raw),
    agent: textOf(raw['agent']),
    service: textOf(raw['service']),
    model: textOf(raw['model']),
    status: oneOf(raw['status'], TRACE_STATUSES),
    min: duration(raw['min']),
    max: duration(raw['max']),
    attr: severalOf(raw['attr'], (text) => (isAttributeFilter(text) ? text : undefined)),
    live: isSet(raw['live']),
  });
}

/** `key=value`, with a key before the first `=`. */
export function isAttributeFilter(text: string): boolean {
  return text.indexOf('=') > 0;
}

const DURATION_UNITS: Readonly<Record<string, number>> = {
  ns: 1,
  us: 1e3,
  µs: 1e3,
  ms: 1e6,
  s: 1e9,
  m: 60e9,
  min: 60e9,
  h: 3600e9,
};

/** `250ms`, `2 s`, `1.5min` → nanoseconds; a bare number is seconds; undefined when it is none of these. */
export function parseDurationNs(text: string): number | undefined {
  const match = /^(\d{1,12}(?:\.\d{1,9})?)\s*([a-zµ]*)$/i.exec(text.trim());
  if (match === null) return undefined;
  const unit = DURATION_UNITS[match[2] === '' ? 's' : match[2]!.toLowerCase()];
  return unit === undefined ? undefined : Math.round(Number(match[1]) * unit);
}

export const RUN_STATUSES = ['running', 'ok', 'error', 'abandoned'] as const;
export const RUN_SORTS = ['start', 'cost', 'duration', 'tokens'] as const;
export type RunSort = (typeof RUN_SORTS)[number];

export interface RunsSearch {
  readonly range?: TimeRange | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly agent?: string | undefined;
  readonly status?: (typeof RUN_STATUSES)[number] | undefined;
  readonly model?: string | undefined;
  readonly tool?: string | undefined;
  readonly user?: string | undefined;
  readonly conversation?: string | undefined;
  readonly version?: string | undefined;
  readonly sort?: RunSort | undefined;
}

export function parseRunsSearch(raw: RawSearch): RunsSearch {
  return compact({
    ...parseRange(raw),
    agent: textOf(raw['agent']),
    status: oneOf(raw['status'], RUN_STATUSES),
    model: textOf(raw['model']),
    tool: textOf(raw['tool']),
    user: textOf(raw['user']),
    conversation: textOf(raw['conversation']),
    version: textOf(raw['version']),
    sort: oneOf(raw['sort'], RUN_SORTS),
  });
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
