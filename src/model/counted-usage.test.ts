import { expect, test } from 'vitest';

import type { UsageSpan } from './counted-usage.ts';
import { countCalls, countUsage } from './counted-usage.ts';

const NONE: ReadonlyMap<string, string> = new Map();
const span = (
  spanId: string,
  parentSpanId: string,
  inputTokens: number | null,
  rest: Partial<UsageSpan> = {},
): UsageSpan => ({
  modelCall: true,
  invalid: false,
  told: false,
  scopeName: 'one',
  requestModel: 'm',
  responseModel: '',
  responseId: '',
  startNs: 0n,
  durationNs: 10n,
  spanId,
  parentSpanId,
  inputTokens,
  outputTokens: inputTokens === null ? null : inputTokens / 10,
  partTokens: 0,
  ...rest,
});

const callsIn = (...spans: UsageSpan[]): string[] =>
  countCalls(spans, NONE)
    .map(({ spanId }) => spanId)
    .toSorted();

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
  expect(countUsage([span('a', '', 0, { outputTokens: null })], NONE)).toEqual({
    inputTokens: 0,
    outputTokens: null,
  });
});

test('parents in a circle neither hang nor count twice: the least id is taken for a root', () => {
  const spans = [span('a', 'b', 1), span('b', 'a', 2), span('c', 'c', 4)];
  const { inputTokens } = countUsage(spans, new Map([['x', 'x']]));
  expect(inputTokens).toBe(6);
});

test('a call without usage counts, unless the call around it tells its usage', () => {
  expect(callsIn(span('a', '', null))).toEqual(['a']);
  expect(callsIn(span('wrapper', '', null), span('call', 'wrapper', null))).toEqual(['call']);
  expect(callsIn(span('wrapper', '', 5), span('call', 'wrapper', null))).toEqual(['wrapper']);
  expect(
    callsIn(
      span('wrapper', '', 5),
      span('between', 'wrapper', null),
      span('call', 'between', null),
    ),
  ).toEqual(['wrapper']);
});

test('a sum above a single call without usage is that call, above several it stands beside them', () => {
  const sum = span('agent', '', 5, { modelCall: false });
  expect(callsIn(sum, span('a', 'agent', null))).toEqual(['agent']);
  expect(callsIn(sum, span('a', 'agent', null), span('b', 'agent', null))).toEqual([
    'a',
    'agent',
    'b',
  ]);
});

test("counts that cannot be are nobody's: the call shows, and the sum above it counts", () => {
  const wrong = span('call', 'agent', 7, { invalid: true });
  expect(callsIn(wrong, span('agent', '', 5, { modelCall: false }))).toEqual(['agent', 'call']);
  expect(countUsage([wrong], NONE)).toEqual({ inputTokens: null, outputTokens: null });
});

test('spans of two instrumentations side by side are one call when they agree', () => {
  const one = span('a', 'agent', 100);
  const other = (rest: Partial<UsageSpan>): UsageSpan =>
    span('b', 'agent', 100, { scopeName: 'two', startNs: 2n, ...rest });
  expect(callsIn(one, other({}))).toEqual(['a']);
  expect(callsIn(one, other({ inputTokens: null, outputTokens: null }))).toEqual(['a']);
  expect(callsIn(one, other({ scopeName: 'one' }))).toEqual(['a', 'b']);
  expect(callsIn(one, other({ startNs: 11n }))).toEqual(['a', 'b']);
  expect(callsIn(one, other({ requestModel: 'other' }))).toEqual(['a', 'b']);
  expect(callsIn(one, other({ inputTokens: 101 }))).toEqual(['a', 'b']);
  expect(callsIn(one, other({ parentSpanId: 'other agent' }))).toEqual(['a', 'b']);
});

test('two calls at once under two instrumentations are two', () => {
  const told = (spanId: string, scopeName: string): UsageSpan =>
    span(spanId, 'agent', 100, { scopeName });
  expect(callsIn(told('a1', 'a'), told('a2', 'a'), told('b1', 'b'), told('b2', 'b'))).toHaveLength(
    2,
  );
});

test('spans with one answer id are one call, wherever they are', () => {
  const told = (spanId: string, rest: Partial<UsageSpan>): UsageSpan =>
    span(spanId, spanId === 'a' ? 'agent' : 'poller', 100, { responseId: 'r1', ...rest });
  expect(callsIn(told('a', {}), told('b', { startNs: 100n }))).toEqual(['a']);
  expect(callsIn(told('a', {}), told('b', { responseId: 'r2' }))).toEqual(['a', 'b']);
});

test("a wrapper beside the provider's own client is one call with it, though it adds up a stream otherwise", () => {
  const wrapper = span('wrapper', 'agent', 100, {
    responseId: 'r1',
    outputTokens: 61,
    durationNs: 20n,
  });
  const client = (rest: Partial<UsageSpan>): UsageSpan =>
    span('client', 'agent', 100, {
      responseId: 'r1',
      outputTokens: 60,
      scopeName: 'client',
      startNs: 1n,
      ...rest,
    });
  expect(callsIn(wrapper, client({}))).toEqual(['client']);
  expect(callsIn(wrapper, client({ durationNs: 30n }))).toEqual(['wrapper']);
  expect(callsIn(wrapper, client({ scopeName: 'one' }))).toEqual(['client', 'wrapper']);
  expect(callsIn(wrapper, client({ startNs: 21n }))).toEqual(['client', 'wrapper']);
  expect(callsIn(wrapper, client({ requestModel: 'other' }))).toEqual(['client', 'wrapper']);
});

test('of two accounts of one call the one that tells cached tokens apart counts', () => {
  const wrapper = span('wrapper', 'agent', 100);
  const client = span('client', 'agent', 100, { scopeName: 'client', partTokens: 30 });
  expect(callsIn(wrapper, client)).toEqual(['client']);
  expect(callsIn({ ...wrapper, partTokens: 40 }, client)).toEqual(['wrapper']);
});
