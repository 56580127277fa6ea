import {
  compact,
  formatSearch,
  isSet,
  manyOf,
  oneOf,
  parseRange,
  severalOf,
  textOf,
} from '../search-values.ts';
import type { OneOrMany, RangeSearch, RawSearch } from '../search-values.ts';

export const TRACE_STATUSES = ['error', 'ok'] as const;
export type TraceStatus = (typeof TRACE_STATUSES)[number];

/** What a span says of itself in one word. */
export const TRACE_FIELDS = [
  'agent',
  'service',
  'model',
  'tool',
  'operation',
  'provider',
  'framework',
  'user',
  'conversation',
  'name',
  'error_type',
] as const;
export type TraceField = (typeof TRACE_FIELDS)[number];

const PANEL_STATES = ['open', 'closed'] as const;

/** What lists that have views and facets share. */
export interface ListSearch extends RangeSearch {
  /** Whether the panel of facets is open; by the width of the window when left out. */
  readonly facets?: (typeof PANEL_STATES)[number] | undefined;
  /** `all`: the list as it is, also where a person has a view that it opens with. */
  readonly view?: 'all' | undefined;
}

export function parseList(raw: RawSearch): ListSearch {
  return {
    ...parseRange(raw),
    facets: oneOf(raw['facets'], PANEL_STATES),
    view: oneOf(raw['view'], ['all'] as const),
  };
}

/** What a view of a list keeps of its address: everything but how the page looks just now. */
export function viewSearch(search: ListSearch): string {
  const { view: _view, facets: _facets, ...kept } = search;
  return formatSearch(kept).slice(1);
}

export interface TracesSearch
  extends ListSearch, Readonly<Partial<Record<TraceField, OneOrMany | undefined>>> {
  readonly q?: string | undefined;
  readonly status?: TraceStatus | undefined;
  /** As typed: `250ms`, `2s`, `1.5min`. */
  readonly min?: string | undefined;
  readonly max?: string | undefined;
  /** As typed: `key=value`. */
  readonly attr?: readonly string[] | undefined;
  readonly live?: boolean | undefined;
}

export function parseTracesSearch(raw: RawSearch): TracesSearch {
  return compact({
    q: textOf(raw['q']),
    ...parseList(raw),
    ...Object.fromEntries(TRACE_FIELDS.map((field) => [field, manyOf(raw[field])])),
    status: oneOf(raw['status'], TRACE_STATUSES),
    min: durationText(raw['min']),
    max: durationText(raw['max']),
    attr: severalOf(raw['attr'], (text) => (isAttributeFilter(text) ? text : undefined)),
    live: isSet(raw['live']),
  });
}

export function durationText(value: unknown): string | undefined {
  const text = textOf(value);
  return text !== undefined && parseDurationNs(text) !== undefined ? text : undefined;
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
