import type { Upstream, UpstreamStatus, UpstreamTool } from './upstreams/upstream.ts';

/** A tool as callers know it. */
export interface CatalogTool {
  /** `server.tool`. */
  readonly name: string;
  readonly upstream: Upstream;
  readonly tool: UpstreamTool;
}

/** All tools of all upstreams under one name each. */
export interface ToolCatalog {
  /** By name, but for those that are held for review. */
  list(): readonly CatalogTool[];
  get(name: string): CatalogTool | undefined;
  statuses(): readonly UpstreamStatus[];
  onChanged(listener: () => void): void;
}

export function createToolCatalog(
  upstreams: readonly Upstream[],
  isHeld: (server: string, tool: string) => boolean,
): ToolCatalog {
  let known: ReadonlyMap<string, CatalogTool> | undefined;
  const listeners: (() => void)[] = [];
  const current = (): ReadonlyMap<string, CatalogTool> => (known ??= collect(upstreams));
  for (const upstream of upstreams) {
    upstream.onToolsChanged(() => {
      known = undefined;
      for (const listener of listeners) listener();
    });
  }
  return {
    list: () =>
      [...current().values()].filter(({ upstream, tool }) => !isHeld(upstream.name, tool.name)),
    get: (name) => current().get(name) ?? resolve(upstreams, name),
    statuses: () => upstreams.map((upstream) => upstream.status()),
    onChanged: (listener) => void listeners.push(listener),
  };
}

/** The first upstream to name a tool has the name. */
function collect(upstreams: readonly Upstream[]): ReadonlyMap<string, CatalogTool> {
  const found = new Map<string, CatalogTool>();
  for (const upstream of upstreams) {
    for (const tool of upstream.tools()) {
      const name = `${upstream.prefix}${tool.name}`;
      if (!found.has(name)) found.set(name, { name, upstream, tool });
    }
  }
  return new Map([...found].toSorted(([one], [other]) => (one < other ? -1 : 1)));
}

function resolve(upstreams: readonly Upstream[], name: string): CatalogTool | undefined {
  for (const upstream of upstreams) {
    if (upstream.resolve === undefined || !name.startsWith(upstream.prefix)) continue;
    const tool = upstream.resolve(name.slice(upstream.prefix.length));
    if (tool !== undefined) return { name, upstream, tool };
  }
  return undefined;
}
