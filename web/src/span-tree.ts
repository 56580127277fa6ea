import { spanHue } from './span.ts';
import type { SpanHue } from './span.ts';
import type { Outline, WordColumn } from './trace/outline.ts';

/** Why a span stands at the top although it names a parent. */
export type RootNote = 'parent missing' | 'parent cycle';

/** As they are numbered in `SpanTree.hues`. */
const HUES: readonly SpanHue[] = ['other', 'agent', 'model', 'tool'];

/**
 * A trace as flat columns, one entry per span; 100,000 spans are a few megabytes and one pass.
 * `order` is the depth-first order with children by start time; `size` counts a span and all below it, so that
 * the subtree of the span at position p is `order[p] … order[p + size - 1]`.
 */
export interface SpanTree extends Outline {
  /** Spans. */
  readonly length: number;
  /** Never negative; a span that ends before it starts has 0. */
  readonly durationNs: Float64Array;
  /** Read by `hueOf`. */
  readonly hues: Uint8Array;
  /** Index of the parent, -1 for a root. */
  readonly parent: Int32Array;
  readonly depth: Int32Array;
  readonly size: Int32Array;
  readonly order: Int32Array;
  readonly notes: ReadonlyMap<number, RootNote>;
  readonly traceDurationNs: number;
  readonly errorCount: number;
}

const NONE = -1;
const MISSING = -2;

/**
 * Builds the tree. Orphans (their parent is not among the spans) come first, then spans whose parents form a
 * cycle, then roots. Spans may come in any order and ids may repeat; the first with an id is the parent.
 */
export function buildSpanTree(outline: Outline): SpanTree {
  const { length } = outline.spanIds;
  const { startNs } = outline;
  const durationNs = outline.durationNs.map((ns) => Math.max(0, ns));
  const parent = findParents(outline);
  const notes = new Map<number, RootNote>();
  for (let index = 0; index < length; index++) {
    if (parent[index] === MISSING) notes.set(index, 'parent missing');
  }
  for (const index of breakCycles(parent, startNs)) notes.set(index, 'parent cycle');
  let traceDurationNs = 0;
  let errorCount = 0;
  for (let index = 0; index < length; index++) {
    parent[index] = Math.max(parent[index]!, NONE);
    traceDurationNs = Math.max(traceDurationNs, startNs[index]! + durationNs[index]!);
    if (outline.statuses[index] === STATUS_ERROR) errorCount++;
  }
  const { firstChild, nextSibling, roots } = linkChildren(parent, sortByStart(startNs), notes);
  const walk = walkDepthFirst(roots, firstChild, nextSibling, length);
  return {
    ...outline,
    length,
    durationNs,
    hues: findHues(outline),
    parent,
    depth: walk.depth,
    order: walk.order,
    size: measureSubtrees(walk.order, parent),
    notes,
    traceDurationNs,
    errorCount,
  };
}

/** One text of a span; '' where nothing is said. */
export function textOf(tree: Outline, column: WordColumn, index: number): string {
  return tree.words[tree.coded[column][index]!] ?? '';
}

export function hueOf(tree: SpanTree, index: number): SpanHue {
  return HUES[tree.hues[index]!]!;
}

export function hasFailed(tree: SpanTree, index: number): boolean {
  return tree.statuses[index] === STATUS_ERROR;
}

/** The index of the span, -1 when it is not in the trace. */
export function indexOfSpan(tree: SpanTree, spanId: string): number {
  return tree.spanIds.indexOf(spanId);
}

/** The places of the spans that are named: the first of an id, which may repeat. What is not in the trace is left out. */
export function indexesOfSpans(
  tree: SpanTree,
  spanIds: Iterable<string>,
): ReadonlyMap<string, number> {
  const wanted = new Set(spanIds);
  const found = new Map<string, number>();
  for (let index = tree.length - 1; index >= 0; index--) {
    const id = tree.spanIds[index]!;
    if (wanted.has(id)) found.set(id, index);
  }
  return found;
}

/** The span that names the trace: the first real root, else the first row. */
export function rootOf(tree: SpanTree): number {
  for (const index of tree.order) {
    if (tree.depth[index] === 0 && !tree.notes.has(index)) return index;
  }
  return tree.order[0] ?? 0;
}

const STATUS_ERROR = 2;

function findHues({ words, coded }: Outline): Uint8Array {
  const hues = new Uint8Array(coded.name.length);
  for (let index = 0; index < hues.length; index++) {
    const hue = spanHue({
      operation: words[coded.operation[index]!] ?? '',
      request_model: words[coded.request_model[index]!] ?? '',
      response_model: words[coded.response_model[index]!] ?? '',
      tool_name: words[coded.tool[index]!] ?? '',
    });
    hues[index] = HUES.indexOf(hue);
  }
  return hues;
}

