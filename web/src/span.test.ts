import { describe, expect, it } from 'vitest';
import { formatAnyValue, spanHue, spanKindName } from './span.ts';
import type { AnyValue } from './span.ts';

describe('the hue of a span', () => {
  it.each([
    [{ operation: 'invoke_agent', agent: 'a', request_model: 'm' }, 'agent'],
    [{ operation: 'invoke_workflow' }, 'agent'],
    [{ operation: 'execute_tool', tool_name: 't' }, 'tool'],
    [{ tool_name: 't', request_model: 'm' }, 'tool'],
    [{ operation: 'chat', request_model: 'm' }, 'model'],
    [{ response_model: 'm' }, 'model'],
    [{ operation: 'embeddings' }, 'model'],
    [{ agent: 'a', operation: null, request_model: '' }, 'other'],
    [{}, 'other'],
  ] as const)('of %j is %s', (view, hue) => {
    expect(spanHue(view)).toBe(hue);
  });
});

describe('attribute values', () => {
  it.each([
    [{ stringValue: 'text' }, 'text'],
    [{ stringValue: '' }, ''],
    [{ boolValue: false }, 'false'],
    [{ intValue: '42' }, '42'],
    [{ intValue: '9007199254740993' }, '9007199254740993'],
    [{ doubleValue: 'NaN' }, 'NaN'],
    [{ bytesValue: 'AQI=' }, 'base64:AQI='],
    [{ arrayValue: { values: [{ stringValue: 'a' }, { intValue: 1 }] } }, '[\n  "a",\n  1\n]'],
    [{ kvlistValue: { values: [{ key: 'k', value: { boolValue: true } }] } }, '{\n  "k": true\n}'],
    [{ arrayValue: {} }, '[]'],
    [{}, 'null'],
    [undefined, 'null'],
    [{ stringValue: '{"b":1,"a":[2]}' }, '{\n  "b": 1,\n  "a": [\n    2\n  ]\n}'],
    [{ stringValue: '{not json' }, '{not json'],
    [{ stringValue: '12' }, '12'],
  ] as const)('%j reads %j', (value, text) => {
    expect(formatAnyValue(value)).toBe(text);
  });

  it('bears values nested beyond sense', () => {
    let value: AnyValue = { stringValue: 'deep' };
    for (let level = 0; level < 10_000; level++) value = { arrayValue: { values: [value] } };
    expect(formatAnyValue(value)).toContain('…');
  });

  it('does not take __proto__ for a prototype', () => {
    expect(
      formatAnyValue({ kvlistValue: { values: [{ key: '__proto__', value: { intValue: '1' } }] } }),
    ).toBe('{\n  "__proto__": 1\n}');
  });
});

it('names the kinds of spans', () => {
  expect([undefined, 1, 2, 3, 9].map(spanKindName)).toEqual([
    'unspecified',
    'internal',
    'server',
    'client',
    'kind 9',
  ]);
});
