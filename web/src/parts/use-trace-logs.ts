import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { traceLogsQuery } from '../client/logs.ts';
import { indexesOfSpans } from '../span-tree.ts';
import type { SpanTree } from '../span-tree.ts';
import { placeLogs } from '../trace/trace-logs.ts';
import type { PlacedLogs } from '../trace/trace-logs.ts';

export interface ShownTraceLogs {
  /** Undefined until they have come. */
  readonly placed: PlacedLogs | undefined;
  /** There are more than were read. */
  readonly more: boolean;
  readonly error: unknown;
}

/** The log records of a trace, each under its span. */
export function useTraceLogs(traceId: string, tree: SpanTree): ShownTraceLogs {
  const { data, error } = useQuery(traceLogsQuery(traceId));
  const placed = useMemo(() => {
    if (data === undefined) return undefined;
    const places = indexesOfSpans(
      tree,
      data.records.map(({ spanId }) => spanId),
    );
    return placeLogs(data.records, tree.traceStartUnixNano, (id) => places.get(id) ?? -1);
  }, [data, tree]);
  return { placed, more: data?.more === true, error };
}
