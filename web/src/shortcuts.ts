import { createKeySequence } from './key-sequence.ts';

/** The keyboard shortcuts that the page on screen offers, for the listener and for the sheet that lists them. */
export interface Shortcut {
  /** A key as `KeyboardEvent.key` names it, or two with a space between. */
  readonly keys: string;
  readonly label: string;
  readonly group: string;
  readonly run: () => void;
}

const registered = new Set<readonly Shortcut[]>();

/** Offers the shortcuts until the returned function is called; what was registered last wins. */
export function registerShortcuts(shortcuts: readonly Shortcut[]): () => void {
  registered.add(shortcuts);
  return () => {
    registered.delete(shortcuts);
  };
}

export function listShortcuts(): Shortcut[] {
  const byKeys = new Map<string, Shortcut>();
  for (const shortcuts of registered) for (const item of shortcuts) byKeys.set(item.keys, item);
  return [...byKeys.values()];
}

/** Whether a key pressed there is text or the element's own, not a shortcut. */
function belongsToElement(event: KeyboardEvent): boolean {
  const target = event.target;
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable || target.matches('textarea, select')) return true;
  if (target.matches('input:not([type="checkbox"])')) return true;
  return (
    (event.key === 'Enter' || event.key === ' ') && target.matches('a, button, summary, input')
  );
}

export function listenForShortcuts(): () => void {
  const sequence = createKeySequence();
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.defaultPrevented || event.isComposing) return;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (belongsToElement(event) || document.querySelector('dialog[open]') !== null) return;
    const shortcuts = listShortcuts();
    const name = sequence.press(
      { key: event.key, atMs: event.timeStamp },
      shortcuts.map((item) => item.keys),
    );
    const shortcut = shortcuts.find((item) => item.keys === name);
    if (shortcut === undefined) return;
    event.preventDefault();
    shortcut.run();
  };
  window.addEventListener('keydown', onKeyDown);
  return () => {
    window.removeEventListener('keydown', onKeyDown);
  };
}

export function isApple(): boolean {
  return /Mac|iPhone|iPad/.test(navigator.platform);
}
