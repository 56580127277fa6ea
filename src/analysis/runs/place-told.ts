import { GENAI_FLAG } from '../../model/genai-columns.ts';
import type { RunSpan } from '../../storage/run-store.ts';
import { isTold } from './trace-calls.ts';

/**
 * Where what log records tell of belongs, as the parents of those spans that have to have another: under the prompt
 * that it follows from. Records come one by one and say at most within which span they were made, and that span may
 * never be sent: what has no parent here follows from the last prompt of its conversation before it ended.
 */
export function placeTold(spans: readonly RunSpan[]): ReadonlyMap<RunSpan, string> {
  const parents = new Map<RunSpan, string>();
  const told = spans.filter(isTold);
  if (told.length === 0) return parents;
  const known = new Set<string>();
  for (const span of spans) {
    known.add(span.spanId);
    // A parent that spans wait for too is still to come.
    if (!isTold(span) && span.parentSpanId !== '') known.add(span.parentSpanId);
  }
  const lost = told.filter(({ parentSpanId }) => !known.has(parentSpanId));
  const prompts = promptsOf(told);
  const common = commonParents(lost);
  for (const span of lost) {
    const { conversation, startNs, durationNs } = span;
    if (isPrompt(span)) parents.set(span, '');
    else {
      const prompt = lastBefore(prompts.get(conversation) ?? [], startNs + durationNs);
      // Without a prompt, all that a conversation's records tell of is one run.
      const parent = prompt?.spanId ?? common.get(conversation);
      if (parent !== undefined) parents.set(span, parent);
    }
  }
  return parents;
}

/** A log record told of the beginning of a run. */
export function isPrompt(span: RunSpan): boolean {
  return isTold(span) && (span.flags & GENAI_FLAG.runRoot) !== 0;
}

/** By conversation, the least of the parents that did not come: any will do that all agree on. */
function commonParents(lost: readonly RunSpan[]): ReadonlyMap<string, string> {
  const parents = new Map<string, string>();
  for (const { conversation, parentSpanId } of lost) {
    const least = parents.get(conversation);
    if (parentSpanId !== '' && (least === undefined || parentSpanId < least))
      parents.set(conversation, parentSpanId);
  }
  return parents;
}

/** By conversation, in the order of their time. */
function promptsOf(spans: readonly RunSpan[]): ReadonlyMap<string, readonly RunSpan[]> {
  const prompts = new Map<string, RunSpan[]>();
  for (const span of spans) {
    if (!isPrompt(span)) continue;
    const list = prompts.get(span.conversation);
    if (list === undefined) prompts.set(span.conversation, [span]);
    else list.push(span);
  }
  for (const list of prompts.values()) list.sort((one, other) => (isBefore(one, other) ? -1 : 1));
  return prompts;
}

function isBefore(one: RunSpan, other: RunSpan): boolean {
  return one.startNs === other.startNs ? one.spanId < other.spanId : one.startNs < other.startNs;
}

function lastBefore(prompts: readonly RunSpan[], ns: bigint): RunSpan | undefined {
  return prompts.findLast(({ startNs }) => startNs <= ns);
}
