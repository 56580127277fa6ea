import { compact, manyOf, oneOf, textOf } from '../search-values.ts';
import type { OneOrMany, RawSearch } from '../search-values.ts';
import { durationText, parseList } from './traces-search.ts';
import type { ListSearch } from './traces-search.ts';

export const RUN_STATUSES = ['running', 'ok', 'error', 'abandoned'] as const;
export type RunStatus = (typeof RUN_STATUSES)[number];

/** What runs are put in order by, the greatest first; by their start when left out. */
export const RUN_SORTS = [
  'start',
  'cost',
  'duration',
  'tokens',
  'input_tokens',
  'output_tokens',
  'model_calls',
  'tool_calls',
  'errors',
  'retries',
  'spans',
] as const;
export type RunSort = (typeof RUN_SORTS)[number];

export const RUN_FIELDS = [
  'agent',
  'version',
  'model',
  'tool',
  'user',
  'conversation',
  'service',
  'framework',
  'name',
  'error_type',
] as const;
export type RunField = (typeof RUN_FIELDS)[number];

export interface RunsSearch
  extends ListSearch, Readonly<Partial<Record<RunField, OneOrMany | undefined>>> {
  readonly status?: OneOrMany<RunStatus> | undefined;
  readonly trace?: string | undefined;
  /** As typed: `250ms`, `2s`, `1.5min`. */
  readonly min?: string | undefined;
  readonly max?: string | undefined;
  /** US dollars, as typed. */
  readonly min_cost?: string | undefined;
  readonly max_cost?: string | undefined;
  readonly sort?: RunSort | undefined;
}

export function parseRunsSearch(raw: RawSearch): RunsSearch {
  const trace = textOf(raw['trace'] ?? raw['trace_id'])?.toLowerCase();
  return compact({
    ...parseList(raw),
    ...Object.fromEntries(RUN_FIELDS.map((field) => [field, manyOf(raw[field])])),
    status: manyOf(raw['status'], RUN_STATUSES),
    trace: trace !== undefined && isTraceId(trace) ? trace : undefined,
    min: durationText(raw['min']),
    max: durationText(raw['max']),
    min_cost: dollarsText(raw['min_cost']),
    max_cost: dollarsText(raw['max_cost']),
    sort: oneOf(raw['sort'], RUN_SORTS),
  });
}

export function isTraceId(text: string): boolean {
  return /^[0-9a-f]{32}$/i.test(text);
}

/** `0.5` or `$0.5`, without the sign. */
export function dollarsText(value: unknown): string | undefined {
  const text = textOf(value)?.replace(/^\$/, '');
  return text !== undefined && /^\d{1,7}(?:\.\d{1,12})?$/.test(text) ? text : undefined;
}
