import { useQuery } from '@tanstack/react-query';
import { SEVERITY_LEVELS } from '../../../src/model/severity.ts';
import type { SeverityLevel } from '../../../src/model/severity.ts';
import { logFacetsQuery } from '../client/logs.ts';
import type { LogFacets } from '../client/logs.ts';
import { LEVEL_TONES } from '../log-line.ts';
import type { Facet } from '../parts/FacetPanel.tsx';
import type { LogsSearch } from './logs-search.ts';

/** What the records name and how often, the gravest level first. */
export function useLogFacets(
  search: LogsSearch,
  nowMs: number,
  enabled: boolean,
): readonly Facet[] | undefined {
  const { data } = useQuery({ ...logFacetsQuery(search, nowMs), enabled });
  return data && facetsOf(data, search);
}

function facetsOf(counts: LogFacets, search: LogsSearch): readonly Facet[] {
  const one = (value: string | undefined): readonly string[] =>
    value === undefined ? [] : [value];
  return [
    {
      id: 'level',
      label: 'Level',
      values: counts.levels.toSorted((a, b) => rank(b.value) - rank(a.value)),
      chosen: search.level ?? [],
      words: LEVEL_WORDS,
      tones: LEVEL_TONES,
    },
    { id: 'service', label: 'Service', values: counts.services, chosen: one(search.service) },
    { id: 'agent', label: 'Agent', values: counts.agents, chosen: one(search.agent) },
    { id: 'event', label: 'Event', values: counts.events, chosen: one(search.event) },
  ];
}

const LEVEL_WORDS: Readonly<Record<SeverityLevel, string>> = {
  unset: 'Not told',
  trace: 'Trace',
  debug: 'Debug',
  info: 'Info',
  warn: 'Warning',
  error: 'Error',
  fatal: 'Fatal',
};

function rank(level: string): number {
  return SEVERITY_LEVELS.findIndex((each) => each === level);
}

/** The search with the value chosen, or no more; of levels several may be. */
export function toggleLogFacet(
  search: LogsSearch,
  facet: string,
  value: string,
): Partial<LogsSearch> {
  if (facet !== 'level') {
    const key = facet as 'service' | 'agent' | 'event';
    return { [key]: search[key] === value ? undefined : value };
  }
  const level = value as SeverityLevel;
  const before = search.level ?? [];
  const next = before.includes(level)
    ? before.filter((each) => each !== level)
    : [...before, level];
  return { level: next.length === 0 ? undefined : next };
}
