import { parseDurationNs } from '../url-search.ts';
import { timeSpanOf } from '../search-values.ts';
import type { TracesSearch } from '../url-search.ts';
import type { TracesQuery } from './traces.ts';

/** What the address asks for, in the words of the API. */
export function filterOf(search: TracesSearch, nowMs: number): TracesQuery {
  return {
    ...timeSpanOf(search, nowMs),
    text: search.q,
    agent: search.agent,
    service: search.service,
    model: search.model,
    status: search.status,
    min_duration_ns: search.min === undefined ? undefined : parseDurationNs(search.min),
    max_duration_ns: search.max === undefined ? undefined : parseDurationNs(search.max),
    attribute: search.attr,
  };
}
