import { useQuery } from '@tanstack/react-query';
import type { SeverityLevel } from '../../../src/model/severity.ts';
import { logAttributeCompletion, logFacetsQuery, logQuery } from '../client/logs.ts';
import { formatShortId, parseTimeMs } from '../format.ts';
import { AttributeFilters } from '../parts/AttributeFilters.tsx';
import { FacetsButton } from '../parts/FacetPanel.tsx';
import { FilterChip, LiveSwitch, RangeChoice, TextFilter } from '../parts/filters.tsx';
import { Time } from '../parts/Time.tsx';
import { isLogAttributeFilter } from './logs-search.ts';
import type { LogsSearch } from './logs-search.ts';

interface FilterProps {
  readonly search: LogsSearch;
  readonly onChange: (next: Partial<LogsSearch>) => void;
}

/** The filters of the logs; each change goes into the address. */
export function LogFilters(
  props: FilterProps & { readonly nowMs: number; readonly facetsOpen: boolean },
) {
  const { search, onChange } = props;
  return (
    <div className="toolbar filters">
      {search.around === undefined ? (
        <RangeChoice search={search} onChange={onChange} />
      ) : (
        <AroundChip id={search.around} onRemove={() => onChange({ around: undefined })} />
      )}
      <LevelChoice search={search} onChange={onChange} />
      {!props.facetsOpen && <NameFilters {...props} />}
      {props.facetsOpen && <ChosenNames {...props} />}
      {search.trace !== undefined && (
        <FilterChip
          text={`trace ${formatShortId(search.trace)}`}
          onRemove={() => onChange({ trace: undefined, span: undefined })}
        />
      )}
      {search.span !== undefined && (
        <FilterChip
          text={`span ${formatShortId(search.span)}`}
          onRemove={() => onChange({ span: undefined })}
        />
      )}
      <AttributeFilters
        attributes={search.attr ?? []}
        source={logAttributeCompletion}
        accepts={isLogAttributeFilter}
        onChange={(attr) => onChange({ attr })}
      />
      {search.around === undefined && (
        <>
          <FacetsButton
            open={props.facetsOpen}
            onChange={(open) => onChange({ facets: open ? 'open' : 'closed' })}
          />
          <LiveSwitch live={search.live === true} onChange={(live) => onChange({ live })} />
        </>
      )}
    </div>
  );
}

function NameFilters({ search, nowMs, onChange }: FilterProps & { readonly nowMs: number }) {
  const facets = useQuery({
    ...logFacetsQuery(search, nowMs),
    enabled: search.around === undefined,
  }).data;
  const names = (kind: 'services' | 'agents' | 'events') =>
    facets?.[kind].map(({ value }) => value) ?? [];
  return (
    <>
      <TextFilter
        label="Service"
        value={search.service}
        offers={names('services')}
        onChange={(service) => onChange({ service })}
      />
      <TextFilter
        label="Agent"
        value={search.agent}
        offers={names('agents')}
        onChange={(agent) => onChange({ agent })}
      />
      <TextFilter
        label="Event"
        value={search.event}
        offers={names('events')}
        onChange={(event) => onChange({ event })}
      />
    </>
  );
}

/** What is chosen in the panel of facets, to be taken back here as well. */
function ChosenNames({ search, onChange }: FilterProps) {
  return (['service', 'agent', 'event'] as const).map((kind) => {
    const value = search[kind];
    if (value === undefined) return null;
    const remove = () => onChange({ [kind]: undefined });
    return <FilterChip key={kind} text={`${kind} ${value}`} onRemove={remove} />;
  });
}

function AroundChip(props: { readonly id: string; readonly onRemove: () => void }) {
  const record = useQuery(logQuery(props.id)).data;
  return (
    <span className="filter chip">
      <span>
        Around <Time ms={parseTimeMs(record?.timeUnixNano)} />
      </span>
      <button type="button" aria-label="Back to all times" onClick={props.onRemove}>
        ×
      </button>
    </span>
  );
}

/** Levels that stand for a choice; any other set is one of the facets' making. */
const LEVEL_CHOICES: readonly (readonly [
  levels: readonly SeverityLevel[] | undefined,
  label: string,
])[] = [
  [undefined, 'All'],
  [['warn', 'error', 'fatal'], 'Warnings up'],
  [['error', 'fatal'], 'Errors'],
];

function LevelChoice({ search, onChange }: FilterProps) {
  const chosen = search.level?.toSorted().join();
  return (
    <div className="segments" role="group" aria-label="Level">
      {LEVEL_CHOICES.map(([levels, label]) => (
        <button
          key={label}
          type="button"
          aria-pressed={chosen === levels?.toSorted().join()}
          onClick={() => onChange({ level: levels })}
        >
          {label}
        </button>
      ))}
    </div>
  );
}
