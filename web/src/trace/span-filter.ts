import { hasFailed, hueOf, textOf } from '../span-tree.ts';
import type { SpanTree } from '../span-tree.ts';
import { WORD_COLUMNS } from './outline.ts';
import { selfTimes } from './self-time.ts';
import type { SpanFilter } from './span-filters.ts';

/** Spans that `slowest` shows. */
const SLOWEST = 50;

/** 1 for each span that fits; what is left out of the question fits all. */
export function filterSpans(
  tree: SpanTree,
  { only, agent }: { readonly only?: SpanFilter | undefined; readonly agent?: string | undefined },
): Uint8Array | undefined {
  if (only === undefined && agent === undefined) return undefined;
  const fits = new Uint8Array(tree.length);
  const threshold = only === 'slowest' ? slowestFrom(tree) : undefined;
  const code = agent === undefined ? -1 : tree.words.indexOf(agent);
  for (let index = 0; index < tree.length; index++) {
    if (agent !== undefined && tree.coded.agent[index] !== code) continue;
    if (only === undefined || hasKind(tree, index, only, threshold)) fits[index] = 1;
  }
  return fits;
}

function hasKind(
  tree: SpanTree,
  index: number,
  only: SpanFilter,
  slowest: { readonly selfNs: Float64Array; readonly leastNs: number } | undefined,
): boolean {
  if (only === 'errors') return hasFailed(tree, index);
  if (only === 'slowest') {
    return slowest !== undefined && slowest.selfNs[index]! >= slowest.leastNs;
  }
  return `${hueOf(tree, index)}s` === only;
}

/** The slowest by their own time: what a span waited for below it is not its own. */
function slowestFrom(tree: SpanTree) {
  const selfNs = selfTimes(tree);
  const sorted = selfNs.toSorted();
  const leastNs = Math.max(1, sorted[Math.max(0, sorted.length - SLOWEST)] ?? 1);
  return { selfNs, leastNs };
}

/** The spans that fit and all above them, which say where they are. */
export function withAncestors(tree: SpanTree, fits: Uint8Array): Uint8Array {
  const kept = fits.slice();
  for (let position = tree.order.length - 1; position >= 0; position--) {
    const index = tree.order[position]!;
    const above = tree.parent[index]!;
    if (kept[index] === 1 && above >= 0) kept[above] = 1;
  }
  return kept;
}

/** 1 for each span with the text in its name, agent, model, tool, service or id; case does not matter. */
export function findText(tree: SpanTree, text: string): Uint8Array | undefined {
  const wanted = text.trim().toLowerCase();
  if (wanted === '') return undefined;
  const holds = Uint8Array.from(tree.words, (word) =>
    word.toLowerCase().includes(wanted) ? 1 : 0,
  );
  const found = new Uint8Array(tree.length);
  const columns = WORD_COLUMNS.map((name) => tree.coded[name]);
  for (let index = 0; index < tree.length; index++) {
    if (columns.some((column) => holds[column[index]!] === 1)) found[index] = 1;
  }
  if (/^[0-9a-f]{16}$/.test(wanted)) {
    const index = tree.spanIds.indexOf(wanted);
    if (index >= 0) found[index] = 1;
  }
  return found;
}

/** The names of the agents of a trace, those with most spans first. */
export function agentsIn(tree: SpanTree): readonly string[] {
  const counts = new Map<string, number>();
  for (let index = 0; index < tree.length; index++) {
    const agent = textOf(tree, 'agent', index);
    if (agent !== '') counts.set(agent, (counts.get(agent) ?? 0) + 1);
  }
  return [...counts].toSorted(([, a], [, b]) => b - a).map(([agent]) => agent);
}

/** Spans with something below them from a depth on: collapsed, they leave the levels above open. */
export function parentsFrom(tree: SpanTree, depth: number): ReadonlySet<number> {
  const parents = new Set<number>();
  for (let index = 0; index < tree.length; index++) {
    if (tree.depth[index]! >= depth && tree.size[index]! > 1) parents.add(index);
  }
  return parents;
}
