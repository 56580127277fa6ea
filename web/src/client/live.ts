import type { QueryClient } from '@tanstack/react-query';
import { CHANGE_TOPICS } from '../../../src/model/change.ts';
import type { ChangeTopic } from '../../../src/model/change.ts';

/** What is asked for again when the server tells that something of a topic is new: first words of query keys. */
const QUERIES: Readonly<Record<ChangeTopic, readonly string[]>> = {
  // Whatever telemetry came.
  traces: ['traces', 'logs'],
  agents: ['agents', 'registry'],
  runs: ['runs', 'conversations', 'overview'],
  costs: ['costs', 'prices', 'budgets', 'overview'],
  quality: ['quality', 'overview'],
  anomalies: ['anomalies', 'overview'],
  approvals: ['approvals', 'calls', 'policies', 'grants', 'overview'],
};

/** While the server is heard, pages need not ask by themselves. */
let heard = false;

/** For `refetchInterval`: the time between two questions, or none while changes are told. */
export function pollEvery(ms: number): () => number | false {
  return () => (heard ? false : ms);
}

/** At most one question per key in this time, however often it changes. */
const GATHER_MS = 1_000;

/** How long after a refused stream another is asked for. */
const LISTEN_AGAIN_MS = 5_000;

/**
 * Listens for changes until the returned function is called. The browser connects again by itself where the connection
 * was lost; where the stream was refused, as by a proxy whose server starts or after the session has ended, it does not.
 */
export function listenForChanges(queries: QueryClient): () => void {
  const waiting = new Set<string>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let again: ReturnType<typeof setTimeout> | undefined;
  let source: EventSource | undefined;
  const ask = (): void => {
    timer = undefined;
    for (const first of waiting) void queries.invalidateQueries({ queryKey: [first] });
    waiting.clear();
  };
  const wait = (keys: readonly string[]): void => {
    for (const key of keys) waiting.add(key);
    timer ??= setTimeout(ask, GATHER_MS);
  };
  const listen = (): void => {
    const stream = new EventSource('/api/v1/live');
    source = stream;
    stream.addEventListener('change', ({ data }: MessageEvent<string>) => {
      const topic = CHANGE_TOPICS.find((each) => each === data);
      if (topic !== undefined) wait(QUERIES[topic]);
    });
    stream.addEventListener('open', () => {
      // What changed while nothing was heard is not told again.
      if (!heard) wait(Object.values(QUERIES).flat());
      heard = true;
    });
    stream.addEventListener('error', () => {
      // Asking once more lets every page see that it has to ask by itself from now on.
      if (heard) wait(Object.values(QUERIES).flat());
      heard = false;
      if (stream.readyState === EventSource.CLOSED) again = setTimeout(listen, LISTEN_AGAIN_MS);
      lookAfter();
    });
  };
  listen();
  return () => {
    source?.close();
    clearTimeout(timer);
    clearTimeout(again);
    heard = false;
  };
}

/** How often a server that does not answer is asked whether it does again. */
const LOOK_AGAIN_MS = 4_000;

let silent = false;
let looking = false;
const silenceListeners = new Set<() => void>();

function setSilent(next: boolean): void {
  if (next === silent) return;
  silent = next;
  for (const listener of silenceListeners) listener();
}

/** Whether the stream alone is cut, or the server does not answer at all; asked until it does. */
function lookAfter(): void {
  if (looking) return;
  looking = true;
  fetch('/health', { cache: 'no-store' }).then(
    () => {
      looking = false;
      setSilent(false);
    },
    () => {
      setSilent(true);
      setTimeout(() => {
        looking = false;
        lookAfter();
      }, LOOK_AGAIN_MS);
    },
  );
}

/** True while the server does not answer. */
export function isSilent(): boolean {
  return silent;
}

export function subscribeToSilence(listener: () => void): () => void {
  silenceListeners.add(listener);
  return () => silenceListeners.delete(listener);
}
