import { useEffect, useMemo, useState } from 'react';
import { listSpanPages } from '../client/traces.ts';
import type { Span } from '../span.ts';
import { buildSpanTree } from '../span-tree.ts';
import type { SpanTree } from '../span-tree.ts';

export interface LoadedTrace {
  /** Undefined until the first page has come. */
  readonly tree: SpanTree | undefined;
  readonly loading: boolean;
  readonly error: unknown;
  readonly reload: () => void;
  /** How often it was read; indexes into the spans hold within one reading. */
  readonly round: number;
}

interface State {
  readonly spans: readonly Span[] | undefined;
  readonly loading: boolean;
  readonly error: unknown;
}

/** How long spans gather before the tree is built anew; a trace of fifty pages is not built fifty times. */
const GATHER_MS = 500;

const START: State = { spans: undefined, loading: true, error: undefined };

/** Reads a trace page after page and shows what has come so far. */
export function useTrace(traceId: string): LoadedTrace {
  const [state, setState] = useState<State>(START);
  const [round, setRound] = useState(0);
  useEffect(() => {
    const abort = new AbortController();
    setState((before) => (round === 0 ? START : { ...before, loading: true, error: undefined }));
    void readTrace(traceId, abort.signal, (next) => {
      if (!abort.signal.aborted) setState(next);
    });
    return () => abort.abort();
  }, [traceId, round]);
  const tree = useMemo(
    () => (state.spans === undefined ? undefined : buildSpanTree(state.spans)),
    [state.spans],
  );
  return {
    tree,
    loading: state.loading,
    error: state.error,
    round,
    reload: () => setRound((before) => before + 1),
  };
}

async function readTrace(
  traceId: string,
  signal: AbortSignal,
  show: (state: State) => void,
): Promise<void> {
  const spans: Span[] = [];
  let shownAtMs = -Infinity;
  try {
    for await (const page of listSpanPages(traceId, signal)) {
      for (const span of page) spans.push(span);
      if (performance.now() - shownAtMs < GATHER_MS) continue;
      show({ spans: [...spans], loading: true, error: undefined });
      shownAtMs = performance.now();
    }
    show({ spans, loading: false, error: undefined });
  } catch (error) {
    show({ spans: spans.length === 0 ? undefined : spans, loading: false, error });
  }
}
