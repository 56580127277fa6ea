import { useQuery } from '@tanstack/react-query';
import { SEVERITY_LEVELS } from '../../../src/model/severity.ts';
import type { SeverityLevel } from '../../../src/model/severity.ts';
import { logFacetsQuery } from '../client/logs.ts';
import { formatCompact } from '../format.ts';
import { LEVEL_TONES } from '../log-line.ts';
import { Foreign } from '../parts/Foreign.tsx';
import type { LogsSearch } from './logs-search.ts';

interface Value {
  readonly value: string;
  readonly count: number;
}

/** What the records name and how often; a click narrows the list to it, another takes that back. */
export function LogFacets(props: {
  readonly search: LogsSearch;
  readonly nowMs: number;
  readonly onChange: (next: Partial<LogsSearch>) => void;
}) {
  const { search, onChange } = props;
  const facets = useQuery(logFacetsQuery(search, props.nowMs)).data;
  const toggled = (kind: 'service' | 'agent' | 'event') => (value: string) =>
    onChange({ [kind]: search[kind] === value ? undefined : value });
  const toggleLevel = (value: string) => {
    const level = value as SeverityLevel;
    const before = search.level ?? [];
    const next = before.includes(level)
      ? before.filter((each) => each !== level)
      : [...before, level];
    onChange({ level: next.length === 0 ? undefined : next });
  };
  const levels = (facets?.levels ?? []).toSorted((a, b) => rank(b.value) - rank(a.value));
  return (
    <aside className="panel facets" aria-label="Narrow down" aria-busy={facets === undefined}>
      <Facet
        title="Level"
        values={levels}
        chosen={search.level ?? []}
        levels
        onToggle={toggleLevel}
      />
      <Facet
        title="Service"
        values={facets?.services ?? []}
        chosen={[search.service]}
        onToggle={toggled('service')}
      />
      <Facet
        title="Agent"
        values={facets?.agents ?? []}
        chosen={[search.agent]}
        onToggle={toggled('agent')}
      />
      <Facet
        title="Event"
        values={facets?.events ?? []}
        chosen={[search.event]}
        onToggle={toggled('event')}
      />
    </aside>
  );
}

function rank(level: string): number {
  return SEVERITY_LEVELS.findIndex((each) => each === level);
}

function Facet(props: {
  readonly title: string;
  readonly values: readonly Value[];
  readonly chosen: readonly (string | undefined)[];
  readonly levels?: boolean;
  readonly onToggle: (value: string) => void;
}) {
  if (props.values.length === 0) return null;
  return (
    <div role="group" aria-label={props.title}>
      <h3>{props.title}</h3>
      {props.values.map(({ value, count }) => (
        <button
          key={value}
          type="button"
          aria-pressed={props.chosen.includes(value)}
          onClick={() => props.onToggle(value)}
        >
          {props.levels === true && (
            <i className={`level-mark ${LEVEL_TONES[value as SeverityLevel]}`} aria-hidden="true" />
          )}
          <span className="cut">
            {props.levels === true ? value : <Foreign text={value} charactersMax={80} />}
          </span>
          <span className="num faint">{formatCompact(count)}</span>
        </button>
      ))}
    </div>
  );
}
