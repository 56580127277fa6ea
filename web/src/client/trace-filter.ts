import { parseDurationNs, TRACE_FIELDS } from '../pages/traces-search.ts';
import type { TracesSearch } from '../pages/traces-search.ts';
import { timeSpanOf } from '../search-values.ts';
import type { TracesQuery } from './traces.ts';

/** What the address asks for, in the words of the API. */
export function filterOf(search: TracesSearch, nowMs: number): TracesQuery {
  return {
    ...timeSpanOf(search, nowMs),
    ...Object.fromEntries(TRACE_FIELDS.map((field) => [field, search[field]])),
    text: search.q,
    status: search.status,
    min_duration_ns: search.min === undefined ? undefined : parseDurationNs(search.min),
    max_duration_ns: search.max === undefined ? undefined : parseDurationNs(search.max),
    attribute: search.attr,
  };
}
