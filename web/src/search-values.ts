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
export const CHARACTERS_MAX = 256;

export function textOf(value: unknown): string | undefined {
  const first: unknown = Array.isArray(value) ? value[0] : value;
  if (typeof first !== 'string') return undefined;
  const text = first.trim().slice(0, CHARACTERS_MAX);
  return text === '' ? undefined : text;
}

/** One value, or several of which any will do. */
export type OneOrMany<T extends string = string> = T | readonly T[];

const VALUES_MAX = 50;

/** Each value once; a single one by itself, so that `{agent: 'a'}` stays what a link says. */
export function manyOf<T extends string = string>(
  raw: unknown,
  allowed?: readonly T[],
): OneOrMany<T> | undefined {
  const all = (Array.isArray(raw) ? (raw as unknown[]) : [raw])
    .map((value) => (allowed === undefined ? textOf(value) : oneOf(value, allowed)))
    .filter((value) => value !== undefined) as T[];
  const distinct = [...new Set(all)].slice(0, VALUES_MAX);
  return distinct.length > 1 ? distinct : distinct[0];
}

export function valuesOf<T extends string>(value: OneOrMany<T> | undefined): readonly T[] {
  if (value === undefined) return [];
  return typeof value === 'string' ? [value] : value;
}

/** With the value if it was not there, else without it. */
export function toggled<T extends string>(
  values: OneOrMany<T> | undefined,
  value: T,
): OneOrMany<T> | undefined {
  const held = valuesOf(values);
  const next = held.includes(value) ? held.filter((each) => each !== value) : [...held, value];
  return next.length > 1 ? next : next[0];
}

export function oneOf<T extends string>(value: unknown, allowed: readonly T[]): T | undefined {
  return allowed.find((item) => item === value);
}

export function wholeNumber(value: unknown, least: number): number | undefined {
  const number = typeof value === 'number' ? value : Number(textOf(value));
  return Number.isSafeInteger(number) && number >= least ? number : undefined;
}

/** What `accept` makes of each text of a parameter that may come several times, ten at most; undefined for none. */
export function severalOf<T>(
  value: unknown,
  accept: (text: string) => T | undefined,
): T[] | undefined {
  const all = (Array.isArray(value) ? (value as unknown[]) : [value])
    .map(textOf)
    .map((text) => (text === undefined ? undefined : accept(text)))
    .filter((item) => item !== undefined)
    .slice(0, 10);
  return all.length === 0 ? undefined : [...new Set(all)];
}

/** A switch: true, or not in the address. */
export function isSet(value: unknown): true | undefined {
  return value === true || value === 'true' ? true : undefined;
}

/** Leaves out what is undefined, so that addresses stay short. */
export function compact<T extends object>(search: T): T {
  return Object.fromEntries(Object.entries(search).filter(([, value]) => value !== undefined)) as T;
}

/**
 * The router lays what a page understood over what the address says: whatever the page left out is set to nothing,
 * so that no value which it did not understand reaches it.
 */
export function strictly<T extends object>(parse: (raw: RawSearch) => T): (raw: RawSearch) => T {
  return (raw) => ({
    ...Object.fromEntries(Object.keys(raw).map((key) => [key, undefined])),
    ...parse(raw),
  });
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

/** Undefined for all time. */
export const rangeLengthMs = (range: TimeRange): number | undefined => RANGE_MS[range];

export const RANGE_NAMES: Readonly<Record<TimeRange, string>> = {
  '15m': 'Last 15 minutes',
  '1h': 'Last hour',
  '6h': 'Last 6 hours',
  '24h': 'Last 24 hours',
  '7d': 'Last 7 days',
  '30d': 'Last 30 days',
  all: 'All time',
};

/** A span of time: counted back from now, or absolute in ISO times, which win. */
export interface RangeSearch {
  readonly range?: TimeRange | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

/** The span of time that a list is of. */
export function parseRange(raw: RawSearch): RangeSearch {
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

/** The span of time that the search means, in ISO times; `range` counts back from `nowMs`. */
export function timeSpanOf(
  search: RangeSearch,
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
