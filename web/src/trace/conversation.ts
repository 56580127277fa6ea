import type { SpanTree } from '../span-tree.ts';
import { messagesOf } from './messages.ts';
import type { Message } from '../../../src/model/message-shape.ts';

/** A message of the conversation, and the span that first carried it. */
export interface Turn {
  readonly index: number;
  /** The agent whose model was talked to; '' when none is named. */
  readonly agent: string;
  readonly message: Message;
}

/**
 * The model calls of a trace as one conversation: each call repeats what was said before it, so of each call of an
 * agent only what that agent's calls have not carried yet is a turn. In the order of the calls.
 */
export function conversationOf(tree: SpanTree): Turn[] {
  const turns: Turn[] = [];
  const said = new Map<string, Set<string>>();
  const calls = [...tree.order]
    .filter((index) => tree.hues[index] === 'model')
    .sort((a, b) => tree.startNs[a]! - tree.startNs[b]!);
  for (const index of calls) {
    const agent = tree.spans[index]!.genai?.agent ?? '';
    let seen = said.get(agent);
    if (seen === undefined) said.set(agent, (seen = new Set()));
    const { input, output } = messagesOf(tree.spans[index]!);
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
