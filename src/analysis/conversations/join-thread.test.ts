import { describe, expect, test } from 'vitest';

import { agent, chat, tool } from '../../../test/harness/run-span.ts';
import { GENAI_FLAG } from '../../model/genai-columns.ts';
import type { RunSpan } from '../../storage/run-store.ts';
import { findRunsIn } from '../runs/find-runs.ts';
import { pairTools, PART_CHARACTERS_MAX, RUN_MESSAGES_MAX, Thread } from './join-thread.ts';

const user = (content: string) => ({ role: 'user', parts: [{ type: 'text', content }] });
const assistant = (content: string) => ({ role: 'assistant', parts: [{ type: 'text', content }] });

/** A call of a model that was told and answered so. */
function call(id: string, parent: string, startMs: number, input: unknown[], output: unknown[]) {
  return chat(id, parent, {
    startMs,
    attributes: {
      'gen_ai.input.messages': JSON.stringify(input),
      'gen_ai.output.messages': JSON.stringify(output),
    },
  });
}

/** What was said in each trace, as `role: text`, a call with its result behind an arrow. */
function read(...traces: readonly (readonly RunSpan[])[]): string[][] {
  const thread = new Thread();
  const said = traces.flatMap((spans) =>
    findRunsIn(spans).map((run) => thread.add(run, () => undefined)),
  );
  return pairTools(said.map(({ messages }) => messages)).map((messages) =>
    messages.flatMap(({ role, parts }) =>
      parts.map(({ kind, name, text, result }) => {
        const what = kind === 'text' ? '' : ` ${kind}${name === undefined ? '' : ` ${name}`}`;
        return `${role}${what}: ${text}${result === undefined ? '' : ` → ${result.text}`}`;
      }),
    ),
  );
}

describe('a conversation over several runs', () => {
  test('gives each message once where every call repeats what was said before', () => {
    const first = [user('hello'), assistant('hi')];
    const second = [...first, user('yes'), assistant('fine')];
    expect(
      read(
        [agent('a', '', 'desk'), call('b', 'a', 1, first.slice(0, 1), first.slice(1))],
        [agent('c', '', 'desk'), call('d', 'c', 1, second.slice(0, 3), second.slice(3))],
        [agent('e', '', 'desk'), call('f', 'e', 1, [...second, user('yes')], [assistant('fine')])],
      ),
    ).toEqual([
      ['user: hello', 'assistant: hi'],
      ['user: yes', 'assistant: fine'],
      // Said a second time.
      ['user: yes', 'assistant: fine'],
    ]);
  });

  test('gives each message where no call repeats anything', () => {
    expect(
      read(
        [agent('a', '', 'desk'), call('b', 'a', 1, [user('yes')], [assistant('ok')])],
        [agent('c', '', 'desk'), call('d', 'c', 1, [user('yes')], [assistant('ok')])],
      ),
    ).toEqual([
      ['user: yes', 'assistant: ok'],
      ['user: yes', 'assistant: ok'],
    ]);
  });

  test('puts instructions that stand apart first, and says them once', () => {
    const told = (id: string, parent: string) =>
      chat(id, parent, {
        attributes: {
          'gen_ai.system_instructions': JSON.stringify([{ type: 'text', content: 'be kind' }]),
          'gen_ai.input.messages': JSON.stringify([user(id)]),
        },
      });
    expect(
      read([agent('a', '', 'desk'), told('b', 'a')], [agent('c', '', 'desk'), told('d', 'c')]),
    ).toEqual([['system: be kind', 'user: b'], ['user: d']]);
  });

  test('keeps what agents are told apart: another one may be told the same', () => {
    expect(
      read(
        [agent('a', '', 'desk'), call('b', 'a', 1, [user('x'), user('x')], [])],
        [agent('c', '', 'other'), call('d', 'c', 1, [user('x'), user('x')], [])],
      ),
    ).toEqual([
      ['user: x', 'user: x'],
      ['user: x', 'user: x'],
    ]);
  });
});

