import type { Turns } from '../../base/turns.ts';
import { atOnce } from '../../base/turns.ts';
import { GENAI_FLAG } from '../../model/genai-columns.ts';
import type { RunSpan } from '../../storage/run-store.ts';
import type { SpanNode } from './span-tree.ts';
import { buildTree } from './span-tree.ts';
import { isPrompt, placeTold } from './place-told.ts';
import { addToldContent } from './told-content.ts';
import { isTold, modelCallsOf, toolCallsOf } from './trace-calls.ts';

/** A run as it is found: its spans, and the calls in it that count; those of child runs are theirs. */
export interface FoundRun {
  /** The id of its root span, which may be known by this id alone. */
  readonly runId: string;
  readonly parent: FoundRun | undefined;
  readonly agent: string;
  /** Undefined while it has not come. */
  readonly root: SpanNode | undefined;
  readonly implied: boolean;
  /** What log records alone tell of: nothing says when it ended. */
  readonly told: boolean;
  /** Of one that is told of, that a later prompt of its conversation shows it to be over. */
  readonly followed: boolean;
  readonly nodes: SpanNode[];
  /** By start. */
  readonly modelCalls: SpanNode[];
  readonly toolCalls: SpanNode[];
}

interface Mark {
  readonly agent: string;
  readonly implied: boolean;
}

/** Of the nodes that are roots, by their index. */
type Marks = (Mark | undefined)[];

const SERVER = 2;
const CONSUMER = 5;

/**
 * Finds the runs of a trace, parents before children. A span that says it is the root of a run starts one, unless
 * the run it is within is the same agent's; that of another agent is a child run. Calls outside of any run are
 * of an implied run: its root is the topmost span above them of the same service, or the parent of that which has
 * not come.
 */
export function findRunsIn(spans: readonly RunSpan[]): FoundRun[] {
  return atOnce(findRunsInTurns(spans));
}

/** The same in steps, for traces of any size. */
export function* findRunsInTurns(spans: readonly RunSpan[]): Turns<FoundRun[]> {
  const nodes = yield* buildTree(spans, placeTold(spans));
  const modelCalls = (yield* modelCallsOf(nodes)).toSorted(byStart);
  yield;
  const toolCalls = (yield* toolCallsOf(nodes)).toSorted(byStart);
  yield;
  const marks: Marks = [];
  const covered: boolean[] = [];
  for (const node of nodes) {
    const starts = startsRun(node);
    marks.push(starts ? { agent: node.agent, implied: false } : undefined);
    covered.push(starts || (node.parent !== undefined && covered[node.parent.index]!));
  }
  yield;
  const outside = [...modelCalls, ...toolCalls].filter(({ index }) => !covered[index]!);
  const missing = markImplied(outside.toSorted(byStart), marks);
  yield;
  const counted = new Uint8Array(nodes.length);
  for (const { index } of modelCalls) counted[index] = 1;
  for (const { index } of toolCalls) counted[index] = 1;
  const runs: FoundRun[] = [];
  const runOf = assign(nodes, { marks, missing, counted }, runs);
  yield;
  for (const node of modelCalls) runOf[node.index]!.modelCalls.push(node);
  for (const node of toolCalls) runOf[node.index]!.toolCalls.push(node);
  if (!nodes.some(({ span }) => isTold(span))) return runs;
  addToldContent(runs, nodes);
  return settleTold(runs, nodes);
}

/**
 * A prompt is no run before a call is told of: what spans tell of, or nothing, came of it. Of the rest that is known
 * whether it is over.
 */
function settleTold(runs: readonly FoundRun[], nodes: readonly SpanNode[]): FoundRun[] {
  const last = new Map<string, bigint>();
  for (const { span } of nodes) {
    if (!isPrompt(span)) continue;
    const known = last.get(span.conversation);
    if (known === undefined || span.startNs > known) last.set(span.conversation, span.startNs);
  }
  return runs
    .filter(({ nodes: own, modelCalls, toolCalls }) => {
      const isEmpty = modelCalls.length === 0 && toolCalls.length === 0;
      return !isEmpty || own.some(({ span }) => !isTold(span));
    })
    .map((run) => {
      const { root, nodes: own } = run;
      const told = root === undefined ? own.every(({ span }) => isTold(span)) : isTold(root.span);
      if (!told) return run;
      const first = root ?? own.toSorted(byStart)[0]!;
      const prompt = last.get(first.span.conversation);
      return { ...run, told, followed: prompt !== undefined && prompt > first.span.startNs };
    });
}

