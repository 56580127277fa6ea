import { useEffect, useRef, useState } from 'react';
import type { FocusEvent, RefObject } from 'react';
import type { Shortcut } from '../shortcuts.ts';
import { useShortcuts } from './use-shortcuts.ts';

export interface RowCursor<E extends HTMLElement> {
  readonly ref: RefObject<E | null>;
  /** The row that has the cursor, -1 before the first key. */
  readonly current: number;
  readonly onFocus: (event: FocusEvent) => void;
}

/**
 * `j` and `k` move through the `[data-row]`s of a list by focusing the `[data-row-focus]` in each, so that Enter,
 * screen readers and the visible cursor agree. When rows vanish the cursor stays at its place.
 */
export function useRowCursor<E extends HTMLElement>(length: number, hasKeys = true): RowCursor<E> {
  const ref = useRef<E>(null);
  const [current, setCurrent] = useState(-1);
  const move = (to: number) => {
    if (length === 0) return;
    const row = Math.max(0, Math.min(length - 1, to));
    setCurrent(row);
    focusRow(ref.current, row);
  };
  const keys: readonly Shortcut[] = [
    { keys: 'j', label: 'Next row', group: 'Lists', run: () => move(current + 1) },
    { keys: 'k', label: 'Previous row', group: 'Lists', run: () => move(current - 1) },
    { keys: 'ArrowDown', label: 'Next row', group: 'Lists', run: () => move(current + 1) },
    { keys: 'ArrowUp', label: 'Previous row', group: 'Lists', run: () => move(current - 1) },
  ];
  useShortcuts(hasKeys ? keys : []);
  useEffect(() => {
    if (current < length) return;
    setCurrent(length - 1);
    if (length > 0 && document.activeElement === document.body) focusRow(ref.current, length - 1);
  }, [current, length]);
  const onFocus = (event: FocusEvent) => {
    const row = event.target.closest<HTMLElement>('[data-row]')?.dataset['row'];
    if (row !== undefined) setCurrent(Number(row));
  };
  return { ref, current, onFocus };
}

function focusRow(list: HTMLElement | null, row: number): void {
  const target = list?.querySelector<HTMLElement>(`[data-row="${row}"]`);
  target?.scrollIntoView({ block: 'nearest' });
  target?.querySelector<HTMLElement>('[data-row-focus]')?.focus({ preventScroll: true });
}
