import { expect, test } from 'vitest';

import type { AnyValue, Span } from '../span.ts';
import { messageLogsBySpan, withLoggedMessages } from './log-messages.ts';
import type { MessageLog } from './log-messages.ts';
import { messagesOf } from './messages.ts';

const SPAN: Span = {
  traceId: 'a',
  spanId: 'b',
  name: 'chat',
  startTimeUnixNano: '1',
  endTimeUnixNano: '2',
};
const map = (values: Readonly<Record<string, AnyValue>>): AnyValue => ({
  kvlistValue: { values: Object.entries(values).map(([key, value]) => ({ key, value })) },
});
const text = (stringValue: string): AnyValue => ({ stringValue });
const log = (eventName: string, body: AnyValue, attributes: MessageLog['attributes'] = []) => ({
  spanId: 'b',
  eventName,
  body,
  attributes,
});
const read = (records: readonly MessageLog[], span: Span = SPAN): string[] => {
  const { input, output } = messagesOf(
    withLoggedMessages(span, messageLogsBySpan(records).get(span.spanId)),
  );
  return [...input, ...output].map(
    ({ role, parts }) =>
      `${role}: ${parts.map((part) => `${part.kind} ${part.id ?? ''}${part.text}`).join(' + ')}`,
  );
};

test('messages that came as log records are those of their span', () => {
  const call = map({
    id: text('call_1'),
    type: text('function'),
    function: map({ name: text('look_up'), arguments: text('{"order":7}') }),
  });
  expect(
    read([
      log('gen_ai.system.message', map({ content: text('Be kind.') })),
      log('gen_ai.user.message', text('Where is it?')),
      log('gen_ai.assistant.message', map({ tool_calls: { arrayValue: { values: [call] } } })),
      log('gen_ai.tool.message', map({ id: text('call_1'), content: text('shipped') })),
      log(
        'gen_ai.choice',
        map({ index: { intValue: '0' }, message: map({ content: text('On its way.') }) }),
      ),
      log('gen_ai.evaluation.result', {}),
    ]),
  ).toEqual([
    'system: text Be kind.',
    'user: text Where is it?',
    'assistant: tool call call_1{"order":7}',
    'tool: tool result call_1shipped',
    'assistant: text On its way.',
  ]);
});

test('the details of a call hold all its messages, the last details those that count', () => {
  const messages = (content: string): AnyValue => ({
    arrayValue: {
      values: [
        map({
          role: text('user'),
          parts: { arrayValue: { values: [map({ type: text('text'), content: text(content) })] } },
        }),
      ],
    },
  });
  const details = 'gen_ai.client.inference.operation.details';
  const record = (content: string) =>
    log(details, {}, [{ key: 'gen_ai.input.messages', value: messages(content) }]);
  expect(read([record('first'), record('again')])).toEqual(['user: text again']);
});

test('a span that carries its messages keeps them, and one without any stays as it is', () => {
  const span = {
    ...SPAN,
    attributes: [
      { key: 'gen_ai.input.messages', value: text('[{"role":"user","content":"own"}]') },
    ],
  };
  expect(read([log('gen_ai.user.message', text('logged'))], span)).toEqual(['user: text own']);
  expect(withLoggedMessages(SPAN, undefined)).toBe(SPAN);
});
