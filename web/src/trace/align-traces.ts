import { hasFailed, hueOf, textOf } from '../span-tree.ts';
import type { SpanTree } from '../span-tree.ts';

/** How two spans that stand for the same step differ; `only` is a step that the other trace does not have. */
export type Difference = 'only a' | 'only b' | 'status' | 'model';

/** A step of either trace, or of both. */
export interface AlignedRow {
  /** Index of the span in each trace, -1 where the trace does not have the step. */
  readonly a: number;
  readonly b: number;
  readonly depth: number;
  readonly difference: Difference | undefined;
}

/** Cells of comparison in all; beyond it equal steps are paired in their order, which is less patient. */
const CELLS_MAX = 4_000_000;
/** How many wrappers around wrappers are looked into for steps that the other trace has without them. */
const UNWRAPS_MAX = 3;

interface Budget {
  cells: number;
}

/**
 * Two traces step by step, in the order of the first: spans are the same step when they stand below the same step and
 * do the same (an agent by its name, a tool by its name, a model by what it was asked to do, anything else by its
 * span's name), in the same order. Steps that only one has are rows of their own with all below them; a wrapper that
 * only one has does not hide the steps within it.
 */
export function alignTraces(a: SpanTree, b: SpanTree): AlignedRow[] {
  const childrenA = childrenOf(a);
  const childrenB = childrenOf(b);
  const budget = { cells: CELLS_MAX };
  const rows: AlignedRow[] = [];
  const align = (listA: readonly number[], listB: readonly number[], depth: number): Pair[] => {
    const pairs = pairSteps(
      { tree: a, children: childrenA, list: listA },
      { tree: b, children: childrenB, list: listB },
      budget,
    );
    return pairs.map((pair) => ({ ...pair, depth })).reverse();
  };
  // An explicit stack: traces can be deeper than the engine's call stack. What comes first is on top.
  const stack = align(childrenA.roots, childrenB.roots, 0);
  while (stack.length > 0) {
    const pair = stack.pop()!;
    rows.push({
      a: pair.a,
      b: pair.b,
      depth: pair.depth,
      difference: differenceOf(a, b, pair),
    });
    // What is below a wrapper that was looked into stands in the list already.
    if (pair.opened) continue;
    const below = align(childrenA.of(pair.a), childrenB.of(pair.b), pair.depth + 1);
    for (const each of below) stack.push(each);
  }
  return rows;
}

interface Pair {
  readonly a: number;
  readonly b: number;
  readonly depth: number;
  /** Its children follow it in the same list. */
  readonly opened: boolean;
}

interface Children {
  readonly roots: readonly number[];
  of(index: number): readonly number[];
}

const NONE: readonly number[] = [];

function childrenOf(tree: SpanTree): Children {
  const roots: number[] = [];
  const lists: (number[] | undefined)[] = [];
  for (const index of tree.order) {
    const above = tree.parent[index]!;
    if (above < 0) roots.push(index);
    else (lists[above] ??= []).push(index);
  }
  return { roots, of: (index) => (index < 0 ? NONE : (lists[index] ?? NONE)) };
}

interface Side {
  readonly tree: SpanTree;
  readonly children: Children;
  readonly list: readonly number[];
}

interface Item {
  readonly index: number;
  /** What makes two spans the same step; undefined for none. */
  readonly key: string | undefined;
  readonly opened: boolean;
}

function pairSteps(sideA: Side, sideB: Side, budget: Budget): Omit<Pair, 'depth'>[] {
  let itemsA = sideA.list.map((index) => toItem(sideA.tree, index));
  let itemsB = sideB.list.map((index) => toItem(sideB.tree, index));
  let matched = matchItems(itemsA, itemsB, budget);
  for (let round = 0; round < UNWRAPS_MAX; round++) {
    if (matched.size === itemsA.length || matched.size === itemsB.length) {
      if (itemsA.length === itemsB.length) break;
    }
    const openA = unwrap(sideA, itemsA, (at) => matched.has(at));
    const taken = new Set(matched.values());
    const openB = unwrap(sideB, itemsB, (at) => taken.has(at));
    if (openA.length === itemsA.length && openB.length === itemsB.length) break;
    const better = matchItems(openA, openB, budget);
    if (better.size <= matched.size) break;
    [itemsA, itemsB, matched] = [openA, openB, better];
  }
  return inOrder(itemsA, itemsB, matched);
}

function toItem(tree: SpanTree, index: number): Item {
  return { index, key: keyOf(tree, index), opened: false };
}

/** In place of each wrapper that has no counterpart: itself, then what it wraps. */
function unwrap(
  { tree, children }: Side,
  items: readonly Item[],
  isMatched: (at: number) => boolean,
): Item[] {
  return items.flatMap((item, at) => {
    const below = children.of(item.index);
    if (item.opened || isMatched(at) || below.length === 0) return [item];
    if (hueOf(tree, item.index) !== 'other') return [item];
    return [
      { index: item.index, key: undefined, opened: true },
      ...below.map((index) => toItem(tree, index)),
    ];
  });
}