/**
 * A model's or a tool's span whose name is on the list of run roots is a run when nothing is above it; else it is a
 * call among others, and together they are one run.
 */
function startsRun({ span, parent, missing }: SpanNode): boolean {
  if ((span.flags & GENAI_FLAG.runRoot) === 0) return false;
  const isCall = (span.flags & GENAI_FLAG.modelCall) !== 0 || span.operation === 'execute_tool';
  return !isCall || (parent === undefined && missing === '');
}

/** Marks the roots of implied runs; returns those that are known by their id alone. */
function markImplied(calls: readonly SpanNode[], marks: Marks): ReadonlyMap<string, Mark> {
  const missing = new Map<string, Mark>();
  const climbed = new Map<SpanNode, { agent: string; top: SpanNode }>();
  for (const call of calls) {
    const top = climb(call, climbed);
    const absent = top.parent === undefined && !isEntry(top) ? top.missing : '';
    const known = absent === '' ? marks[top.index] : missing.get(absent);
    const mark = { agent: call.agent, implied: true };
    if (known === undefined) {
      if (absent === '') marks[top.index] = mark;
      else missing.set(absent, mark);
    } else if (known.agent !== call.agent && call.agentSaid) {
      const own = highestOfAgent(call);
      if (own !== top) marks[own.index] ??= mark;
    }
  }
  return missing;
}

/** The topmost span above of the same service, up to where another agent is named. */
function climb(call: SpanNode, climbed: Map<SpanNode, { agent: string; top: SpanNode }>): SpanNode {
  const path: SpanNode[] = [];
  let top = call;
  for (;;) {
    const known = climbed.get(top);
    if (known?.agent === call.agent) {
      top = known.top;
      break;
    }
    path.push(top);
    const { parent } = top;
    if (parent === undefined || parent.span.service !== call.span.service) break;
    if (parent.agentSaid && parent.agent !== call.agent) break;
    top = parent;
  }
  for (const node of path) climbed.set(node, { agent: call.agent, top });
  return top;
}

function highestOfAgent(call: SpanNode): SpanNode {
  let highest = call;
  for (let steps = 0; steps < DEPTH_MAX; steps++) {
    const { parent } = highest;
    if (parent === undefined || !parent.agentSaid || parent.agent !== call.agent) break;
    highest = parent;
  }
  return highest;
}

const DEPTH_MAX = 1_000;

/** Where a request enters a service: what called it, and never came, is no part of the run. */
function isEntry({ span }: SpanNode): boolean {
  return span.remoteParent || span.kind === SERVER || span.kind === CONSUMER;
}

function assign(
  nodes: readonly SpanNode[],
  {
    marks,
    missing,
    counted,
  }: {
    readonly marks: Readonly<Marks>;
    readonly missing: ReadonlyMap<string, Mark>;
    /** Whether the node stands for a call, by its index. */
    readonly counted: Uint8Array;
  },
  runs: FoundRun[],
): readonly (FoundRun | undefined)[] {
  const absent = new Map<string, FoundRun>();
  for (const [runId, { agent }] of missing) {
    const run = createRun({ runId, parent: undefined, agent, root: undefined, implied: true });
    absent.set(runId, run);
    runs.push(run);
  }
  const runOf: (FoundRun | undefined)[] = [];
  for (const node of nodes) {
    const above =
      node.parent === undefined
        ? absent.get(isEntry(node) ? '' : node.missing)
        : runOf[node.parent.index];
    const mark = marks[node.index];
    let run = above;
    if (mark !== undefined && (above === undefined || above.agent !== mark.agent)) {
      const { agent, implied } = mark;
      run = createRun({ runId: node.span.spanId, parent: above, agent, root: node, implied });
      runs.push(run);
    }
    runOf.push(run);
    if (run === undefined) continue;
    // What a span tells of too is not there twice.
    if (!isTold(node.span) || counted[node.index] === 1 || run.root === node) run.nodes.push(node);
  }
  return runOf;
}

function createRun({
  runId,
  parent,
  agent,
  root,
  implied,
}: Pick<FoundRun, 'runId' | 'parent' | 'agent' | 'root' | 'implied'>): FoundRun {
  return {
    runId,
    parent,
    agent,
    root,
    implied,
    told: false,
    followed: false,
    nodes: [],
    modelCalls: [],
    toolCalls: [],
  };
}

export function byStart({ span: one }: SpanNode, { span: other }: SpanNode): number {
  if (one.startNs !== other.startNs) return one.startNs < other.startNs ? -1 : 1;
  return one.spanId < other.spanId ? -1 : 1;
}
