import { expect, test } from 'vitest';

import { inputText, outputText } from './message-text.ts';

test.each([
  ['a text', 'Weather?', 'Weather?'],
  ['a JSON string', '"Weather?"', 'Weather?'],
  ['one telling text', '{"query": "Weather?"}', 'Weather?'],
  ['a prompt beside its instructions', '{"system": "Be short.", "prompt": "Weather?"}', 'Weather?'],
  ['the only argument of a function', '{"args": ["Weather?"], "kwargs": {}}', 'Weather?'],
  [
    'what a LangChain callback was given',
    '{"inputs": {"input": "Weather?"}, "tags": [], "metadata": {}, "kwargs": {"name": "chain"}}',
    'Weather?',
  ],
  ['several arguments', '{"args": ["a", "b"], "kwargs": {}}', '{"args": ["a", "b"], "kwargs": {}}'],
  [
    'an argument beside named ones',
    '{"args": ["a"], "kwargs": {"b": 1}}',
    '{"args": ["a"], "kwargs": {"b": 1}}',
  ],
  ['arguments without a telling name', '{"city": "Paris"}', '{"city": "Paris"}'],
  ['nothing but instructions', '{"system": "Be short."}', '{"system": "Be short."}'],
  ['a list', '["a"]', '["a"]'],
  [
    'parts of a message',
    '[{"text": "Weather"}, {"type": "text", "text": "in Paris?"}]',
    'Weather\nin Paris?',
  ],
  ['parts that are no text', '[{"text": "a"}, {"image": "b"}]', '[{"text": "a"}, {"image": "b"}]'],
  [
    'messages in a prompt',
    '{"system": "Be short.", "messages": [{"role": "user", "content": "Weather?"}]}',
    'Weather?',
  ],
])('what was asked is read from %s', (_, stored, text) => {
  expect(inputText(stored)).toBe(text);
});

test('what a chain answered is read from beside how it was called', () => {
  expect(outputText('{"outputs": "Sunny.", "kwargs": {"tags": []}}')).toBe('Sunny.');
});
