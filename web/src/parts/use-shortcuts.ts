import { useEffect } from 'react';
import { registerShortcuts } from '../shortcuts.ts';
import type { Shortcut } from '../shortcuts.ts';

/** Offers shortcuts while the component is on screen. */
export function useShortcuts(shortcuts: readonly Shortcut[]): void {
  // Registered anew after each render, so that each runs with what is on screen now.
  useEffect(() => registerShortcuts(shortcuts));
}
