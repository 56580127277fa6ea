import { expect, test } from 'vitest';

import { conversationOf, tellingSpansOf } from './conversation.ts';
import { drawTree } from './test-tree.ts';
import type { GenAiView, Span } from '../span.ts';

interface Told {
  readonly id: string;
  readonly from: number;
  readonly to: number;
  readonly genai: GenAiView;
  readonly says?: Readonly<Record<string, string>>;
}

const AGENT = { operation: 'invoke_agent', agent: 'desk' };
const CHAT = { operation: 'chat', request_model: 'm', agent: 'desk' };
const TOOL = { operation: 'execute_tool', tool_name: 'find', agent: 'desk' };

/** As `span role kind text → result`. */
function read(...told: readonly Told[]): string[] {
  const tree = drawTree(told);
  const spans = told.map(({ id, genai, says = {} }): [string, Span] => [
    id,
    {
      traceId: '1',
      spanId: id,
      name: id,
      startTimeUnixNano: '1',
      endTimeUnixNano: '2',
      genai,
      attributes: Object.entries(says).map(([key, stringValue]) => ({
        key,
        value: { stringValue },
      })),
    },
  ]);
  return conversationOf(tree, tellingSpansOf(tree), new Map(spans)).flatMap(
    ({ index, message, result }) =>
      message.parts.map(({ kind, text }) =>
        [tree.spanIds[index], message.role, kind, text, result === undefined ? '' : `→ ${result}`]
          .join(' ')
          .trim(),
      ),
  );
}

const asks = (...parts: readonly object[]): Readonly<Record<string, string>> => ({
  'gen_ai.output.messages': JSON.stringify([{ role: 'assistant', parts }]),
});
const text = (content: string) => ({ type: 'text', content });
const calls = (id?: string) => ({
  type: 'tool_call',
  name: 'find',
  arguments: 'a',
  ...(id && { id }),
});
const ran = { 'gen_ai.tool.call.arguments': 'q', 'gen_ai.tool.call.result': 'found' };

test('calls of tools that no message tells of stand at their time, with what came back', () => {
  expect(
    read(
      { id: 'a', from: 0, to: 9, genai: AGENT, says: { 'input.value': 'not said twice' } },
      { id: 'c', from: 5, to: 6, genai: CHAT, says: asks(text('done')) },
      { id: 't', from: 3, to: 4, genai: TOOL, says: ran },
      { id: 'b', from: 1, to: 2, genai: CHAT, says: asks(text('I look')) },
    ),
  ).toEqual(['b assistant text I look', 't tool tool call q → found', 'c assistant text done']);
});

test('a call that a message tells of, by its id or by its name, is not there twice', () => {
  const byId = { ...ran, 'gen_ai.tool.call.id': 'x1' };
  expect(
    read(
      { id: 'b', from: 1, to: 2, genai: CHAT, says: asks(calls('x1'), calls()) },
      { id: 't', from: 3, to: 4, genai: TOOL, says: byId },
      { id: 'u', from: 5, to: 6, genai: TOOL, says: ran },
      { id: 'v', from: 7, to: 8, genai: TOOL, says: ran },
    ),
  ).toEqual(['b assistant tool call a', 'b assistant tool call a', 'v tool tool call q → found']);
});

test('where no call of a model tells anything, the run does: a prompt, tools, an answer', () => {
  expect(
    read(
      { id: 'a', from: 0, to: 9, genai: AGENT, says: { prompt: 'Fix it', response_text: 'Fixed' } },
      { id: 'b', from: 1, to: 2, genai: CHAT },
      { id: 't', from: 3, to: 4, genai: TOOL, says: { tool_parameters: 'make' } },
    ),
  ).toEqual(['a user text Fix it', 't tool tool call make', 'a assistant text Fixed']);
});
