import { groupBy } from '../../base/group-by.ts';
import { rateOf, summarize } from '../../model/baseline.ts';
import type { RunSample } from '../../model/run-sample.ts';

/** What was seen of one version of an agent: of its models, tools, system prompt and framework as they were observed. */
export interface AgentVersion {
  readonly version: string;
  readonly runs: number;
  /** Starts of its first and its last run, milliseconds since 1970 UTC. */
  readonly firstMs: number;
  readonly lastMs: number;
  /** Failed runs as a share. */
  readonly errorRate: number | null;
  /** Medians; null when no run has the value. */
  readonly durationS: number | null;
  readonly cost: number | null;
  readonly models: readonly string[];
  readonly tools: readonly string[];
  /** Against the version before it; null of the first. */
  readonly changed: VersionChange | null;
}

export interface VersionChange {
  readonly modelsAdded: readonly string[];
  readonly modelsRemoved: readonly string[];
  readonly toolsAdded: readonly string[];
  readonly toolsRemoved: readonly string[];
}

/** Of runs in any order. The version that ran last comes first; runs of which none is known are left out. */
export function versionsOf(samples: readonly RunSample[]): readonly AgentVersion[] {
  const byVersion = groupBy(
    samples.filter(({ version }) => version !== ''),
    ({ version }) => version,
  );
  const oldestFirst = [...byVersion]
    .map(([version, runs]) => describe(version, runs))
    .sort((a, b) => a.firstMs - b.firstMs);
  return oldestFirst
    .map((version, at) => ({ ...version, changed: changeOf(oldestFirst[at - 1], version) }))
    .sort((a, b) => b.lastMs - a.lastMs);
}

type Described = Omit<AgentVersion, 'changed'>;

function describe(version: string, runs: readonly RunSample[]): Described {
  const starts = runs.map(({ startMs }) => startMs);
  const median = (values: readonly (number | null)[]): number | null =>
    summarize(values.filter((value) => value !== null))?.median ?? null;
  return {
    version,
    runs: runs.length,
    firstMs: Math.min(...starts),
    lastMs: Math.max(...starts),
    errorRate: rateOf(runs.filter(({ failed }) => failed).length, runs.length),
    durationS: median(runs.map(({ durationS }) => durationS)),
    cost: median(runs.map(({ cost }) => cost)),
    models: namesOf(runs.flatMap(({ models }) => models)),
    tools: namesOf(runs.flatMap(({ tools }) => Object.keys(tools))),
  };
}

const namesOf = (all: readonly string[]): readonly string[] => [...new Set(all)].sort();

function changeOf(before: Described | undefined, now: Described): VersionChange | null {
  if (before === undefined) return null;
  const beyond = (all: readonly string[], known: readonly string[]) =>
    all.filter((name) => !known.includes(name));
  return {
    modelsAdded: beyond(now.models, before.models),
    modelsRemoved: beyond(before.models, now.models),
    toolsAdded: beyond(now.tools, before.tools),
    toolsRemoved: beyond(before.tools, now.tools),
  };
}
