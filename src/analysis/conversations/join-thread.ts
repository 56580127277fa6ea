import type { ThreadMessage, ThreadPart } from '../../model/conversation.ts';
import type { Message, MessagePart } from '../../model/message-shape.ts';
import type { FoundRun } from '../runs/find-runs.ts';
import type { RunSpan } from '../../storage/run-store.ts';
import { attributeFor } from '../runs/span-content.ts';
import { joinPayloads } from '../../model/payload-text.ts';
import type { PayloadTexts } from '../runs/run-content.ts';
import { spanMessages } from './span-messages.ts';

/** Longer texts are cut. */
export const PART_CHARACTERS_MAX = 16_384;
export const RUN_MESSAGES_MAX = 400;

interface SaidMessage extends ThreadMessage {
  /** The span of a tool tells of it, no message of a model. */
  readonly ofTool: boolean;
}

/** What was said in a run and not before, with the results of tools still apart. */
export interface SaidInRun {
  readonly messages: readonly SaidMessage[];
  readonly truncated: boolean;
}

/**
 * Joins the calls of models to one conversation. Each call repeats what was said before it, so of a call of an agent
 * only what that agent's calls have not carried yet is new: a message that a call carries for the n-th time is, where
 * it was said n times before, the same. What a model answers is always new, and so is the last thing that the first
 * call of a run is told: people say "yes" more than once.
 */
export class Thread {
  /** By agent: how often each message was said. */
  readonly #said = new Map<string, Map<string, number>>();

  /** Runs must be given in their order. */
  add(run: FoundRun, payloads: PayloadTexts): SaidInRun {
    const said = (span: RunSpan, { role, parts }: Message, ofTool = false): SaidMessage => ({
      role,
      agent: run.agent,
      spanId: span.spanId,
      parts: parts.map(toPart),
      ofTool,
    });
    let messages = inOrder(run).flatMap(({ span, ofTool }) =>
      ofTool
        ? [said(span, toolCall(span, payloads), ofTool)]
        : this.#newIn(span, run, payloads).map((message) => said(span, message)),
    );
    const root = run.root?.span;
    if (root !== undefined && messages.every(({ ofTool }) => ofTool)) {
      // Where the calls of models tell nothing, the run may.
      const { input, output } = spanMessages(root, payloads);
      const own = (all: readonly Message[]) => all.map((message) => said(root, message));
      messages = [...own(input), ...messages, ...own(output)];
    }
    const told = messages.filter(({ parts }) => parts.length > 0);
    return {
      messages: told.slice(0, RUN_MESSAGES_MAX),
      truncated: told.length > RUN_MESSAGES_MAX,
    };
  }

  #newIn(span: RunSpan, run: FoundRun, payloads: PayloadTexts): Message[] {
    let said = this.#said.get(run.agent);
    if (said === undefined) this.#said.set(run.agent, (said = new Map()));
    const { input, output } = spanMessages(span, payloads);
    const isFirst = run.modelCalls[0]?.span === span;
    const times = new Map<string, number>();
    const fresh: Message[] = [];
    [...input, ...output].forEach((message, at) => {
      const key = JSON.stringify(message);
      const time = (times.get(key) ?? 0) + 1;
      times.set(key, time);
      const isNew = at >= input.length || (isFirst && at === input.length - 1);
      const before = said.get(key) ?? 0;
      if (time <= before && !isNew) return;
      said.set(key, Math.max(before, time));
      fresh.push(message);
    });
    return fresh;
  }
}

/** The calls of models, and those of tools that no message tells of, by start. */
function inOrder(run: FoundRun): { readonly span: RunSpan; readonly ofTool: boolean }[] {
  const models = run.modelCalls.map(({ span }) => ({ span, ofTool: false }));
  const tools = run.toolCalls.map(({ span }) => ({ span, ofTool: true }));
  return [...models, ...tools].toSorted((one, other) =>
    one.span.startNs === other.span.startNs ? 0 : one.span.startNs < other.span.startNs ? -1 : 1,
  );
}

