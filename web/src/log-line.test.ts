import { expect, test } from 'vitest';

import { logLine } from './log-line.ts';
import type { LineSource } from './log-line.ts';

const line = (record: Partial<LineSource>): string => {
  const { name, text } = logLine({ eventName: '', body: {}, attributes: [], ...record });
  return `${name}|${text}`;
};
const attribute = (key: string, value: string | number) => ({
  key,
  value: typeof value === 'number' ? { doubleValue: value } : { stringValue: value },
});

test('a body is told on one line', () => {
  expect(line({ body: { stringValue: ' two\n\tlines ' } })).toBe('|two lines');
  expect(line({})).toBe('|');
  const values = [
    { key: 'a', value: { intValue: '1' } },
    { key: 'b', value: {} },
  ];
  expect(line({ eventName: 'e', body: { kvlistValue: { values } } })).toBe('e|a=1 b=');
});

test('the call of a coding agent tells its model, cost as told, tokens and time', () => {
  const attributes = [
    attribute('event.name', 'api_request'),
    attribute('model', 'claude-sonnet-4-5'),
    attribute('cost_usd', '0.01234'),
    attribute('input_tokens', '12'),
    attribute('output_tokens', 340),
    attribute('duration_ms', '2150'),
  ];
  const body = { stringValue: 'claude_code.api_request' };
  expect(line({ eventName: 'api_request', body, attributes })).toBe(
    'claude_code.api_request|claude-sonnet-4-5 · $0.0123 · 12 → 340 tokens · 2.15\u00a0s',
  );
});

test('events of other coding agents tell what they did', () => {
  expect(
    line({
      eventName: 'codex.tool_result',
      attributes: [attribute('tool_name', 'shell'), attribute('success', 'false')],
    }),
  ).toBe('codex.tool_result|shell · failed');
  expect(
    line({
      eventName: 'gemini_cli.api_response',
      body: { stringValue: 'gemini_cli.api_response' },
      attributes: [attribute('model', 'gemini-2.5-pro'), attribute('input_token_count', 8)],
    }),
  ).toBe('gemini_cli.api_response|gemini-2.5-pro · 8 → — tokens');
});

test('an event of which nothing is known tells its first attributes', () => {
  expect(line({ eventName: 'job.done', attributes: [attribute('id', '7')] })).toBe('job.done|id=7');
});
