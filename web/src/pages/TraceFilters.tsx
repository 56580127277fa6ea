import { useQuery } from '@tanstack/react-query';
import { spanAttributeCompletion, traceFacetsQuery } from '../client/traces.ts';
import { AttributeFilters } from '../parts/AttributeFilters.tsx';
import { LiveSwitch, RangeChoice, TextFilter } from '../parts/filters.tsx';
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
      <AttributeFilters
        attributes={search.attr ?? []}
        source={spanAttributeCompletion}
        accepts={isAttributeFilter}
        onChange={(attr) => onChange({ attr })}
      />
      <LiveSwitch live={search.live === true} onChange={(live) => onChange({ live })} />
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
