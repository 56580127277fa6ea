import { useSyncExternalStore } from 'react';
import type { ReactNode } from 'react';

interface Toast {
  readonly id: number;
  readonly content: ReactNode;
}

const SHOWN_MS = 5000;
const TOASTS_MAX = 3;
let toasts: readonly Toast[] = [];
let lastId = 0;
const listeners = new Set<() => void>();

function change(next: readonly Toast[]): void {
  toasts = next;
  for (const listener of listeners) listener();
}

/** Says, for five seconds, that something was done. */
export function say(content: ReactNode): void {
  const id = ++lastId;
  change([...toasts, { id, content }].slice(-TOASTS_MAX));
  setTimeout(() => change(toasts.filter((toast) => toast.id !== id)), SHOWN_MS);
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function Toasts() {
  const shown = useSyncExternalStore(subscribe, () => toasts);
  return (
    <div className="toasts" role="status" aria-live="polite">
      {shown.map((toast) => (
        <div key={toast.id} className="toast">
          {toast.content}
        </div>
      ))}
    </div>
  );
}
