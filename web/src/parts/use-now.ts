import { useSyncExternalStore } from 'react';

const STEP_MS = 5000;
let now = Date.now();
let timer: ReturnType<typeof setInterval> | undefined;
const listeners = new Set<() => void>();

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  timer ??= setInterval(() => {
    now = Date.now();
    for (const each of listeners) each();
  }, STEP_MS);
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) {
      clearInterval(timer);
      timer = undefined;
    }
  };
}

function read(): number {
  // Between ticks all parts of the page must see the same time; without a timer it may be old.
  if (timer === undefined && Date.now() - now > STEP_MS) now = Date.now();
  return now;
}

/** The time now, in milliseconds since 1970, moving on every five seconds for the whole page at once. */
export function useNow(): number {
  return useSyncExternalStore(subscribe, read);
}
