import { expect, test } from 'vitest';

import type { UsageSpan } from './counted-usage.ts';
import { countUsage } from './counted-usage.ts';

const NONE: ReadonlyMap<string, string> = new Map();
const span = (spanId: string, parentSpanId: string, inputTokens: number | null): UsageSpan => ({
  spanId,
  parentSpanId,
  inputTokens,
  outputTokens: inputTokens === null ? null : inputTokens / 10,
});

test('a wrapper around a model call that repeats its usage counts once', () => {
  const spans = [span('wrapper', '', 120), span('call', 'wrapper', 100)];
  expect(countUsage(spans, NONE)).toEqual({ inputTokens: 100, outputTokens: 10 });
});

test('usage repeated at every level above is left out, also across spans without usage', () => {
  const spans = [span('workflow', '', 300), span('agent', 'step', 300), span('call', 'retry', 300)];
  const between = new Map([
    ['step', 'workflow'],
    ['retry', 'turn'],
    ['turn', 'agent'],
  ]);
  expect(countUsage(spans, between)).toEqual({ inputTokens: 300, outputTokens: 30 });
});

test('an aggregate counts where nothing below it reports usage', () => {
  const spans = [
    span('agent', '', 50),
    span('other agent', '', 80),
    span('call', 'other agent', 70),
  ];
  expect(countUsage(spans, NONE)).toEqual({ inputTokens: 120, outputTokens: 12 });
});

test('calls side by side all count', () => {
  const spans = [span('agent', '', 30), span('a', 'agent', 10), span('b', 'agent', 20)];
  expect(countUsage(spans, NONE)).toEqual({ inputTokens: 30, outputTokens: 3 });
});

test('what is not reported is null, and a reported zero is zero', () => {
  expect(countUsage([], NONE)).toEqual({ inputTokens: null, outputTokens: null });
  expect(
    countUsage([{ spanId: 'a', parentSpanId: '', inputTokens: 0, outputTokens: null }], NONE),
  ).toEqual({ inputTokens: 0, outputTokens: null });
});

test('parents in a circle neither hang nor count twice', () => {
  const spans = [span('a', 'b', 1), span('b', 'a', 2), span('c', 'c', 4)];
  const { inputTokens } = countUsage(spans, new Map([['x', 'x']]));
  expect(inputTokens).toBe(4);
});
