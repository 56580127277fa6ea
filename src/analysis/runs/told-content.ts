import type { RunSpan } from '../../storage/run-store.ts';
import type { FoundRun } from './find-runs.ts';
import { attributeFor, eventMessages, indexedMessages } from './span-content.ts';
import type { SpanNode } from './span-tree.ts';
import { isTold } from './trace-calls.ts';

/**
 * Lets the calls of models say what log records say of them, where their own spans say nothing: instrumentations of the
 * conventions send content in an event within the span, and the span without it.
 */
export function addToldContent(runs: readonly FoundRun[], nodes: readonly SpanNode[]): void {
  const told = new Map<SpanNode, RunSpan>();
  for (const { span, parent } of nodes) {
    if (parent !== undefined && isTold(span) && speaks(span)) told.set(parent, span);
  }
  if (told.size === 0) return;
  for (const { modelCalls } of runs) {
    for (const [at, call] of modelCalls.entries()) {
      const record = told.get(call);
      if (record !== undefined && !speaks(call.span)) modelCalls[at] = saying(call, record);
    }
  }
}

function saying(call: SpanNode, record: RunSpan): SpanNode {
  const { span } = call;
  const keys = [...span.keys, ...record.keys];
  const values = [...span.values, ...record.values];
  // What a span tells is read from its block when it is asked for: spread, it would be lost.
  const speaking = new Proxy(span, {
    get: (target, name): unknown => {
      if (name === 'keys') return keys;
      return name === 'values' ? values : Reflect.get(target, name);
    },
  });
  return { ...call, span: speaking };
}

/** Whether messages are told of, in whatever form. */
function speaks(span: RunSpan): boolean {
  return (['input', 'output'] as const).some(
    (role) =>
      attributeFor(span, role) !== undefined ||
      indexedMessages(span, role) !== undefined ||
      eventMessages(span, role) !== undefined,
  );
}
