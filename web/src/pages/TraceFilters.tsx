import { useQuery } from '@tanstack/react-query';
import { useDeferredValue, useState } from 'react';
import { attributeCompletionQuery, traceFacetsQuery } from '../client/traces.ts';
import { RangeChoice, TextFilter } from '../parts/filters.tsx';
import { useNow } from '../parts/use-now.ts';
import { isAttributeFilter, parseDurationNs } from '../url-search.ts';
import { timeSpanOf } from '../search-values.ts';
import type { TraceStatus, TracesSearch } from '../url-search.ts';

interface FilterProps {
  readonly search: TracesSearch;
  readonly onChange: (next: Partial<TracesSearch>) => void;
}

/** The filters of the traces list; each change goes into the address. */
export function TraceFilters({ search, onChange }: FilterProps) {
  const now = Math.floor(useNow() / RANGE_STEP_MS) * RANGE_STEP_MS;
  const facets = useFacets(timeSpanOf(search, now).from);
  return (
    <div className="toolbar filters">
      <RangeChoice search={search} onChange={onChange} />
      <StatusChoice search={search} onChange={onChange} />
      <TextFilter
        label="Agent"
        value={search.agent}
        offers={facets.agents}
        onChange={(agent) => onChange({ agent })}
      />
      <TextFilter
        label="Service"
        value={search.service}
        offers={facets.services}
        onChange={(service) => onChange({ service })}
      />
      <TextFilter
        label="Model"
        value={search.model}
        offers={facets.models}
        onChange={(model) => onChange({ model })}
      />
      <TextFilter
        label="Over"
        means="Duration"
        hint="2s"
        short
        value={search.min}
        accepts={(text) => parseDurationNs(text) !== undefined}
        onChange={(min) => onChange({ min })}
      />
      <TextFilter
        label="Under"
        means="Duration"
        hint="1min"
        short
        value={search.max}
        accepts={(text) => parseDurationNs(text) !== undefined}
        onChange={(max) => onChange({ max })}
      />
      <AttributeFilters search={search} onChange={onChange} />
      <button
        type="button"
        className="button small plain live"
        aria-pressed={search.live === true}
        onClick={() => onChange({ live: search.live === true ? undefined : true })}
      >
        <span className={search.live === true ? 'dot clear' : 'dot'} aria-hidden="true" />
        Live
      </button>
    </div>
  );
}

/** A range that counts back from now moves on in steps, so that the same is not asked anew each second. */
const RANGE_STEP_MS = 60_000;

/** The names in use, for completion. */
function useFacets(from: string | undefined) {
  const facets = useQuery(traceFacetsQuery(from)).data;
  const names = (kind: 'agents' | 'services' | 'models') =>
    facets?.[kind].map(({ value }) => value) ?? [];
  return { agents: names('agents'), services: names('services'), models: names('models') };
}

const STATUS_CHOICES: readonly (readonly [TraceStatus | undefined, string])[] = [
  [undefined, 'All'],
  ['error', 'Failed'],
  ['ok', 'Fine'],
];

function StatusChoice({ search, onChange }: FilterProps) {
  return (
    <div className="segments" role="group" aria-label="Status">
      {STATUS_CHOICES.map(([status, label]) => (
        <button
          key={label}
          type="button"
          aria-pressed={search.status === status}
          onClick={() => onChange({ status })}
        >
          {label}
        </button>
      ))}
    </div>
  );
}

function AttributeFilters({ search, onChange }: FilterProps) {
  const attributes = search.attr ?? [];
  const [typed, setTyped] = useState<string>();
  const completion = useQuery({
    ...attributeCompletionQuery(useDeferredValue(typed ?? '')),
    enabled: typed !== undefined,
  });
  const change = (next: readonly string[]) =>
    onChange({ attr: next.length === 0 ? undefined : [...new Set(next)] });
  return (
    <>
      {attributes.map((attribute) => (
        <span key={attribute} className="filter chip">
          <bdi className="foreign mono cut">{attribute}</bdi>
          <button
            type="button"
            aria-label={`Remove ${attribute}`}
            onClick={() => change(attributes.filter((each) => each !== attribute))}
          >
            ×
          </button>
        </span>
      ))}
      <TextFilter
        label="Attribute"
        hint="key=value"
        value={undefined}
        offers={completion.data ?? []}
        onType={setTyped}
        accepts={isAttributeFilter}
        onChange={(added) => {
          if (added !== undefined) change([...attributes, added]);
        }}
        key={attributes.join('\n')}
      />
    </>
  );
}
