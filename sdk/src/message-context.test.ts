import { context, propagation, ROOT_CONTEXT, trace } from '@opentelemetry/api';
import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { withAgent } from './agent.ts';
import { identityOf, withConversation } from './context-identity.ts';
import { carrierOf, extractEnvelope, extractHeaders, injectEnvelope } from './message-context.ts';
import { recordTelemetry, type Recorded } from './testing/record-telemetry.ts';

let recorded: Recorded;
beforeEach(() => {
  recorded = recordTelemetry();
});
afterEach(() => recorded.stop());

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const SPAN = 'b7ad6b7169203331';
const TRACEPARENT = `00-${TRACE}-${SPAN}-01`;
const traceOf = (envelope: unknown, headers?: Record<string, string>): string | undefined =>
  trace.getSpanContext(extractEnvelope(envelope, { headers }))?.traceId;

describe('the trace context of an envelope', () => {
  test('is written beside what is there, and read again', () => {
    const envelope = {
      jsonrpc: '2.0',
      method: 'tasks/send',
      params: { id: 7, _meta: { progressToken: 1, headers: { tenant: 'a' } } },
    };
    withAgent({ name: 'a', conversationId: 'c-1', userId: 'ü/1' }, (span) => {
      const sent = injectEnvelope(envelope);
      const { traceId, spanId } = span.spanContext();
      const carrier = {
        traceparent: `00-${traceId}-${spanId}-01`,
        baggage: 'gen_ai.conversation.id=c-1,user.id=%C3%BC%2F1',
      };
      expect(sent).toEqual({
        ...envelope,
        params: {
          id: 7,
          _meta: { progressToken: 1, ...carrier, headers: { tenant: 'a', ...carrier } },
        },
      });
      const received = extractEnvelope(sent, { trustBaggage: true });
      expect(trace.getSpanContext(received)).toMatchObject({ traceId, spanId, isRemote: true });
      expect(identityOf(received)).toEqual({ conversationId: 'c-1', userId: 'ü/1' });
      expect(identityOf(extractEnvelope(sent))).toEqual({});
    });
    expect(envelope.params._meta).toEqual({ progressToken: 1, headers: { tenant: 'a' } });
  });

  test('is looked for in _meta, then in its headers, then in the headers of the transport', () => {
    const at = (digit: string): string => `00-${digit.repeat(32)}-${SPAN}-01`;
    const headers = { traceparent: at('3') };
    const nested = { headers: { traceparent: at('2') } };
    const meta = { traceparent: at('1'), ...nested };
    expect(traceOf({ params: { _meta: meta } }, headers)).toBe('1'.repeat(32));
    expect(traceOf({ params: { _meta: nested } }, headers)).toBe('2'.repeat(32));
    expect(traceOf({ params: {} }, headers)).toBe('3'.repeat(32));
    expect(traceOf({ params: {} })).toBeUndefined();
  });

  test('cannot be put where params is a list, and nothing is put outside a trace', () => {
    const list = { params: [1, 2] };
    withAgent({ name: 'a' }, () => expect(injectEnvelope(list)).toBe(list));
    const outside = { params: { id: 1 } };
    expect(injectEnvelope(outside)).toBe(outside);
  });
});

test.each([
  `00-${TRACE.toUpperCase()}-${SPAN}-01`,
  `ff-${TRACE}-${SPAN}-01`,
  `00-${'0'.repeat(32)}-${SPAN}-01`,
  `00-${TRACE}-${'0'.repeat(16)}-01`,
  `00-${TRACE}-${SPAN}`,
  `00-${TRACE}-${SPAN}-01-extra`,
  'x'.repeat(100_000),
  '00-',
])('a damaged traceparent counts as none: %.40s', (traceparent) => {
  expect(traceOf({ params: { _meta: { traceparent } } })).toBeUndefined();
});

test('a traceparent of a later version is read as far as it is known', () => {
  expect(traceOf({ params: { _meta: { traceparent: `42-${TRACE}-${SPAN}-01-more` } } })).toBe(
    TRACE,
  );
});

test('huge and damaged baggage is cut to what is allowed and never throws', () => {
  const baggage = Array.from({ length: 5_000 }, (_, at) => `key${at}=${'v'.repeat(50)}`).join(',');
  for (const text of [baggage, 'a=%E0%A4%A', '=;=,,,', `user.id=${'u'.repeat(5_000)}`]) {
    const headers = { traceparent: TRACEPARENT, baggage: text };
    const received = extractHeaders(headers, { trustBaggage: true });
    expect(identityOf(received)).toEqual({});
    const sent = carrierOf(received);
    expect(sent['traceparent']).toBe(TRACEPARENT);
    expect((sent['baggage'] ?? '').length).toBeLessThanOrEqual(8_192);
  }
});

test('baggage is not believed and not passed on unless its sender is trusted', () => {
  const headers = { traceparent: TRACEPARENT, baggage: 'user.id=admin,gen_ai.conversation.id=c' };
  const stranger = extractHeaders(headers);
  expect([identityOf(stranger), carrierOf(stranger)['baggage']]).toEqual([{}, undefined]);
  const friend = extractHeaders(headers, { trustBaggage: true });
  expect(identityOf(friend)).toEqual({ userId: 'admin', conversationId: 'c' });
  // What this process says itself outweighs what came with the message.
  context.with(friend, () =>
    withConversation({ userId: 'ada' }, () =>
      expect(identityOf(context.active())).toEqual({ userId: 'ada', conversationId: 'c' }),
    ),
  );
});

test('any envelope and any headers are read without an exception', () => {
  const meta = fc.record({ params: fc.record({ _meta: fc.anything() }) });
  const texts = fc.dictionary(fc.constantFrom('traceparent', 'tracestate', 'baggage'), fc.string());
  fc.assert(
    fc.property(fc.oneof(fc.anything(), meta), texts, (envelope, headers) => {
      expect(extractEnvelope(envelope, { headers })).toBeDefined();
      expect(propagation.getBaggage(extractHeaders(headers, {}, ROOT_CONTEXT))).toBeUndefined();
    }),
  );
});
