import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { traceMatchesQuery } from '../client/traces.ts';
import type { SpanTree } from '../span-tree.ts';
import { filterSpans, findText, withAncestors } from '../trace/span-filter.ts';
import type { TraceSearch } from './trace-search.ts';

export interface ShownSpans {
  /** 1 for each span that fits the filter; undefined without one. */
  readonly fits: Uint8Array | undefined;
  /** The same with all above them. */
  readonly kept: Uint8Array | undefined;
  /** 1 for each span with the text that is looked for; undefined without one. */
  readonly matches: Uint8Array | undefined;
  readonly matchCount: number;
  /** The server is still looking into attributes and messages. */
  readonly searching: boolean;
}

/** Which spans the address asks for: names at once, attributes and messages as soon as the server has looked. */
export function useSpanFilter(
  { tree, traceId }: { readonly tree: SpanTree; readonly traceId: string },
  { only, agent, find }: TraceSearch,
): ShownSpans {
  const fits = useMemo(() => filterSpans(tree, { only, agent }), [tree, only, agent]);
  const kept = useMemo(
    () => (fits === undefined ? undefined : withAncestors(tree, fits)),
    [tree, fits],
  );
  const named = useMemo(() => findText(tree, find ?? ''), [tree, find]);
  const content = useQuery({
    ...traceMatchesQuery(traceId, find ?? ''),
    enabled: find !== undefined,
  });
  const matches = useMemo(
    () => (named === undefined ? undefined : withIds(tree, named, content.data?.span_ids ?? [])),
    [tree, named, content.data],
  );
  const matchCount = useMemo(() => matches?.reduce((sum, each) => sum + each, 0) ?? 0, [matches]);
  return { fits, kept, matches, matchCount, searching: content.isFetching };
}

function withIds(tree: SpanTree, named: Uint8Array, ids: readonly string[]): Uint8Array {
  if (ids.length === 0) return named;
  const all = named.slice();
  const wanted = new Set(ids);
  for (let index = 0; index < tree.length; index++) {
    if (wanted.has(tree.spanIds[index]!)) all[index] = 1;
  }
  return all;
}
