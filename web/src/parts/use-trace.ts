import { useQuery } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { pollEvery } from '../client/live.ts';
import type { SpanTree } from '../span-tree.ts';
import type { TraceUsage } from '../trace/roll-up.ts';
import { openTrace } from '../trace/trace-reader.ts';
import type { TraceReader } from '../trace/trace-reader.ts';

export interface LoadedTrace {
  readonly traceId: string;
  /** Undefined until the first page has come. */
  readonly tree: SpanTree | undefined;
  readonly loading: boolean;
  readonly error: unknown;
  readonly reload: () => void;
  /** How often it was read; indexes into the spans hold within one reading. */
  readonly round: number;
  /** Tokens and costs; undefined until they are known, which takes some seconds after the spans have come. */
  readonly usage: TraceUsage | undefined;
}

interface State {
  readonly tree: SpanTree | undefined;
  readonly loading: boolean;
  readonly error: unknown;
}

const START: State = { tree: undefined, loading: true, error: undefined };

/** Reads a trace page after page and shows what has come so far. */
export function useTrace(traceId: string): LoadedTrace {
  const [state, setState] = useState<State>(START);
  const [round, setRound] = useState(0);
  const reader = useRef<TraceReader | undefined>(undefined);
  useEffect(() => {
    setState((before) => (round === 0 ? START : { ...before, loading: true, error: undefined }));
    reader.current = openTrace(traceId, {
      onTree: (tree, whole) => setState({ tree, loading: !whole, error: undefined }),
      onFailure: (error) => setState(({ tree }) => ({ tree, loading: false, error })),
    });
    return () => reader.current?.close();
  }, [traceId, round]);
  const { tree } = state;
  const usage = useQuery({
    // Of a trace that goes on, it is read again when runs change; one of old stays as it was found.
    queryKey: [isRecent(tree) ? 'runs' : 'found-traces', 'usage of', traceId, round],
    queryFn: async () => await reader.current!.readUsage(),
    enabled: tree !== undefined && !state.loading,
    refetchInterval: isRecent(tree) ? pollEvery(15_000) : false,
    // Columns of numbers: to compare two readings takes longer than to draw them.
    structuralSharing: false,
    gcTime: 0,
    retry: false,
  });
  return {
    traceId,
    ...state,
    round,
    reload: () => setRound((before) => before + 1),
    usage: usage.data,
  };
}

/** Runs are found some seconds after their spans have come, and spans of a run that goes on may still come. */
const RECENT_MS = 10 * 60_000;

function isRecent(tree: SpanTree | undefined): boolean {
  if (tree === undefined) return false;
  const endMs = Number(tree.traceStartUnixNano / 1_000_000n) + tree.traceDurationNs / 1e6;
  return Date.now() - endMs < RECENT_MS;
}
