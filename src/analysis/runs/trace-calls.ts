import type { Turns } from '../../base/turns.ts';
import { GENAI_FLAG } from '../../model/genai-columns.ts';
import type { UsageSpan } from '../../model/counted-usage.ts';
import { countCallsAbove, countSideBySide } from '../../model/counted-usage.ts';
import type { RunSpan } from '../../storage/run-store.ts';
import { attributeFor } from './span-content.ts';
import type { SpanNode } from './span-tree.ts';
import { SPANS_IN_A_TURN } from './span-tree.ts';

const USAGE_FLAGS = GENAI_FLAG.modelCall | GENAI_FLAG.aggregate;

/** No span was sent: a log record told of it. */
export function isTold({ flags }: RunSpan): boolean {
  return (flags & GENAI_FLAG.told) !== 0;
}

interface Candidate extends UsageSpan {
  readonly node: SpanNode;
}

/** The nodes that stand for the calls of models in a trace, each call once (`countCalls`). */
export function* modelCallsOf(nodes: readonly SpanNode[]): Turns<SpanNode[]> {
  const candidates: Candidate[] = [];
  for (const node of nodes) {
    if (node.index % SPANS_IN_A_TURN === SPANS_IN_A_TURN - 1) yield;
    if (mayBeCall(node)) candidates.push(toCandidate(node));
  }
  if (candidates.length === 0) return [];
  const above = nearestAbove(nodes, candidates);
  yield;
  // Often no call is within another: then nothing but what stands side by side has to be looked at.
  const isNested = candidates.some(({ node }) => above[node.index] !== '');
  const counted = isNested
    ? yield* countCallsAbove(candidates, (left) => mapAbove(nodes, left))
    : countSideBySide(candidates);
  return counted.map(({ node }) => node);
}

/** What instrumentations count on tools is the size of arguments and results, no usage of a model. */
function mayBeCall({ span }: SpanNode): boolean {
  const { flags, inputTokens, outputTokens } = span;
  if ((flags & USAGE_FLAGS) === 0) return false;
  if ((flags & (GENAI_FLAG.modelCall | GENAI_FLAG.tokensInvalid)) !== 0) return true;
  return inputTokens !== null || outputTokens !== null;
}

/** For each of the nodes the id of the nearest candidate above it, or ''. */
function nearestAbove(
  nodes: readonly SpanNode[],
  candidates: readonly Candidate[],
): readonly string[] {
  const isCandidate = new Uint8Array(nodes.length);
  for (const { node } of candidates) isCandidate[node.index] = 1;
  const above: string[] = [];
  for (const { parent } of nodes) {
    if (parent === undefined) above.push('');
    else above.push(isCandidate[parent.index] === 1 ? parent.span.spanId : above[parent.index]!);
  }
  return above;
}

function* mapAbove(
  nodes: readonly SpanNode[],
  candidates: readonly Candidate[],
): Turns<ReadonlyMap<string, string>> {
  const above = nearestAbove(nodes, candidates);
  yield;
  return new Map(candidates.map(({ spanId, node }) => [spanId, above[node.index]!]));
}

function toCandidate(node: SpanNode): Candidate {
  const { span, parent } = node;
  return {
    node,
    spanId: span.spanId,
    parentSpanId: parent?.span.spanId ?? node.missing,
    inputTokens: span.inputTokens,
    outputTokens: span.outputTokens,
    partTokens:
      (span.cacheReadTokens ?? 0) + (span.cacheWriteTokens ?? 0) + (span.reasoningTokens ?? 0),
    modelCall: (span.flags & GENAI_FLAG.modelCall) !== 0,
    invalid: (span.flags & GENAI_FLAG.tokensInvalid) !== 0,
    told: isTold(span),
    scopeName: span.scopeName,
    requestModel: span.requestModel,
    responseModel: span.responseModel,
    responseId: attributeFor(span, 'responseId') ?? '',
    startNs: span.startNs,
    durationNs: span.durationNs,
  };
}

/**
 * The nodes that stand for the calls of tools: a tool's span within a span of the same tool is the same call, as
 * where the agent, the client and the server each tell of it; so is one beside it of the same id from another
 * instrumentation, at the same time; and so is what a log record tells of it.
 */
export function* toolCallsOf(nodes: readonly SpanNode[]): Turns<SpanNode[]> {
  const calls: SpanNode[] = [];
  /** By the nodes' index, the call that each is of or within. */
  const around: (SpanNode | undefined)[] = [];
  const byId = new Map<string, SpanNode[]>();
  const spanned = toldOfBySpans(nodes);
  yield;
  for (const node of nodes) {
    if (node.index % SPANS_IN_A_TURN === SPANS_IN_A_TURN - 1) yield;
    const outer = node.parent === undefined ? undefined : around[node.parent.index];
    if (!isTool(node.span)) {
      // Whatever an agent within a tool calls is a call of its own.
      const isAgent = (node.span.flags & GENAI_FLAG.runRoot) !== 0;
      around.push(isAgent ? undefined : outer);
      continue;
    }
    if (outer !== undefined && isSameTool(outer.span, node.span)) {
      around.push(outer);
      continue;
    }
    around.push(node);
    const { toolCallId } = node.span;
    const others = toolCallId === '' ? [] : (byId.get(toolCallId) ?? []);
    if (others.some((other) => isSideBySide(other.span, node.span))) continue;
    if (isTold(node.span) && spanned.has(toldKeyOf(node.span))) continue;
    if (toolCallId !== '') byId.set(toolCallId, [...others.slice(-SAME_ID_MAX), node]);
    calls.push(node);
  }
  return calls;
}

/** The tools' spans, by what log records of their calls have in common with them; nothing where there are no records. */
function toldOfBySpans(nodes: readonly SpanNode[]): ReadonlySet<string> {
  if (!nodes.some(({ span }) => isTold(span))) return NONE;
  return new Set(
    nodes
      .filter(({ span }) => isTool(span) && !isTold(span))
      .flatMap(({ span }) => [keyOf(span), placeOf(span)]),
  );
}

const NONE: ReadonlySet<string> = new Set();

/** What a log record and a span have in common that tell of one call; what has no id has nothing in common. */
function keyOf({ spanId, toolCallId, toolName }: RunSpan): string {
  return toolCallId === '' ? spanId : JSON.stringify([toolCallId, toolName]);
}

/** Records without the call's id (Gemini CLI's) are made within the span that has the tool's span below it. */
function toldKeyOf(span: RunSpan): string {
  return span.toolCallId === '' && span.parentSpanId !== '' ? placeOf(span) : keyOf(span);
}

function placeOf({ parentSpanId, toolName }: RunSpan): string {
  return JSON.stringify(['', parentSpanId, toolName]);
}

/** Calls of one id that are compared: it is the sender's to repeat. */
const SAME_ID_MAX = 16;

function isTool({ operation, toolName }: RunSpan): boolean {
  return operation === 'execute_tool' || (operation === '' && toolName !== '');
}

function isSameTool(outer: RunSpan, inner: RunSpan): boolean {
  if (outer.toolCallId !== '' && outer.toolCallId === inner.toolCallId) return true;
  return outer.toolName === inner.toolName || inner.toolName === '' || outer.toolName === '';
}

function isSideBySide(one: RunSpan, other: RunSpan): boolean {
  return (
    one.scopeName !== other.scopeName &&
    one.toolName === other.toolName &&
    one.startNs <= other.startNs + absolute(other.durationNs) &&
    other.startNs <= one.startNs + absolute(one.durationNs)
  );
}

function absolute(ns: bigint): bigint {
  return ns > 0n ? ns : 0n;
}