function findParents({ spanIds, parentIds, parentCodes }: Outline): Int32Array {
  const indexById = new Map<string, number>();
  for (let index = 0; index < spanIds.length; index++) {
    const id = spanIds[index]!;
    if (!indexById.has(id)) indexById.set(id, index);
  }
  const found = parentIds.map((id) =>
    id === '' || /^0+$/.test(id) ? NONE : (indexById.get(id) ?? MISSING),
  );
  return Int32Array.from(parentCodes, (code) => found[code]!);
}

/** Cuts each cycle of parents at its earliest span; answers with the spans that became roots. */
function breakCycles(parent: Int32Array, startNs: Float64Array): number[] {
  // 0 = not seen, otherwise the number of the walk that reached the span first.
  const walkOf = new Int32Array(parent.length);
  const cut: number[] = [];
  for (let begin = 0; begin < parent.length; begin++) {
    let at = begin;
    while (at >= 0 && walkOf[at] === 0) {
      walkOf[at] = begin + 1;
      at = parent[at]!;
    }
    if (at < 0 || walkOf[at] !== begin + 1) continue;
    let earliest = at;
    for (let member = parent[at]!; member !== at; member = parent[member]!) {
      if (startNs[member]! < startNs[earliest]!) earliest = member;
    }
    parent[earliest] = NONE;
    cut.push(earliest);
  }
  return cut;
}

function sortByStart(startNs: Float64Array): Int32Array {
  const indexes = new Int32Array(startNs.length);
  let sorted = true;
  for (let index = 0; index < indexes.length; index++) {
    indexes[index] = index;
    if (index > 0 && startNs[index]! < startNs[index - 1]!) sorted = false;
  }
  // As the server sends them they are; sorting 100,000 anew would take as long as all the rest.
  return sorted ? indexes : indexes.sort((a, b) => startNs[a]! - startNs[b]! || a - b);
}

function linkChildren(
  parent: Int32Array,
  byStart: Int32Array,
  notes: ReadonlyMap<number, RootNote>,
) {
  const firstChild = new Int32Array(parent.length).fill(NONE);
  const nextSibling = new Int32Array(parent.length).fill(NONE);
  const roots: number[] = [];
  // From the last to the first, so that putting each before its siblings leaves them in order.
  for (let position = byStart.length - 1; position >= 0; position--) {
    const index = byStart[position]!;
    const above = parent[index]!;
    if (above === NONE) {
      roots.push(index);
    } else {
      nextSibling[index] = firstChild[above]!;
      firstChild[above] = index;
    }
  }
  roots.reverse();
  const rank = (index: number) => {
    const note = notes.get(index);
    if (note === 'parent missing') return 0;
    return note === 'parent cycle' ? 1 : 2;
  };
  roots.sort((a, b) => rank(a) - rank(b));
  return { firstChild, nextSibling, roots };
}

function walkDepthFirst(
  roots: readonly number[],
  firstChild: Int32Array,
  nextSibling: Int32Array,
  length: number,
) {
  const order = new Int32Array(length);
  const depth = new Int32Array(length);
  const stack = new Int32Array(length + 1);
  let position = 0;
  for (const root of roots) {
    let top = 0;
    stack[top++] = root;
    while (top > 0) {
      const index = stack[--top]!;
      order[position++] = index;
      if (index !== root && nextSibling[index] !== NONE) {
        const sibling = nextSibling[index]!;
        depth[sibling] = depth[index]!;
        stack[top++] = sibling;
      }
      const child = firstChild[index]!;
      if (child !== NONE) {
        depth[child] = depth[index]! + 1;
        stack[top++] = child;
      }
    }
  }
  return { order, depth };
}

function measureSubtrees(order: Int32Array, parent: Int32Array): Int32Array {
  const size = new Int32Array(order.length).fill(1);
  for (let position = order.length - 1; position >= 0; position--) {
    const index = order[position]!;
    const above = parent[index]!;
    if (above !== NONE) size[above] = size[above]! + size[index]!;
  }
  return size;
}

/**
 * The spans to show, as positions in `order`: what is below a collapsed span is left out, and with `kept` what it does
 * not mark.
 */
export function visiblePositions(
  tree: SpanTree,
  collapsed: ReadonlySet<number>,
  kept?: Uint8Array,
): Int32Array {
  const visible = new Int32Array(tree.order.length);
  let count = 0;
  for (let position = 0; position < tree.order.length;) {
    const index = tree.order[position]!;
    if (kept === undefined || kept[index] === 1) visible[count++] = position;
    position += collapsed.has(index) ? tree.size[index]! : 1;
  }
  return visible.subarray(0, count);
}

/** The spans above one, from its parent to the root. */
export function ancestorsOf(tree: SpanTree, index: number): number[] {
  const above: number[] = [];
  for (let at = tree.parent[index]!; at !== NONE; at = tree.parent[at]!) above.push(at);
  return above;
}