/** A tool's span as a message: `pairTools` drops it where a model's message tells of the same call. */
function toolCall(span: RunSpan, payloads: PayloadTexts): Message {
  const text = (...found: (string | undefined)[]): string | undefined => {
    const first = found.find((each) => each !== undefined);
    return first === undefined ? undefined : joinPayloads(first, payloads);
  };
  const shared = { id: span.toolCallId || undefined, name: span.toolName, cached: false };
  const given = text(attributeFor(span, 'toolArguments'), attributeFor(span, 'input')) ?? '';
  const result = text(attributeFor(span, 'toolResult'), attributeFor(span, 'output'));
  const parts: MessagePart[] = [{ ...shared, kind: 'tool call', text: given }];
  if (result !== undefined) parts.push({ ...shared, kind: 'tool result', text: result });
  return { role: 'tool', parts };
}

function toPart(part: MessagePart): ThreadPart {
  const { text, truncated } = cut(part.text);
  const { kind, id, name, cached } = part;
  return { kind, text, truncated, id, name, cached, result: undefined };
}

function cut(text: string): { text: string; truncated: boolean } {
  return {
    text: text.slice(0, PART_CHARACTERS_MAX),
    truncated: text.length > PART_CHARACTERS_MAX,
  };
}

/**
 * Puts the result of a tool's call where the call stands, wherever in the conversation it came, and leaves out what
 * tells of the same again: the message that brought the result, and the tool's own span.
 */
export function pairTools(runs: readonly (readonly SaidMessage[])[]): ThreadMessage[][] {
  const results = new Map<string, ThreadPart>();
  const called = new Set<string>();
  for (const { ofTool, parts } of runs.flat()) {
    for (const part of parts) {
      if (part.id === undefined) continue;
      if (part.kind === 'tool call' && !ofTool) called.add(part.id);
      // What the model was told wins over what the tool says it gave.
      if (part.kind === 'tool result' && (!ofTool || !results.has(part.id)))
        results.set(part.id, part);
    }
  }
  return runs.map((messages) => {
    const unnamed = callsWithoutId(messages);
    return messages.flatMap(({ ofTool, ...message }) => {
      if (ofTool) return isToldOf(message, called, unnamed) ? [] : [joined(message)];
      const parts = message.parts
        .filter(({ kind, id }) => kind !== 'tool result' || id === undefined || !called.has(id))
        .map((part) =>
          part.kind === 'tool call' ? withResult(part, results.get(part.id ?? '')) : part,
        );
      return parts.length === 0 ? [] : [{ ...message, parts }];
    });
  });
}

/** Names of tools that messages call without an id, with how often. */
function callsWithoutId(messages: readonly SaidMessage[]): Map<string, number> {
  const names = new Map<string, number>();
  for (const { ofTool, parts } of messages) {
    for (const { kind, id, name = '' } of ofTool ? [] : parts) {
      if (kind === 'tool call' && id === undefined) names.set(name, (names.get(name) ?? 0) + 1);
    }
  }
  return names;
}

function isToldOf(
  { parts }: ThreadMessage,
  called: ReadonlySet<string>,
  unnamed: Map<string, number>,
): boolean {
  const { id, name = '' } = parts[0]!;
  if (id !== undefined && called.has(id)) return true;
  const left = unnamed.get(name) ?? 0;
  if (left > 0) unnamed.set(name, left - 1);
  return left > 0;
}

/** A tool's span: its call, with what came back. */
function joined(message: ThreadMessage): ThreadMessage {
  const [call, result] = message.parts;
  return { ...message, parts: [withResult(call!, result)] };
}

function withResult(part: ThreadPart, result: ThreadPart | undefined): ThreadPart {
  if (result === undefined) return part;
  return { ...part, result: { text: result.text, truncated: result.truncated } };
}
