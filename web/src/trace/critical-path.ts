import type { SpanTree } from '../span-tree.ts';

/** A stretch of time in which the trace waited for this span alone and for nothing below it. */
export interface PathStretch {
  /** Index of the span. */
  readonly index: number;
  /** Nanoseconds after the trace's start. */
  readonly fromNs: number;
  readonly toNs: number;
}

/**
 * What the root's end waited for, earliest first. Walking back from the end of a span, the child that ended last is
 * what it waited for; before that child began, the one that ended last before it; the rest is the span's own time.
 * The stretches lie end to end over the root's duration and so add up to it. What goes on after the root ended is
 * not on the path.
 */
export function criticalPath(tree: SpanTree, root: number): PathStretch[] {
  const children = childrenByEnd(tree);
  const stretches: PathStretch[] = [];
  // An explicit stack: traces can be deeper than the engine's call stack.
  const stack: { index: number; fromNs: number; atNs: number; next: number }[] = [
    frameOf(children, root, startOf(tree, root), endOf(tree, root)),
  ];
  while (stack.length > 0) {
    const frame = stack.at(-1)!;
    const below = children[frame.index] ?? [];
    // Children from the one that ends last; one that ends later than where we are was not waited for.
    while (frame.next >= 0 && startOf(tree, below[frame.next]!) >= frame.atNs) frame.next--;
    const child = below[frame.next];
    if (child === undefined || Math.min(endOf(tree, child), frame.atNs) <= frame.fromNs) {
      if (frame.atNs > frame.fromNs) {
        stretches.push({ index: frame.index, fromNs: frame.fromNs, toNs: frame.atNs });
      }
      stack.pop();
      continue;
    }
    frame.next--;
    const childEnd = Math.min(endOf(tree, child), frame.atNs);
    const childStart = Math.max(startOf(tree, child), frame.fromNs);
    if (childEnd <= childStart) continue;
    if (frame.atNs > childEnd) {
      stretches.push({ index: frame.index, fromNs: childEnd, toNs: frame.atNs });
    }
    frame.atNs = childStart;
    stack.push(frameOf(children, child, childStart, childEnd));
  }
  return stretches.reverse();
}

function frameOf(
  children: readonly (readonly number[] | undefined)[],
  index: number,
  fromNs: number,
  atNs: number,
) {
  return { index, fromNs, atNs, next: (children[index]?.length ?? 0) - 1 };
}

const startOf = (tree: SpanTree, index: number): number => tree.startNs[index]!;
const endOf = (tree: SpanTree, index: number): number =>
  tree.startNs[index]! + tree.durationNs[index]!;

/** The children of each span, the one that ends last at the end. */
function childrenByEnd(tree: SpanTree): (number[] | undefined)[] {
  const children: (number[] | undefined)[] = [];
  for (const index of tree.order) {
    const above = tree.parent[index]!;
    if (above < 0) continue;
    (children[above] ??= []).push(index);
  }
  for (const list of children) {
    list?.sort((a, b) => endOf(tree, a) - endOf(tree, b) || startOf(tree, a) - startOf(tree, b));
  }
  return children;
}

export interface PathShare {
  readonly index: number;
  readonly ns: number;
}

/** How long each span held up the whole, longest first. */
export function sharesOf(stretches: readonly PathStretch[]): PathShare[] {
  const byIndex = new Map<number, number>();
  for (const { index, fromNs, toNs } of stretches) {
    byIndex.set(index, (byIndex.get(index) ?? 0) + toNs - fromNs);
  }
  return [...byIndex].map(([index, ns]) => ({ index, ns })).sort((a, b) => b.ns - a.ns);
}