function keyOf(tree: SpanTree, index: number): string {
  const hue = hueOf(tree, index);
  if (hue === 'agent') return `agent ${textOf(tree, 'agent', index)}`;
  if (hue === 'tool') return `tool ${textOf(tree, 'tool', index)}`;
  // Another model that is asked the same is the same step.
  if (hue === 'model') return `model ${textOf(tree, 'operation', index)}`;
  return `span ${textOf(tree, 'name', index)}`;
}

/** Places of `a` to places of `b`, both growing: the longest common subsequence, while it can be afforded. */
function matchItems(
  a: readonly Item[],
  b: readonly Item[],
  budget: Budget,
): ReadonlyMap<number, number> {
  const matched = new Map<number, number>();
  let start = 0;
  while (start < a.length && start < b.length && isSame(a[start]!, b[start]!)) {
    matched.set(start, start);
    start++;
  }
  let [endA, endB] = [a.length, b.length];
  while (endA > start && endB > start && isSame(a[endA - 1]!, b[endB - 1]!)) {
    matched.set(--endA, --endB);
  }
  const cells = (endA - start) * (endB - start);
  if (cells === 0) return matched;
  const within = { start, endA, endB };
  if (cells <= budget.cells) {
    budget.cells -= cells;
    longestCommon(a, b, within, matched);
  } else {
    inTurn(a, b, within, matched);
  }
  return matched;
}

const isSame = (a: Item, b: Item): boolean => a.key !== undefined && a.key === b.key;

interface Within {
  readonly start: number;
  readonly endA: number;
  readonly endB: number;
}

function longestCommon(
  a: readonly Item[],
  b: readonly Item[],
  { start, endA, endB }: Within,
  matched: Map<number, number>,
): void {
  const width = endB - start + 1;
  // lengths[i * width + j]: of the longest common part of what follows i in a and j in b.
  const lengths = new Uint32Array((endA - start + 1) * width);
  for (let i = endA - start - 1; i >= 0; i--) {
    for (let j = endB - start - 1; j >= 0; j--) {
      lengths[i * width + j] = isSame(a[start + i]!, b[start + j]!)
        ? lengths[(i + 1) * width + j + 1]! + 1
        : Math.max(lengths[(i + 1) * width + j]!, lengths[i * width + j + 1]!);
    }
  }
  for (let i = 0, j = 0; i < endA - start && j < endB - start;) {
    if (isSame(a[start + i]!, b[start + j]!)) matched.set(start + i++, start + j++);
    else if (lengths[(i + 1) * width + j]! >= lengths[i * width + j + 1]!) i++;
    else j++;
  }
}

/** Each step with the next of its kind: one pass, for lists too long to compare all with all. */
function inTurn(
  a: readonly Item[],
  b: readonly Item[],
  { start, endA, endB }: Within,
  matched: Map<number, number>,
): void {
  const places = new Map<string, number[]>();
  for (let at = endB - 1; at >= start; at--) {
    const { key } = b[at]!;
    if (key === undefined) continue;
    const list = places.get(key);
    if (list === undefined) places.set(key, [at]);
    else list.push(at);
  }
  let last = start - 1;
  for (let at = start; at < endA; at++) {
    const { key } = a[at]!;
    const list = places.get(key ?? '') ?? [];
    // What lies before the last pair can have no counterpart any more.
    for (let next = list.at(-1); next !== undefined && next <= last; next = list.at(-1)) list.pop();
    const found = list.at(-1);
    // A step that lies far ahead would leave all before it without a counterpart.
    if (found === undefined || found - last > LOOK_AHEAD) continue;
    matched.set(at, found);
    last = found;
  }
}

const LOOK_AHEAD = 64;

/** Both lists as one: what only one has stands where it happened between the common steps, the first trace's first. */
function inOrder(
  a: readonly Item[],
  b: readonly Item[],
  matched: ReadonlyMap<number, number>,
): Omit<Pair, 'depth'>[] {
  const pairs: Omit<Pair, 'depth'>[] = [];
  let nextB = 0;
  const passB = (end: number): void => {
    for (; nextB < end; nextB++) {
      pairs.push({ a: -1, b: b[nextB]!.index, opened: b[nextB]!.opened });
    }
  };
  for (let at = 0; at < a.length; at++) {
    const found = matched.get(at);
    if (found === undefined) {
      pairs.push({ a: a[at]!.index, b: -1, opened: a[at]!.opened });
      continue;
    }
    passB(found);
    pairs.push({ a: a[at]!.index, b: b[found]!.index, opened: false });
    nextB = found + 1;
  }
  passB(b.length);
  return pairs;
}

function differenceOf(
  a: SpanTree,
  b: SpanTree,
  pair: { readonly a: number; readonly b: number },
): Difference | undefined {
  if (pair.b < 0) return 'only a';
  if (pair.a < 0) return 'only b';
  if (hasFailed(a, pair.a) !== hasFailed(b, pair.b)) return 'status';
  const model = (tree: SpanTree, index: number) =>
    textOf(tree, 'request_model', index) || textOf(tree, 'response_model', index);
  return model(a, pair.a) === model(b, pair.b) ? undefined : 'model';
}
