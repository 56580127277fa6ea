import { useMemo, useState } from 'react';
import type { Shortcut } from '../shortcuts.ts';
import { ancestorsOf, hasFailed } from '../span-tree.ts';
import type { SpanTree } from '../span-tree.ts';

export function toggled(collapsed: ReadonlySet<number>, index: number): ReadonlySet<number> {
  const next = new Set(collapsed);
  if (!next.delete(index)) next.add(index);
  return next;
}

/** The row that the keys move, as a span, so that it stays when rows above open and close. */
export function useSpanCursor(
  tree: SpanTree,
  positions: Int32Array,
  selected: number,
  collapsed: ReadonlySet<number>,
  setCollapsed: (next: ReadonlySet<number>) => void,
) {
  const [index, setIndex] = useState(selected);
  const [moves, setMoves] = useState(0);
  const row = useMemo(
    () => positions.findIndex((position) => tree.order[position] === index),
    [positions, tree, index],
  );
  return {
    index,
    row,
    moves,
    moveTo(to: number) {
      const position = positions[Math.max(0, Math.min(positions.length - 1, to))];
      if (position !== undefined) setIndex(tree.order[position]!);
      setMoves(moves + 1);
      return position === undefined ? undefined : tree.order[position];
    },
    /** Puts the cursor on a span and opens what is collapsed above it. */
    reveal(next: number) {
      setIndex(next);
      setMoves(moves + 1);
      const hiding = ancestorsOf(tree, next).filter((above) => collapsed.has(above));
      if (hiding.length === 0) return;
      const open = new Set(collapsed);
      for (const above of hiding) open.delete(above);
      setCollapsed(open);
    },
  };
}

interface ShortcutContext {
  readonly tree: SpanTree;
  readonly positions: Int32Array;
  readonly cursor: ReturnType<typeof useSpanCursor>;
  /** 1 for each span that has the text which is looked for. */
  readonly matches: Uint8Array | undefined;
  /** 1 for each span that a filter leaves. */
  readonly kept: Uint8Array | undefined;
  readonly setLevel: (depth: number) => void;
  readonly level: number;
  readonly collapsed: ReadonlySet<number>;
  readonly setCollapsed: (next: ReadonlySet<number>) => void;
  readonly show: (index: number) => void;
  readonly selected: number;
  readonly onSelect: (index: number | undefined) => void;
}

export function waterfallShortcuts(context: ShortcutContext): Shortcut[] {
  const { tree, cursor, kept, collapsed, setCollapsed, show, selected, onSelect } = context;
  const group = 'Trace';
  const move = (by: number) => {
    const index = cursor.moveTo(cursor.row + by);
    if (index !== undefined && selected >= 0) onSelect(index);
  };
  const next = (wanted: (index: number) => boolean, forward: boolean) => {
    const there = (index: number) => kept === undefined || kept[index] === 1;
    const index = nextInOrder(tree, cursor.index, (each) => there(each) && wanted(each), forward);
    if (index !== undefined) show(index);
  };
  const fold = () => {
    const { index } = cursor;
    if (index < 0) return;
    if (tree.size[index]! > 1 && !collapsed.has(index)) setCollapsed(toggled(collapsed, index));
    else if (tree.parent[index]! >= 0) show(tree.parent[index]!);
  };
  const unfold = () => {
    if (collapsed.has(cursor.index)) setCollapsed(toggled(collapsed, cursor.index));
    else move(1);
  };
  const open = () => {
    if (cursor.index >= 0) onSelect(cursor.index);
  };
  const failed = (index: number) => hasFailed(tree, index);
  const matched = (index: number) => context.matches?.[index] === 1;
  return [
    { keys: 'j', label: 'Next span', group, run: () => move(1) },
    { keys: 'k', label: 'Previous span', group, run: () => move(-1) },
    { keys: 'ArrowDown', label: 'Next span', group, run: () => move(1) },
    { keys: 'ArrowUp', label: 'Previous span', group, run: () => move(-1) },
    { keys: 'h', label: 'Collapse, or go to the parent', group, run: fold },
    { keys: 'l', label: 'Expand', group, run: unfold },
    { keys: 'ArrowLeft', label: 'Collapse, or go to the parent', group, run: fold },
    { keys: 'ArrowRight', label: 'Expand', group, run: unfold },
    { keys: 'Enter', label: 'Open the span', group, run: open },
    { keys: 'Escape', label: 'Close the span, or go back', group, run: () => onSelect(undefined) },
    { keys: 'e', label: 'Next failed span', group, run: () => next(failed, true) },
    { keys: 'E', label: 'Previous failed span', group, run: () => next(failed, false) },
    { keys: 'n', label: 'Next match', group, run: () => next(matched, true) },
    { keys: 'N', label: 'Previous match', group, run: () => next(matched, false) },
    {
      keys: '[',
      label: 'One level less',
      group,
      run: () => context.setLevel(context.level - 1),
    },
    { keys: ']', label: 'One level more', group, run: () => context.setLevel(context.level + 1) },
  ];
}

/** The nearest wanted span after (or before) one in the order of the rows, going round at the end. */
function nextInOrder(
  tree: SpanTree,
  from: number,
  wanted: (index: number) => boolean,
  forward: boolean,
): number | undefined {
  const { order } = tree;
  const start = order.indexOf(from);
  for (let step = 1; step <= order.length; step++) {
    const offset = forward ? step : -step;
    const position = (Math.max(start, forward ? -1 : 0) + offset + order.length * 2) % order.length;
    if (wanted(order[position]!)) return order[position];
  }
  return undefined;
}
