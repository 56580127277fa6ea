import { AGENT_STATUSES } from '../../src/model/agent.ts';
import type { AgentStatus } from '../../src/model/agent.ts';
import { COST_GROUPS } from './cost-groups.ts';
import type { CostGroupBy } from './cost-groups.ts';

/**
 * What the address says after `?`, per page. Everything is text there; what makes no sense is left out, so that
 * a hand-written or old address still opens the page.
 */
export type RawSearch = Readonly<Record<string, unknown>>;

/** `?a=1&attr=x&attr=y` → `{a: '1', attr: ['x', 'y']}`; never numbers or JSON, so that `agent=123` stays a name. */
export function parseSearch(text: string): Record<string, string | string[]> {
  const search: Record<string, string | string[]> = {};
  const params = new URLSearchParams(text.startsWith('?') ? text.slice(1) : text);
  for (const key of new Set(params.keys())) {
    const values = params.getAll(key);
    search[key] = values.length === 1 ? values[0]! : values;
  }
  return search;
}

export function formatSearch(search: Readonly<Record<string, unknown>>): string {
  const params = new URLSearchParams();
  for (const [key, value] of Object.entries(search)) {
    for (const item of Array.isArray(value) ? (value as unknown[]) : [value]) {
      if (typeof item === 'string' && item !== '') params.append(key, item);
      else if (typeof item === 'number' || item === true) params.append(key, String(item));
    }
  }
  const text = params.toString();
  return text === '' ? '' : `?${text}`;
}

/** As much as the server takes in one filter. */
const CHARACTERS_MAX = 256;

function textOf(value: unknown): string | undefined {
  const first: unknown = Array.isArray(value) ? value[0] : value;
  if (typeof first !== 'string') return undefined;
  const text = first.trim().slice(0, CHARACTERS_MAX);
  return text === '' ? undefined : text;
}

function oneOf<T extends string>(value: unknown, allowed: readonly T[]): T | undefined {
  return allowed.find((item) => item === value);
}

function wholeNumber(value: unknown, least: number): number | undefined {
  const number = typeof value === 'number' ? value : Number(textOf(value));
  return Number.isSafeInteger(number) && number >= least ? number : undefined;
}

/** Leaves out what is undefined, so that addresses stay short. */
function compact<T extends object>(search: T): T {
  return Object.fromEntries(Object.entries(search).filter(([, value]) => value !== undefined)) as T;
}

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

export const TIME_RANGES = ['15m', '1h', '6h', '24h', '7d', '30d', 'all'] as const;
export type TimeRange = (typeof TIME_RANGES)[number];
export const DEFAULT_RANGE: TimeRange = '24h';

const RANGE_MS: Readonly<Record<TimeRange, number | undefined>> = {
  '15m': 15 * 60_000,
  '1h': 3_600_000,
  '6h': 6 * 3_600_000,
  '24h': 24 * 3_600_000,
  '7d': 7 * 86_400_000,
  '30d': 30 * 86_400_000,
  all: undefined,
};

export const RANGE_NAMES: Readonly<Record<TimeRange, string>> = {
  '15m': 'Last 15 minutes',
  '1h': 'Last hour',
  '6h': 'Last 6 hours',
  '24h': 'Last 24 hours',
  '7d': 'Last 7 days',
  '30d': 'Last 30 days',
  all: 'All time',
};

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
    attr: attributesOf(raw['attr']),
    live: raw['live'] === true || raw['live'] === 'true' ? true : undefined,
  });
}

function attributesOf(value: unknown): string[] | undefined {
  const all = (Array.isArray(value) ? (value as unknown[]) : [value])
    .map(textOf)
    .filter((item) => item !== undefined)
    .filter(isAttributeFilter)
    .slice(0, 10);
  return all.length === 0 ? undefined : all;
}

/** `key=value`, with a key before the first `=`. */
export function isAttributeFilter(text: string): boolean {
  return text.indexOf('=') > 0;
}

/** The span of time that the search means, in ISO times; `range` counts back from `nowMs`. */
export function timeSpanOf(
  search: Pick<TracesSearch, 'range' | 'from' | 'to'>,
  nowMs: number,
): { readonly from?: string; readonly to?: string } {
  if (search.from !== undefined || search.to !== undefined) {
    return {
      ...(search.from === undefined ? {} : { from: new Date(search.from).toISOString() }),
      ...(search.to === undefined ? {} : { to: new Date(search.to).toISOString() }),
    };
  }
  const length = RANGE_MS[search.range ?? DEFAULT_RANGE];
  return length === undefined ? {} : { from: new Date(nowMs - length).toISOString() };
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

/** The span of time that a list is of. */
function parseRange(raw: RawSearch): Pick<RunsSearch, 'range' | 'from' | 'to'> {
  const time = (value: unknown) => {
    const text = textOf(value);
    return text !== undefined && !Number.isNaN(Date.parse(text)) ? text : undefined;
  };
  return {
    range: oneOf(raw['range'], TIME_RANGES),
    from: time(raw['from']),
    to: time(raw['to']),
  };
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

export const QUALITY_OUTCOMES = ['passed', 'scored', 'unjudged', 'all'] as const;

export interface QualitySearch {
  readonly agent?: string | undefined;
  readonly name?: string | undefined;
  /** Failed ones when left out. */
  readonly outcome?: (typeof QUALITY_OUTCOMES)[number] | undefined;
}

export function parseQualitySearch(raw: RawSearch): QualitySearch {
  return compact({
    agent: textOf(raw['agent']),
    name: textOf(raw['name']),
    outcome: oneOf(raw['outcome'], QUALITY_OUTCOMES),
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

export interface CallsSearch {
  readonly agent?: string | undefined;
  readonly tool?: string | undefined;
}

export function parseCallsSearch(raw: RawSearch): CallsSearch {
  return compact({ agent: textOf(raw['agent']), tool: textOf(raw['tool']) });
}

export const SPAN_TABS = ['summary', 'attributes', 'events', 'resource', 'raw'] as const;
export type SpanTab = (typeof SPAN_TABS)[number];

export const TRACE_VIEWS = ['waterfall', 'graph', 'conversation', 'path'] as const;
export type TraceView = (typeof TRACE_VIEWS)[number];

export interface TraceSearch {
  readonly view?: TraceView | undefined;
  readonly span?: string | undefined;
  readonly tab?: SpanTab | undefined;
}

export function parseTraceSearch(raw: RawSearch): TraceSearch {
  const span = textOf(raw['span']);
  return compact({
    view: oneOf(raw['view'], TRACE_VIEWS),
    span: span !== undefined && /^[0-9a-f]{1,32}$/i.test(span) ? span.toLowerCase() : undefined,
    tab: oneOf(raw['tab'], SPAN_TABS),
  });
}

export const CONNECT_TARGETS = ['python', 'javascript', 'go', 'claude-code'] as const;
export type ConnectTarget = (typeof CONNECT_TARGETS)[number];

export interface ConnectSearch {
  readonly for?: ConnectTarget | undefined;
}

export function parseConnectSearch(raw: RawSearch): ConnectSearch {
  return compact({ for: oneOf(raw['for'], CONNECT_TARGETS) });
}
