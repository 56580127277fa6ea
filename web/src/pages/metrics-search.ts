import { compact, oneOf, parseRange } from '../search-values.ts';
import type { RangeSearch, RawSearch } from '../search-values.ts';

export const METRIC_STEPS = ['5s', '15s', '1m', '5m', '15m', '1h', '6h', '1d'] as const;
export type MetricStep = (typeof METRIC_STEPS)[number];

export interface MetricsSearch extends RangeSearch {
  /** The questions in PromQL, one or several. */
  readonly q?: string | readonly string[] | undefined;
  /** What stands at one time rather than over time. */
  readonly view?: 'now' | undefined;
  /** Chosen by the length of time when left out. */
  readonly step?: MetricStep | undefined;
  /** What the names of listed metrics contain. */
  readonly find?: string | undefined;
}

export const QUERIES_MAX = 8;
const QUERY_CHARACTERS_MAX = 4_096;

export function parseMetricsSearch(raw: RawSearch): MetricsSearch {
  const queries = [raw['q'] ?? []]
    .flat()
    .filter((query): query is string => typeof query === 'string' && query.trim() !== '')
    .map((query) => query.slice(0, QUERY_CHARACTERS_MAX))
    .slice(0, QUERIES_MAX);
  const find = typeof raw['find'] === 'string' ? raw['find'].slice(0, 256) : '';
  return compact({
    q: queries.length === 0 ? undefined : queries.length === 1 ? queries[0] : queries,
    ...parseRange(raw),
    view: oneOf(raw['view'], ['now'] as const),
    step: oneOf(raw['step'], METRIC_STEPS),
    find: find === '' ? undefined : find,
  });
}

export const queriesOf = ({ q }: MetricsSearch): readonly string[] => [q ?? []].flat();
