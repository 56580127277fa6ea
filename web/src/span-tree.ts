import { isFailed, readNano, spanHue } from './span.ts';
import type { Span, SpanHue } from './span.ts';

/** Why a span stands at the top although it names a parent. */
export type RootNote = 'parent missing' | 'parent cycle';

/**
 * A trace as flat columns, one entry per span; 100,000 spans are a few megabytes and one pass.
 * `order` is the depth-first order with children by start time; `size` counts a span and all below it, so that
 * the subtree of the span at position p is `order[p] … order[p + size - 1]`.
 */
export interface SpanTree {
  readonly spans: readonly Span[];
  /** Nanoseconds after the trace's start. */
  readonly startNs: Float64Array;
  /** Never negative; a span that ends before it starts has 0. */
  readonly durationNs: Float64Array;
  readonly hues: readonly SpanHue[];
  /** Index of the parent, -1 for a root. */
  readonly parent: Int32Array;
  readonly depth: Int32Array;
  readonly size: Int32Array;
  readonly order: Int32Array;
  readonly notes: ReadonlyMap<number, RootNote>;
  readonly traceStartUnixNano: bigint;
  readonly traceDurationNs: number;
  /** Tokens counted once: a span's own count only where nothing below it has one. */
  readonly tokens: TokenTotals;
  readonly errorCount: number;
}

export interface TokenTotals {
  readonly input: number | undefined;
  readonly output: number | undefined;
  readonly cacheRead: number | undefined;
}

const NONE = -1;
const MISSING = -2;

/**
 * Builds the tree. Orphans (their parent is not among the spans) come first, then spans whose parents form a
 * cycle, then roots. Spans may come in any order and ids may repeat; the first with an id is the parent.
 */
export function buildSpanTree(spans: readonly Span[]): SpanTree {
  const times = readTimes(spans);
  const parent = findParents(spans);
  const notes = new Map<number, RootNote>();
  for (let index = 0; index < spans.length; index++) {
    if (parent[index] === MISSING) notes.set(index, 'parent missing');
  }
  for (const index of breakCycles(parent, times.startNs)) notes.set(index, 'parent cycle');
  for (let index = 0; index < spans.length; index++) parent[index] = Math.max(parent[index]!, NONE);

  const byStart = sortByStart(times.startNs);
  const { firstChild, nextSibling, roots } = linkChildren(parent, byStart, notes);
  const walk = walkDepthFirst(roots, firstChild, nextSibling, spans.length);
  const size = measureSubtrees(walk.order, parent);
  return {
    spans,
    startNs: times.startNs,
    durationNs: times.durationNs,
    hues: spans.map(spanHue),
    parent,
    depth: walk.depth,
    order: walk.order,
    size,
    notes,
    traceStartUnixNano: times.first,
    traceDurationNs: times.total,
    tokens: countTokens(spans, walk.order, parent),
    errorCount: spans.reduce((count, span) => (isFailed(span) ? count + 1 : count), 0),
  };
}

function readTimes(spans: readonly Span[]) {
  const starts = spans.map((span) => readNano(span.startTimeUnixNano));
  let first = starts[0] ?? 0n;
  for (const start of starts) if (start < first) first = start;
  const startNs = new Float64Array(spans.length);
  const durationNs = new Float64Array(spans.length);
  let total = 0;
  for (let index = 0; index < spans.length; index++) {
    const start = starts[index]!;
    startNs[index] = Number(start - first);
    durationNs[index] = Math.max(0, Number(readNano(spans[index]!.endTimeUnixNano) - start));
    total = Math.max(total, startNs[index]! + durationNs[index]!);
  }
  return { startNs, durationNs, first, total };
}

function findParents(spans: readonly Span[]): Int32Array {
  const indexById = new Map<string, number>();
  for (let index = 0; index < spans.length; index++) {
    const id = spans[index]!.spanId;
    if (!indexById.has(id)) indexById.set(id, index);
  }
  const parent = new Int32Array(spans.length);
  for (let index = 0; index < spans.length; index++) {
    const id = spans[index]!.parentSpanId;
    const isRoot = id === undefined || id === '' || /^0+$/.test(id);
    parent[index] = isRoot ? NONE : (indexById.get(id) ?? MISSING);
  }
  return parent;
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
  for (let index = 0; index < indexes.length; index++) indexes[index] = index;
  return indexes.sort((a, b) => startNs[a]! - startNs[b]! || a - b);
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

function countTokens(spans: readonly Span[], order: Int32Array, parent: Int32Array): TokenTotals {
  const below = new Uint8Array(spans.length);
  const total: { input?: number; output?: number; cacheRead?: number } = {};
  for (let position = order.length - 1; position >= 0; position--) {
    const index = order[position]!;
    const view = spans[index]!.genai;
    const own = typeof view?.input_tokens === 'number' || typeof view?.output_tokens === 'number';
    if (own && below[index] === 0) {
      add(total, 'input', view?.input_tokens);
      add(total, 'output', view?.output_tokens);
      add(total, 'cacheRead', view?.cache_read_tokens);
    }
    const above = parent[index]!;
    if (above !== NONE && (own || below[index] === 1)) below[above] = 1;
  }
  return { input: total.input, output: total.output, cacheRead: total.cacheRead };
}

function add<K extends string>(
  total: Partial<Record<K, number>>,
  key: K,
  count: number | null | undefined,
): void {
  if (typeof count === 'number') total[key] = (total[key] ?? 0) + count;
}

/** The spans to show, as positions in `order`, with everything below a collapsed span left out. */
export function visiblePositions(tree: SpanTree, collapsed: ReadonlySet<number>): Int32Array {
  const visible = new Int32Array(tree.order.length);
  let count = 0;
  for (let position = 0; position < tree.order.length;) {
    const index = tree.order[position]!;
    visible[count++] = position;
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
