import { hueOf, textOf } from '../span-tree.ts';
import type { SpanTree } from '../span-tree.ts';
import type { Span } from '../span.ts';
import { messagesOf } from './messages.ts';
import type { Message } from '../../../src/model/message-shape.ts';

/** A message of the conversation, and the span that first carried it. */
export interface Turn {
  readonly index: number;
  /** The agent whose model was talked to; '' when none is named. */
  readonly agent: string;
  readonly message: Message;
}

/** The model calls of a trace, by start. */
export function modelCallsOf(tree: SpanTree): number[] {
  return [...tree.order]
    .filter((index) => hueOf(tree, index) === 'model')
    .sort((a, b) => tree.startNs[a]! - tree.startNs[b]!);
}

/**
 * Model calls, by start, as one conversation: each call repeats what was said before it, so of each call of an agent
 * only what that agent's calls have not carried yet is a turn. Calls of which the span is not given are passed over.
 */
export function conversationOf(
  tree: SpanTree,
  calls: readonly number[],
  spans: ReadonlyMap<string, Span>,
): Turn[] {
  const turns: Turn[] = [];
  const said = new Map<string, Set<string>>();
  for (const index of calls) {
    const span = spans.get(tree.spanIds[index]!);
    if (span === undefined) continue;
    const agent = textOf(tree, 'agent', index);
    let seen = said.get(agent);
    if (seen === undefined) said.set(agent, (seen = new Set()));
    const { input, output } = messagesOf(span);
    for (const message of [...input, ...output]) {
      const key = JSON.stringify(message);
      if (seen.has(key)) continue;
      seen.add(key);
      turns.push({ index, agent, message });
    }
  }
  return turns;
}

/** Results by the id of the call that they answer, from wherever in the conversation they stand. */
export function resultsById(turns: readonly Turn[]): ReadonlyMap<string, string> {
  const results = new Map<string, string>();
  for (const { message } of turns) {
    for (const { kind, id, text } of message.parts) {
      if (kind === 'tool result' && id !== undefined) results.set(id, text);
    }
  }
  return results;
}
