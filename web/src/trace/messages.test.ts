import { expect, test } from 'vitest';
import type { KeyValue, Span } from '../span.ts';
import { conversationOf, tellingSpansOf, resultsById } from './conversation.ts';
import { messagesOf } from './messages.ts';
import { drawTree } from './test-tree.ts';

const spanWith = (
  attributes: Readonly<Record<string, string>>,
  rest: Partial<Span> = {},
): Span => ({
  traceId: '1',
  spanId: '1',
  name: 'chat',
  startTimeUnixNano: '1',
  endTimeUnixNano: '2',
  attributes: toKeyValues(attributes),
  ...rest,
});

const toKeyValues = (attributes: Readonly<Record<string, string>>): KeyValue[] =>
  Object.entries(attributes).map(([key, stringValue]) => ({ key, value: { stringValue } }));

/** As `role: kind name(id) text`, a line a part. */
function linesOf(span: Span): string[] {
  const { input, output } = messagesOf(span);
  return [...input, ...output].flatMap(({ role, parts }) =>
    parts.map(({ kind, name, id, text, cached }) =>
      [
        `${role}:`,
        kind,
        name,
        id === undefined ? undefined : `(${id})`,
        text.replaceAll(/\s+/g, ' '),
        cached ? 'cached' : undefined,
      ]
        .filter((each) => each !== undefined)
        .join(' '),
    ),
  );
}

test('the conventions: instructions, parts, tool calls and their responses, reasoning, media', () => {
  expect(
    linesOf(
      spanWith({
        'gen_ai.system_instructions': '[{"type":"text","content":"Be brief."}]',
        'gen_ai.input.messages': JSON.stringify([
          {
            role: 'user',
            parts: [
              { type: 'text', content: 'Weather?' },
              { type: 'blob', modality: 'image', mime_type: 'image/png', content: 'AAAA' },
            ],
          },
          {
            role: 'assistant',
            parts: [{ type: 'tool_call', id: 'c1', name: 'weather', arguments: { city: 'Bonn' } }],
          },
          { role: 'tool', parts: [{ type: 'tool_call_response', id: 'c1', result: 'rain' }] },
        ]),
        'gen_ai.output.messages': JSON.stringify([
          {
            role: 'assistant',
            parts: [
              { type: 'reasoning', content: 'Look outside.' },
              { type: 'text', content: 'Rain.' },
            ],
            finish_reason: 'stop',
          },
        ]),
      }),
    ),
  ).toEqual([
    'system: text Be brief.',
    'user: text Weather?',
    'user: image image/png, about 3 bytes',
    'assistant: tool call weather (c1) { "city": "Bonn" }',
    'tool: tool result (c1) rain',
    'assistant: reasoning Look outside.',
    'assistant: text Rain.',
  ]);
});

test('OpenInference: an attribute per field, with content parts and tool calls', () => {
  expect(
    linesOf(
      spanWith({
        'llm.input_messages.0.message.role': 'user',
        'llm.input_messages.0.message.contents.0.message_content.type': 'text',
        'llm.input_messages.0.message.contents.0.message_content.text': 'Hello',
        'llm.output_messages.0.message.role': 'assistant',
        'llm.output_messages.0.message.tool_calls.0.tool_call.id': 'c9',
        'llm.output_messages.0.message.tool_calls.0.tool_call.function.name': 'look_up',
        'llm.output_messages.0.message.tool_calls.0.tool_call.function.arguments': '{"q":1}',
      }),
    ),
  ).toEqual(['user: text Hello', 'assistant: tool call look_up (c9) { "q": 1 }']);
});

test('OpenLLMetry: gen_ai.prompt.N and gen_ai.completion.N, more than ten in their order', () => {
  const attributes: Record<string, string> = {};
  for (const at of [10, 2, 0]) {
    attributes[`gen_ai.prompt.${at}.role`] = 'user';
    attributes[`gen_ai.prompt.${at}.content`] = `message ${at}`;
  }
  attributes['gen_ai.completion.0.role'] = 'assistant';
  attributes['gen_ai.completion.0.content'] = 'fine';
  expect(linesOf(spanWith(attributes))).toEqual([
    'user: text message 0',
    'user: text message 2',
    'user: text message 10',
    'assistant: text fine',
  ]);
});

test("Anthropic's blocks in input.value: thinking, tool use, results, and what is marked for the cache", () => {
  expect(
    linesOf(
      spanWith({
        'input.value': JSON.stringify({
          messages: [
            {
              role: 'user',
              content: [{ type: 'text', text: 'Long book', cache_control: { type: 'ephemeral' } }],
            },
            {
              role: 'assistant',
              content: [
                { type: 'thinking', thinking: 'hm' },
                { type: 'tool_use', id: 't1', name: 'count', input: {} },
              ],
            },
            {
              role: 'user',
              content: [
                { type: 'tool_result', tool_use_id: 't1', content: [{ type: 'text', text: '42' }] },
              ],
            },
          ],
        }),
        'output.value': 'There are 42.',
      }),
    ),
  ).toEqual([
    'user: text Long book cached',
    'assistant: reasoning hm',
    'assistant: tool call count (t1) {}',
    'user: tool result (t1) 42',
    'assistant: text There are 42.',
  ]);
});

test('events of the older conventions', () => {
  const events = [
    { name: 'gen_ai.user.message', attributes: toKeyValues({ content: 'Hi' }) },
    {
      name: 'gen_ai.choice',
      attributes: toKeyValues({ index: '0', message: '{"role":"assistant","content":"Hello"}' }),
    },
  ];
  expect(linesOf(spanWith({}, { events }))).toEqual(['user: text Hi', 'assistant: text Hello']);
});

test('text that is no JSON, and JSON cut short, are read as text; unknown objects are shown whole', () => {
  expect(linesOf(spanWith({ 'input.value': 'just words' }))).toEqual(['user: text just words']);
  expect(linesOf(spanWith({ 'gen_ai.input.messages': '[{"role":"us' }))).toEqual([
    'user: text [{"role":"us',
  ]);
  expect(linesOf(spanWith({ 'input.value': '{"order": 7}' }))).toEqual([
    'user: other { "order": 7 }',
  ]);
});

test('keys named for an object’s prototype do not reach it', () => {
  linesOf(spanWith({ 'gen_ai.prompt.0.__proto__.polluted': 'yes' }));
  expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
});

test('a conversation tells each message once, though every call repeats what came before', () => {
  const call = (id: string, from: number, said: readonly string[], answer: string) => ({
    id,
    from,
    to: from + 1,
    genai: { operation: 'chat', request_model: 'm', agent: 'helper' },
    attributes: toKeyValues({
      'gen_ai.input.messages': JSON.stringify(
        said.map((content, at) => ({
          role: at % 2 === 0 ? 'user' : 'assistant',
          parts: [{ type: 'text', content }],
        })),
      ),
      'gen_ai.output.messages': JSON.stringify([
        { role: 'assistant', parts: [{ type: 'text', content: answer }] },
      ]),
    }),
  });
  const calls = [call('b', 5, ['one', 'two', 'three'], 'four'), call('a', 1, ['one'], 'two')];
  const tree = drawTree(calls);
  const spans = calls.map(({ id, attributes }) => [id, spanWith({}, { attributes })] as const);
  const turns = conversationOf(tree, tellingSpansOf(tree), new Map(spans));
  expect(turns.map(({ index, message }) => [tree.spanIds[index], message.parts[0]!.text])).toEqual([
    ['a', 'one'],
    ['a', 'two'],
    ['b', 'three'],
    ['b', 'four'],
  ]);
  expect([...resultsById(turns)]).toEqual([]);
});
