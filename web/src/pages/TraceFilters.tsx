import { useQuery } from '@tanstack/react-query';
import { filterOf } from '../client/trace-filter.ts';
import { spanAttributes, traceFacetsQuery, traceValues } from '../client/traces.ts';
import type { TraceFacets } from '../client/traces.ts';
import { FacetsButton, facetsOf } from '../parts/FacetPanel.tsx';
import { LiveSwitch, RangeChoice } from '../parts/filters.tsx';
import { QueryBar } from '../parts/QueryBar.tsx';
import type { QueryKey } from '../query-text.ts';
import { oneOf, timeSpanOf, toggled, valuesOf } from '../search-values.ts';
import {
  isAttributeFilter,
  parseDurationNs,
  TRACE_FIELDS,
  TRACE_STATUSES,
} from './traces-search.ts';
import type { TraceField, TracesSearch } from './traces-search.ts';

interface FilterProps {
  readonly search: TracesSearch;
  readonly nowMs: number;
  readonly facetsOpen: boolean;
  readonly onChange: (next: Partial<TracesSearch>, how?: { readonly replace: boolean }) => void;
}

const LABELS: Readonly<Record<TraceField, string>> = {
  agent: 'Agent',
  service: 'Service',
  model: 'Model',
  tool: 'Tool',
  operation: 'Operation',
  provider: 'Provider',
  framework: 'Framework',
  user: 'User',
  conversation: 'Conversation',
  name: 'Name of a span',
  error_type: 'Kind of error',
};

const isDuration = (value: string): boolean => parseDurationNs(value) !== undefined;

const KEYS: readonly QueryKey[] = [
  ...TRACE_FIELDS.map((key) => ({ key, label: LABELS[key] })),
  { key: 'status', label: 'Status', values: TRACE_STATUSES },
  { key: 'over', label: 'A span longer than', hint: '250ms, 2s or 1.5min', accepts: isDuration },
  { key: 'under', label: 'A span shorter than', hint: '250ms, 2s or 1.5min', accepts: isDuration },
];

/** The filters of the traces list; each change goes into the address. */
export function TraceFilters({ search, nowMs, facetsOpen, onChange }: FilterProps) {
  const { from } = timeSpanOf(search, nowMs);
  return (
    <div className="toolbar filters query-filters">
      <RangeChoice search={search} onChange={onChange} />
      <QueryBar
        label="Filter traces"
        placeholder="agent=…, tool=…, any attribute, or words"
        keys={KEYS}
        asked={askedOf(search)}
        moreKeys={(part) => spanAttributes(undefined, part)}
        values={(key, part) => {
          const field = oneOf(key, TRACE_FIELDS);
          return field === undefined ? spanAttributes(key, part) : traceValues(field, part, from);
        }}
        onAdd={(key, value) => onChange(withValue(search, key, value))}
        onRemove={(key, value) => onChange(withoutValue(search, key, value))}
        onWords={(q) => onChange({ q })}
      />
      <FacetsButton
        open={facetsOpen}
        onChange={(open) => onChange({ facets: open ? 'open' : 'closed' }, { replace: true })}
      />
      <LiveSwitch
        live={search.live === true}
        onChange={(live) => onChange({ live }, { replace: true })}
      />
    </div>
  );
}

function askedOf(search: TracesSearch): readonly (readonly [string, string])[] {
  return [
    ...(search.q === undefined ? [] : [['text', search.q] as const]),
    ...TRACE_FIELDS.flatMap((field) =>
      valuesOf(search[field]).map((value) => [field, value] as const),
    ),
    ...(search.status === undefined ? [] : [['status', search.status] as const]),
    ...(search.min === undefined ? [] : [['over', search.min] as const]),
    ...(search.max === undefined ? [] : [['under', search.max] as const]),
    ...(search.attr ?? []).map((text) => {
      const at = text.indexOf('=');
      return [text.slice(0, at), text.slice(at + 1)] as const;
    }),
  ];
}

function withValue(search: TracesSearch, key: string, value: string): Partial<TracesSearch> {
  const field = oneOf(key, TRACE_FIELDS);
  if (field !== undefined) {
    return valuesOf(search[field]).includes(value)
      ? {}
      : { [field]: toggled(search[field], value) };
  }
  if (key === 'status') return { status: oneOf(value, TRACE_STATUSES) };
  if (key === 'over') return { min: value };
  if (key === 'under') return { max: value };
  const text = `${key}=${value}`;
  return isAttributeFilter(text) ? { attr: [...new Set([...(search.attr ?? []), text])] } : {};
}

function withoutValue(search: TracesSearch, key: string, value: string): Partial<TracesSearch> {
  if (key === 'text') return { q: undefined };
  if (key === 'status') return { status: undefined };
  if (key === 'over') return { min: undefined };
  if (key === 'under') return { max: undefined };
  const field = oneOf(key, TRACE_FIELDS);
  if (field !== undefined && valuesOf(search[field]).includes(value)) {
    return { [field]: toggled(search[field], value) };
  }
  const left = (search.attr ?? []).filter((each) => each !== `${key}=${value}`);
  return { attr: left.length === 0 ? undefined : left };
}

const FACETS = [
  ['agents', 'agent', 'Agent'],
  ['services', 'service', 'Service'],
  ['models', 'model', 'Model'],
  ['tools', 'tool', 'Tool'],
  ['operations', 'operation', 'Operation'],
  ['providers', 'provider', 'Provider'],
  ['frameworks', 'framework', 'Framework'],
] as const satisfies readonly (readonly [keyof TraceFacets, TraceField, string])[];

/** What the traces consist of, by what they may be filtered by. */
export function useTraceFacets(search: TracesSearch, nowMs: number, open: boolean) {
  const found = useQuery({ ...traceFacetsQuery(filterOf(search, nowMs), 30), enabled: open });
  const counts = found.data;
  return counts && facetsOf(FACETS, counts, search, { ok: 'Fine', error: 'Failed' });
}

/** The search with the value of the facet, or without it when it was there. */
export function toggleFacet(
  search: TracesSearch,
  facet: string,
  value: string,
): Partial<TracesSearch> {
  if (facet === 'status') {
    const status = oneOf(value, TRACE_STATUSES);
    return { status: status === search.status ? undefined : status };
  }
  const field = oneOf(facet, TRACE_FIELDS);
  return field === undefined ? {} : { [field]: toggled(search[field], value) };
}
