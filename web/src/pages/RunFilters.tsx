import { useQuery } from '@tanstack/react-query';
import { runFacetsQuery, runValues } from '../client/runs.ts';
import type { RunFacets } from '../client/runs.ts';
import { FacetsButton, facetsOf } from '../parts/FacetPanel.tsx';
import { RangeChoice } from '../parts/filters.tsx';
import { QueryBar } from '../parts/QueryBar.tsx';
import type { QueryKey } from '../query-text.ts';
import { oneOf, timeSpanOf, toggled, valuesOf } from '../search-values.ts';
import { dollarsText, isTraceId, RUN_FIELDS, RUN_SORTS, RUN_STATUSES } from './runs-search.ts';
import type { RunField, RunsSearch, RunSort } from './runs-search.ts';
import { parseDurationNs } from './traces-search.ts';

const LABELS: Readonly<Record<RunField, string>> = {
  agent: 'Agent',
  version: 'Version of the agent',
  model: 'Model',
  tool: 'Tool',
  user: 'User',
  conversation: 'Conversation',
  service: 'Service',
  framework: 'Framework',
  name: 'Root span',
  error_type: 'Kind of error',
};

/** Keys with one value, and what they are called in the address. */
const BOUNDS = {
  over: 'min',
  under: 'max',
  cost_over: 'min_cost',
  cost_under: 'max_cost',
  trace: 'trace',
} as const;

const isDuration = (value: string): boolean => parseDurationNs(value) !== undefined;
const isDollars = (value: string): boolean => dollarsText(value) !== undefined;

const KEYS: readonly QueryKey[] = [
  ...RUN_FIELDS.map((key) => ({ key, label: LABELS[key] })),
  { key: 'status', label: 'Status', values: RUN_STATUSES },
  { key: 'over', label: 'Longer than', hint: '250ms, 2s or 1.5min', accepts: isDuration },
  { key: 'under', label: 'Shorter than', hint: '250ms, 2s or 1.5min', accepts: isDuration },
  { key: 'cost_over', label: 'At least so many dollars', hint: '0.05', accepts: isDollars },
  { key: 'cost_under', label: 'At most so many dollars', hint: '0.05', accepts: isDollars },
  { key: 'trace', label: 'Trace', hint: 'its 32 hexadecimal digits', accepts: isTraceId },
];

const SORT_WORDS: Readonly<Record<RunSort, string>> = {
  start: 'Newest first',
  cost: 'Most expensive first',
  duration: 'Longest first',
  tokens: 'Most tokens first',
  input_tokens: 'Most input first',
  output_tokens: 'Most output first',
  model_calls: 'Most model calls first',
  tool_calls: 'Most tool calls first',
  errors: 'Most failed spans first',
  retries: 'Most retries first',
  spans: 'Most spans first',
};

const STATUS_WORDS = { ok: 'Done', error: 'Failed', running: 'Running', abandoned: 'Abandoned' };

/** The filters of the runs list; each change goes into the address. */
export function RunFilters(props: {
  readonly search: RunsSearch;
  readonly nowMs: number;
  readonly facetsOpen: boolean;
  readonly onChange: (next: Partial<RunsSearch>, how?: { readonly replace: boolean }) => void;
}) {
  const { search, nowMs, onChange } = props;
  const { from } = timeSpanOf(search, nowMs);
  return (
    <div className="toolbar filters query-filters">
      <RangeChoice search={search} onChange={onChange} />
      <select
        className="input range"
        aria-label="Order"
        value={search.sort ?? 'start'}
        onChange={(event) => onChange({ sort: sortOf(event.target.value) })}
      >
        {RUN_SORTS.map((sort) => (
          <option key={sort} value={sort}>
            {SORT_WORDS[sort]}
          </option>
        ))}
      </select>
      <QueryBar
        label="Filter runs"
        placeholder="agent=…, status=…, cost_over=0.05"
        keys={KEYS}
        asked={askedOf(search)}
        values={(key, part) => runValues(oneOf(key, RUN_FIELDS) ?? 'agent', part, from)}
        onAdd={(key, value) => onChange(withValue(search, key, value))}
        onRemove={(key, value) => onChange(withoutValue(search, key, value))}
      />
      <FacetsButton
        open={props.facetsOpen}
        onChange={(open) => onChange({ facets: open ? 'open' : 'closed' }, { replace: true })}
      />
    </div>
  );
}

export function sortOf(by: string): RunSort | undefined {
  const sort = oneOf(by, RUN_SORTS);
  return sort === 'start' ? undefined : sort;
}

function askedOf(search: RunsSearch): readonly (readonly [string, string])[] {
  return [
    ...RUN_FIELDS.flatMap((field) =>
      valuesOf(search[field]).map((value) => [field, value] as const),
    ),
    ...valuesOf(search.status).map((value) => ['status', value] as const),
    ...Object.entries(BOUNDS).flatMap(([key, field]) =>
      search[field] === undefined ? [] : [[key, search[field]] as const],
    ),
  ];
}

function withValue(search: RunsSearch, key: string, value: string): Partial<RunsSearch> {
  const bound = BOUNDS[key as keyof typeof BOUNDS];
  if (bound !== undefined) {
    return { [bound]: bound.endsWith('cost') ? dollarsText(value) : value.toLowerCase() };
  }
  const held = key === 'status' ? search.status : search[oneOf(key, RUN_FIELDS) ?? 'agent'];
  return valuesOf<string>(held).includes(value) ? {} : toggleRunFacet(search, key, value);
}

function withoutValue(search: RunsSearch, key: string, value: string): Partial<RunsSearch> {
  const bound = BOUNDS[key as keyof typeof BOUNDS];
  return bound === undefined ? toggleRunFacet(search, key, value) : { [bound]: undefined };
}

const FACETS = [
  ['agents', 'agent', 'Agent'],
  ['models', 'model', 'Model'],
  ['tools', 'tool', 'Tool'],
  ['services', 'service', 'Service'],
  ['users', 'user', 'User'],
  ['error_types', 'error_type', 'Kind of error'],
  ['versions', 'version', 'Version'],
  ['frameworks', 'framework', 'Framework'],
] as const satisfies readonly (readonly [keyof RunFacets, RunField, string])[];

/** What the runs consist of, by what they may be filtered by. */
export function useRunFacets(search: RunsSearch, nowMs: number, open: boolean) {
  const counts = useQuery({ ...runFacetsQuery(search, nowMs), enabled: open }).data;
  return counts && facetsOf(FACETS, counts, search, STATUS_WORDS);
}

/** The search with the value of the facet, or without it when it was there. */
export function toggleRunFacet(
  search: RunsSearch,
  facet: string,
  value: string,
): Partial<RunsSearch> {
  if (facet === 'status') {
    const status = oneOf(value, RUN_STATUSES);
    return status === undefined ? {} : { status: toggled(search.status, status) };
  }
  const field = oneOf(facet, RUN_FIELDS);
  return field === undefined ? {} : { [field]: toggled(search[field], value) };
}
