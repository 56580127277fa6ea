import { hueOf, textOf } from '../span-tree.ts';
import type { SpanTree } from '../span-tree.ts';
import type { Span } from '../span.ts';
import { messagesOf } from './messages.ts';
import { toolCallOf } from './tool-call.ts';
import type { Message } from '../../../src/model/message-shape.ts';

/** A message of the conversation, and the span that first carried it. */
export interface Turn {
  readonly index: number;
  /** The agent whose model was talked to; '' when none is named. */
  readonly agent: string;
  readonly message: Message;
  /** What came back, where a tool's own span tells of its call. */
  readonly result?: string;
}

/** The spans that may tell of what was said: calls of models and tools, and runs of agents, by start. */
export function tellingSpansOf(tree: SpanTree): number[] {
  return [...tree.order]
    .filter((index) => hueOf(tree, index) !== 'other')
    .sort((a, b) => tree.startNs[a]! - tree.startNs[b]!);
}

/**
 * What was said in a trace. Each call of a model repeats what was said before it, so of each call of an agent only what
 * that agent's calls have not carried yet is a turn. Calls of tools that no message tells of stand at their time. Where
 * the calls of models tell nothing, the runs of agents may. Spans that are not given are passed over.
 */
export function conversationOf(
  tree: SpanTree,
  telling: readonly number[],
  spans: ReadonlyMap<string, Span>,
): Turn[] {
  const known = telling.flatMap((index) => {
    const span = spans.get(tree.spanIds[index]!);
    return span === undefined ? [] : [{ index, span }];
  });
  const ofModels = saidByModels(tree, known);
  const ofTools = toolTurns(tree, known, ofModels);
  const rest = ofModels.length > 0 ? ofTools : [...saidByAgents(tree, known), ...ofTools];
  return [...ofModels.map((turn) => at(tree, turn)), ...rest]
    .toSorted((one, other) => one.atNs - other.atNs)
    .map(({ turn }) => turn);
}

interface Known {
  readonly index: number;
  readonly span: Span;
}

interface TimedTurn {
  readonly turn: Turn;
  readonly atNs: number;
}

const at = (tree: SpanTree, turn: Turn, atNs = tree.startNs[turn.index]!): TimedTurn => ({
  turn,
  atNs,
});

function saidByModels(tree: SpanTree, known: readonly Known[]): Turn[] {
  const turns: Turn[] = [];
  const said = new Map<string, Set<string>>();
  for (const { index, span } of known) {
    if (hueOf(tree, index) !== 'model') continue;
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

/** The calls that tools' spans tell of and no message of a model: by id, or where messages have none by name. */
function toolTurns(
  tree: SpanTree,
  known: readonly Known[],
  ofModels: readonly Turn[],
): TimedTurn[] {
  const calls = ofModels
    .flatMap(({ message }) => message.parts)
    .filter(({ kind }) => kind === 'tool call');
  const ids = new Set(calls.map(({ id }) => id));
  const unnamed = new Map<string, number>();
  for (const { id, name = '' } of calls) {
    if (id === undefined) unnamed.set(name, (unnamed.get(name) ?? 0) + 1);
  }
  return known.flatMap(({ index, span }) => {
    const call = hueOf(tree, index) === 'tool' ? toolCallOf(span) : undefined;
    if (call === undefined) return [];
    const { id, name = '' } = call.message.parts[0]!;
    if (id !== undefined && ids.has(id)) return [];
    const left = unnamed.get(name) ?? 0;
    if (left > 0) {
      unnamed.set(name, left - 1);
      return [];
    }
    const result = call.result === undefined ? {} : { result: call.result };
    const agent = textOf(tree, 'agent', index);
    return [at(tree, { index, agent, message: call.message, ...result })];
  });
}

/** What runs of agents tell: what they were asked at their start, and what they answered at their end. */
function saidByAgents(tree: SpanTree, known: readonly Known[]): TimedTurn[] {
  return known.flatMap(({ index, span }) => {
    if (hueOf(tree, index) !== 'agent') return [];
    const agent = textOf(tree, 'agent', index);
    const { input, output } = messagesOf(span);
    const endNs = tree.startNs[index]! + tree.durationNs[index]!;
    return [
      ...input.map((message) => at(tree, { index, agent, message })),
      ...output.map((message) => at(tree, { index, agent, message }, endNs)),
    ];
  });
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
