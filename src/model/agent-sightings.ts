import type { AgentSighting } from './agent.ts';

/** One sighting per agent: the last time, all runs, every value once. */
export function mergeSightings(sightings: readonly AgentSighting[]): AgentSighting[] {
  const merged = new Map<string, AgentSighting>();
  for (const sighting of sightings) {
    const key = JSON.stringify([sighting.project, sighting.name]);
    const known = merged.get(key);
    merged.set(key, known === undefined ? sighting : join(known, sighting));
  }
  return [...merged.values()];
}

function join(a: AgentSighting, b: AgentSighting): AgentSighting {
  return {
    project: a.project,
    name: a.name,
    seenAtMs: Math.max(a.seenAtMs, b.seenAtMs),
    runs: a.runs + b.runs,
    services: union(a.services, b.services),
    frameworks: union(a.frameworks, b.frameworks),
    sdkLanguages: union(a.sdkLanguages, b.sdkLanguages),
    models: union(a.models, b.models),
    providers: union(a.providers, b.providers),
    tools: union(a.tools, b.tools),
  };
}

function union(a: readonly string[], b: readonly string[]): readonly string[] {
  return b.every((value) => a.includes(value)) ? a : [...new Set([...a, ...b])];
}
