import type { Turns } from '../../base/turns.ts';
import { cutCycles } from '../../model/cut-cycles.ts';
import type { RunSpan } from '../../storage/run-store.ts';

/** Spans gone through before others may have their turn: a millisecond or two. */
export const SPANS_IN_A_TURN = 1_000;

/** A span in its tree. */
export interface SpanNode {
  /** Its place among the trace's nodes, so that what is noted of nodes can be kept in arrays. */
  readonly index: number;
  readonly span: RunSpan;
  readonly parent: SpanNode | undefined;
  /** The id of a parent that is known by its id alone, or ''. */
  readonly missing: string;
  /** Who the span belongs to; '' when nothing names anyone. */
  readonly agent: string;
  /** A span said so, this or one above it; else the service's name stands in. */
  readonly agentSaid: boolean;
}

/** What is passed down from span to span, by service: the agent that the nearest span above named. */
type Said = ReadonlyMap<string, string>;

interface PlacedNode extends SpanNode {
  readonly parent: PlacedNode | undefined;
  readonly said: Said;
}

/** A span that has an id of its own, and its node once it has one. */
interface Slot {
  span: RunSpan;
  node: PlacedNode | undefined;
}

type Slots = ReadonlyMap<string, Slot>;

/**
 * Puts the spans of a trace into their trees, parents before children. Of spans with one id the one that started
 * first stays, as everywhere; of those one with an end, then the one received first. Parents in circles, in
 * other traces or missing make a span the top of a tree. `placed` has the parents of spans that belong elsewhere than they
 * say.
 */
export function* buildTree(
  spans: readonly RunSpan[],
  placed: ReadonlyMap<RunSpan, string> = new Map(),
): Turns<SpanNode[]> {
  const slots = new Map<string, Slot>();
  let index = 0;
  for (const span of spans) {
    if (++index % SPANS_IN_A_TURN === 0) yield;
    const known = slots.get(span.spanId);
    if (known === undefined) slots.set(span.spanId, { span, node: undefined });
    else if (precedes(span, known.span)) known.span = span;
  }
  const parentOf = (span: RunSpan): string => placed.get(span) ?? span.parentSpanId;
  // Few traces have circles, and looking for them before anything else costs as much as the rest.
  return (yield* placeAll(slots, parentOf)) ?? (yield* placeWithoutCircles(slots, parentOf));
}

function* placeWithoutCircles(
  slots: Slots,
  parentOf: (span: RunSpan) => string,
): Turns<SpanNode[]> {
  const given = new Map<string, string>();
  for (const slot of slots.values()) {
    given.set(slot.span.spanId, parentOf(slot.span));
    slot.node = undefined;
  }
  const parents = cutCycles(given);
  return (yield* placeAll(slots, ({ spanId }) => parents.get(spanId)!))!;
}

/** Undefined when parents go round in a circle. */
function* placeAll(
  slots: Slots,
  parentOf: (span: RunSpan) => string,
): Turns<SpanNode[] | undefined> {
  const nodes: PlacedNode[] = [];
  const path: Slot[] = [];
  for (const start of slots.values()) {
    let slot: Slot | undefined = start;
    let missing = '';
    while (slot !== undefined && slot.node === undefined) {
      path.push(slot);
      if (path.length > slots.size) return undefined;
      missing = parentOf(slot.span);
      slot = missing === '' ? undefined : slots.get(missing);
    }
    let parent = slot?.node;
    for (let child = path.pop(); child !== undefined; child = path.pop()) {
      if (nodes.length % SPANS_IN_A_TURN === SPANS_IN_A_TURN - 1) yield;
      child.node = place(child.span, nodes.length, parent, parent === undefined ? missing : '');
      parent = child.node;
      nodes.push(parent);
    }
  }
  return nodes;
}

function place(
  span: RunSpan,
  index: number,
  parent: PlacedNode | undefined,
  missing: string,
): PlacedNode {
  const above = parent?.said ?? NOBODY;
  const own = isSaid(span) ? span.agent : undefined;
  const named = own ?? above.get(span.service);
  const agent = named ?? (isNameless(span.agent) ? '' : span.agent);
  const said =
    own === undefined || above.get(span.service) === own
      ? above
      : new Map([...above, [span.service, own]]);
  return { index, span, parent, missing, agent, agentSaid: named !== undefined, said };
}

const NOBODY: Said = new Map();

/** The span names an agent of its own: what is only the service's name is nobody's word. */
function isSaid({ agent, service, operation, name }: RunSpan): boolean {
  if (isNameless(agent)) return false;
  return agent !== service || (operation === 'invoke_agent' && name.includes(agent));
}

function isNameless(agent: string): boolean {
  return agent === '' || agent.startsWith('unknown_service');
}

function precedes(span: RunSpan, known: RunSpan): boolean {
  if (span.startNs !== known.startNs) return span.startNs < known.startNs;
  const ended = span.durationNs >= 0n;
  if (ended !== known.durationNs >= 0n) return ended;
  if (span.receivedS !== known.receivedS) return span.receivedS < known.receivedS;
  // Nothing tells which came first; any rule will do that does not depend on the order of reading.
  return JSON.stringify(identity(span)) < JSON.stringify(identity(known));
}

const identity = (span: RunSpan): unknown[] => [
  String(span.durationNs),
  span.name,
  span.parentSpanId,
  span.inputTokens,
  span.outputTokens,
  span.agent,
  span.statusCode,
];
