import type { Turns } from '../../base/turns.ts';
import { GENAI_FLAG } from '../../model/genai-columns.ts';
import type { UsageSpan } from '../../model/counted-usage.ts';
import { countCallsInTurns, countSideBySide } from '../../model/counted-usage.ts';
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
  const calling = nodes.filter(mayBeCall);
  const candidates: Candidate[] = [];
  for (const node of calling) {
    candidates.push(toCandidate(node));
    if (candidates.length % SPANS_IN_A_TURN === 0) yield;
  }
  if (candidates.length === 0) return [];
  // Mostly no call is within another: then nothing but what stands side by side has to be looked at.
  if (!areNested(calling)) return countSideBySide(candidates).map(({ node }) => node);
  yield;
  const parents = new Map(
    nodes.map(({ span, parent }) => [span.spanId, parent?.span.spanId ?? '']),
  );
  return (yield* countCallsInTurns(candidates, parents)).map(({ node }) => node);
}

/** What instrumentations count on tools is the size of arguments and results, no usage of a model. */
function mayBeCall({ span }: SpanNode): boolean {
  const { flags, inputTokens, outputTokens } = span;
  if ((flags & USAGE_FLAGS) === 0) return false;
  if ((flags & (GENAI_FLAG.modelCall | GENAI_FLAG.tokensInvalid)) !== 0) return true;
  return inputTokens !== null || outputTokens !== null;
}

/** Whether one of the nodes is above another. */
function areNested(nodes: readonly SpanNode[]): boolean {
  const own = new Set(nodes);
  // Passed, and found to have none of them above.
  const clear = new Set<SpanNode>();
  for (const node of nodes) {
    for (let above = node.parent; above !== undefined && !clear.has(above); above = above.parent) {
      if (own.has(above)) return true;
      clear.add(above);
    }
  }
  return false;
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
  const around = new Map<SpanNode, SpanNode>();
  const byId = new Map<string, SpanNode[]>();
  const spanned = new Set(
    nodes.filter(({ span }) => isTool(span) && !isTold(span)).map(({ span }) => keyOf(span)),
  );
  yield;
  for (const [index, node] of nodes.entries()) {
    if (index % SPANS_IN_A_TURN === SPANS_IN_A_TURN - 1) yield;
    const outer = node.parent === undefined ? undefined : around.get(node.parent);
    if (!isTool(node.span)) {
      // Whatever an agent within a tool calls is a call of its own.
      const isAgent = (node.span.flags & GENAI_FLAG.runRoot) !== 0;
      if (outer !== undefined && !isAgent) around.set(node, outer);
      continue;
    }
    if (outer !== undefined && isSameTool(outer.span, node.span)) {
      around.set(node, outer);
      continue;
    }
    around.set(node, node);
    const { toolCallId } = node.span;
    const others = toolCallId === '' ? [] : (byId.get(toolCallId) ?? []);
    if (others.some((other) => isSideBySide(other.span, node.span))) continue;
    if (isTold(node.span) && spanned.has(keyOf(node.span))) continue;
    if (toolCallId !== '') byId.set(toolCallId, [...others.slice(-SAME_ID_MAX), node]);
    calls.push(node);
  }
  return calls;
}

/** What a log record and a span have in common that tell of one call; what has no id has nothing in common. */
function keyOf({ spanId, toolCallId, toolName }: RunSpan): string {
  return toolCallId === '' ? spanId : JSON.stringify([toolCallId, toolName]);
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
