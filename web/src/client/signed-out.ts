/** Whether the session ended while a page was open, which then stays as it is until somebody signs in again. */

let signedOut = false;
const listeners = new Set<() => void>();

export function isSignedOut(): boolean {
  return signedOut;
}

export function setSignedOut(next: boolean): void {
  if (next === signedOut) return;
  signedOut = next;
  for (const listener of listeners) listener();
}

export function subscribeToSignedOut(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
