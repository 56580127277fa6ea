import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { traceEventsQuery } from '../client/traces.ts';
import { indexesOfSpans } from '../span-tree.ts';
import type { SpanTree } from '../span-tree.ts';
import { placeEvents } from '../trace/trace-events.ts';
import type { PlacedEvent } from '../trace/trace-events.ts';

/** The events of a trace's spans, each under its span; undefined until they have come. */
export function useTraceEvents(
  traceId: string,
  tree: SpanTree,
): ReadonlyMap<number, readonly PlacedEvent[]> | undefined {
  const { data } = useQuery(traceEventsQuery(traceId));
  return useMemo(() => {
    if (data === undefined) return undefined;
    const places = indexesOfSpans(
      tree,
      data.events.map((event) => event.span_id),
    );
    return placeEvents(data.events, tree.traceStartUnixNano, (id) => places.get(id) ?? -1);
  }, [data, tree]);
}