describe('the calls of tools', () => {
  const asks = {
    role: 'assistant',
    parts: [{ type: 'tool_call', id: 't1', name: 'find', arguments: { n: 1 } }],
  };
  const result = {
    role: 'tool',
    parts: [{ type: 'tool_call_response', id: 't1', response: 'found' }],
  };

  test('stand with their results, once, whoever told of them', () => {
    const spans = [
      agent('a', '', 'desk'),
      call('b', 'a', 1, [user('q')], [asks]),
      tool('t', 'a', 'find', { startMs: 2, toolCallId: 't1', attributes: { 'tool.output': 'x' } }),
      call('c', 'a', 3, [user('q'), asks, result], [assistant('done')]),
    ];
    expect(read(spans)).toEqual([
      ['user: q', 'assistant tool call find: {\n  "n": 1\n} → found', 'assistant: done'],
    ]);
  });

  test('have the result of their span where no model was told of one', () => {
    const spans = [
      agent('a', '', 'desk'),
      call('b', 'a', 1, [user('q')], [asks]),
      tool('t', 'a', 'find', {
        startMs: 2,
        toolCallId: 't1',
        attributes: { 'gen_ai.tool.call.result': 'late' },
      }),
    ];
    expect(read(spans)[0]!.at(-1)).toBe('assistant tool call find: {\n  "n": 1\n} → late');
  });

  test('are told of by their spans alone where messages were not captured', () => {
    const spans = [
      agent('a', '', 'desk', { attributes: { 'input.value': 'q', 'output.value': 'done' } }),
      chat('b', 'a', { startMs: 1 }),
      tool('t', 'a', 'find', {
        startMs: 2,
        attributes: { 'gen_ai.tool.call.arguments': '{}', 'gen_ai.tool.call.result': 'found' },
      }),
    ];
    expect(read(spans)).toEqual([
      ['user: q', 'tool tool call find: {} → found', 'assistant: done'],
    ]);
  });
});

describe('what log records tell', () => {
  const messages = {
    'gen_ai.input.messages': JSON.stringify([user('hello')]),
    'gen_ai.output.messages': JSON.stringify([assistant('hi')]),
  };
  const told = (id: string, parent: string, attributes: Record<string, string> = messages) =>
    chat(id, parent, {
      name: 'gen_ai.client.inference.operation.details',
      flags: GENAI_FLAG.modelCall | GENAI_FLAG.told,
      attributes,
    });

  test('of a call is said by it, once, where its span is silent', () => {
    const spans = [agent('a', '', 'desk'), chat('b', 'a', { startMs: 1 }), told('c', 'b')];
    expect(read(spans)).toEqual([['user: hello', 'assistant: hi']]);
  });

  test('of a call that speaks for itself is not said again', () => {
    const said = call('b', 'a', 1, [user('hello there')], [assistant('hi')]);
    expect(read([agent('a', '', 'desk'), said, told('c', 'b')])).toEqual([
      ['user: hello there', 'assistant: hi'],
    ]);
  });

  test('of a prompt and of tools is said where nothing tells of the answers', () => {
    const prompt = agent('a', '', 'claude-code', {
      name: 'claude_code.user_prompt',
      flags: GENAI_FLAG.runRoot | GENAI_FLAG.told,
      attributes: { prompt: 'Fix the build' },
    });
    const ran = tool('t', 'a', 'Bash', {
      startMs: 3,
      flags: GENAI_FLAG.told,
      attributes: { tool_parameters: '{"bash_command":"make"}' },
    });
    expect(read([prompt, told('b', 'a', {}), ran])).toEqual([
      ['user: Fix the build', 'tool tool call Bash: {"bash_command":"make"}'],
    ]);
  });
});

test('reads messages that are spread over numbered attributes, with the calls of tools in them', () => {
  const spans = [
    agent('a', '', 'desk'),
    chat('b', 'a', {
      attributes: {
        'llm.input_messages.0.message.role': 'user',
        'llm.input_messages.0.message.content': 'q',
        'llm.output_messages.0.message.role': 'assistant',
        'llm.output_messages.0.message.tool_calls.0.tool_call.id': 't9',
        'llm.output_messages.0.message.tool_calls.0.tool_call.function.name': 'find',
        'llm.output_messages.0.message.tool_calls.0.tool_call.function.arguments': '{}',
      },
    }),
  ];
  expect(read(spans)).toEqual([['user: q', 'assistant tool call find: {}']]);
});

test('long texts and runs of many messages are cut, and say so', () => {
  const long = 'x'.repeat(PART_CHARACTERS_MAX + 1);
  const many = Array.from({ length: RUN_MESSAGES_MAX + 1 }, (_, at) => user(`${at}`));
  const thread = new Thread();
  const [one] = findRunsIn([agent('a', '', 'd'), call('b', 'a', 1, [user(long)], [])]);
  const [other] = findRunsIn([agent('c', '', 'd'), call('e', 'c', 1, many, [])]);
  const { messages } = thread.add(one!, () => undefined);
  expect(messages[0]!.parts[0]).toEqual({
    kind: 'text',
    text: long.slice(0, PART_CHARACTERS_MAX),
    truncated: true,
    id: undefined,
    name: undefined,
    cached: false,
    result: undefined,
  });
  const cut = thread.add(other!, () => undefined);
  expect([cut.messages.length, cut.truncated]).toEqual([RUN_MESSAGES_MAX, true]);
});
