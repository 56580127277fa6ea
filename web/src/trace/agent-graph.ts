import type { SpanHue } from '../span.ts';
import { hasFailed, hueOf, textOf } from '../span-tree.ts';
import type { SpanTree } from '../span-tree.ts';

/** A step of an agent, however often it was taken. */
export interface GraphNode {
  readonly id: string;
  readonly label: string;
  readonly hue: SpanHue;
  /** The agent whose step it is; '' at the top. */
  readonly within: string;
  readonly count: number;
  readonly failed: number;
  readonly totalNs: number;
  /** Index of the first span that took the step. */
  readonly first: number;
  /** The spans that took it, without those within another of them: what they used counts once. */
  readonly outermost: readonly number[];
}

export type EdgeKind = 'calls' | 'then' | 'retry';

export interface GraphEdge {
  readonly from: string;
  readonly to: string;
  readonly kind: EdgeKind;
  readonly count: number;
}

export interface AgentGraph {
  readonly nodes: readonly GraphNode[];
  readonly edges: readonly GraphEdge[];
}

interface Step {
  readonly index: number;
  readonly node: string;
  /** The nearest step around it. */
  readonly holder: Step | undefined;
}

/** Steps around a step that are looked at for one of its own kind. */
const AROUND_MAX = 64;

function isWithinItself(holder: Step | undefined, node: string): boolean {
  let around = holder;
  for (let step = 0; around !== undefined && step < AROUND_MAX; step++) {
    if (around.node === node) return true;
    around = around.holder;
  }
  return false;
}

/**
 * What the agents of a trace did, as a graph: agents, models and tools are nodes, equal steps of one agent are one.
 * Spans between (HTTP, chains, wrappers) are passed over. `calls` leads from an agent to the steps that it began
 * with; `then` from a step to those that began when it had ended, and only to the next ones: steps whose times
 * overlap ran side by side, and no edge joins them. A step that failed and is taken again at once is a `retry`.
 */
export function buildAgentGraph(tree: SpanTree): AgentGraph {
  const nodes = new Map<string, MutableNode>();
  const edges = new Map<string, { from: string; to: string; kind: EdgeKind; count: number }>();
  const steps = new Map<string, Step[]>();
  // The nearest step above each span, as key of its list and as node.
  const above: Step[] = [];
  for (const index of tree.order) {
    const parent = tree.parent[index]!;
    const holder = parent < 0 ? undefined : above[parent];
    if (hueOf(tree, index) === 'other') {
      if (holder !== undefined) above[index] = holder;
      continue;
    }
    const within = holder?.node ?? '';
    const node = addStep(nodes, tree, index, within);
    if (!isWithinItself(holder, node)) nodes.get(node)!.outermost.push(index);
    const step = { index, node, holder };
    above[index] = step;
    const list = `${holder?.index ?? -1}`;
    const taken = steps.get(list);
    if (taken === undefined) steps.set(list, [step]);
    else taken.push(step);
  }
  const add = (from: string, to: string, kind: EdgeKind): void => {
    const key = JSON.stringify([from, to, kind]);
    const edge = edges.get(key);
    if (edge === undefined) edges.set(key, { from, to, kind, count: 1 });
    else edge.count++;
  };
  for (const [list, taken] of steps) {
    const holder = list === '-1' ? undefined : above[Number(list)];
    joinSteps(tree, taken, holder?.node, add);
  }
  return { nodes: [...nodes.values()], edges: [...edges.values()] };
}

type MutableNode = { -readonly [K in keyof Omit<GraphNode, 'outermost'>]: GraphNode[K] } & {
  readonly outermost: number[];
};

function addStep(
  nodes: Map<string, MutableNode>,
  tree: SpanTree,
  index: number,
  within: string,
): string {
  const hue = hueOf(tree, index);
  const label = labelOf(tree, index, hue);
  // An agent is one node wherever it is called from; what it does is its own.
  const id = hue === 'agent' ? `agent ${label}` : `${within} / ${hue} ${label}`;
  const node = nodes.get(id);
  const failed = hasFailed(tree, index) ? 1 : 0;
  const ns = tree.durationNs[index]!;
  if (node === undefined) {
    nodes.set(id, {
      id,
      label,
      hue,
      within,
      count: 1,
      failed,
      totalNs: ns,
      first: index,
      outermost: [],
    });
  } else {
    node.count++;
    node.failed += failed;
    node.totalNs += ns;
  }
  return id;
}

function labelOf(tree: SpanTree, index: number, hue: SpanHue): string {
  // A model as it was asked for: a call that failed has no answering model, and is the same step.
  const named =
    hue === 'agent'
      ? textOf(tree, 'agent', index)
      : hue === 'tool'
        ? textOf(tree, 'tool', index)
        : textOf(tree, 'request_model', index) || textOf(tree, 'response_model', index);
  return named === '' ? textOf(tree, 'name', index) : named;
}

/**
 * The steps below one span form an interval order: one comes before another when it ended before the other began.
 * An edge is drawn for the pairs with nothing between them.
 */
function joinSteps(
  tree: SpanTree,
  steps: readonly Step[],
  holder: string | undefined,
  add: (from: string, to: string, kind: EdgeKind) => void,
): void {
  const start = ({ index }: Step): number => tree.startNs[index]!;
  const end = ({ index }: Step): number => tree.startNs[index]! + tree.durationNs[index]!;
  const byEnd = steps.toSorted((a, b) => end(a) - end(b));
  const byStart = steps.toSorted((a, b) => start(a) - start(b));
  let ended = 0;
  let latestStart = -Infinity;
  let open: Step[] = [];
  for (const step of byStart) {
    while (ended < byEnd.length && end(byEnd[ended]!) <= start(step)) {
      const done = byEnd[ended++]!;
      // A step of no duration ends where it begins, and is not before itself.
      if (done === step) continue;
      latestStart = Math.max(latestStart, start(done));
      open.push(done);
    }
    // Those that ended before a later one began have it between them and the step.
    open = open.filter((done) => end(done) > latestStart || start(done) === latestStart);
    const before = open.filter((done) => done !== step);
    if (before.length === 0) {
      if (holder !== undefined) add(holder, step.node, 'calls');
      continue;
    }
    for (const done of before) {
      const again = done.node === step.node && hasFailed(tree, done.index);
      add(done.node, step.node, again ? 'retry' : 'then');
    }
  }
}
