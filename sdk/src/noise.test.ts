import { SpanStatusCode, type Attributes } from '@opentelemetry/api';
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
  type ReadableSpan,
  type Span,
} from '@opentelemetry/sdk-trace-base';
import { expect, test } from 'vitest';

import * as server from '../../src/model/noise.ts';
import { BENIGN_EXCEPTIONS, isNoise, suppressNoise } from './noise.ts';

class QueueShutDown extends Error {
  override readonly name = 'QueueShutDown';
}
const BENIGN = new QueueShutDown('the stream is over');
const QUEUE = 'a2a.server.events.event_queue_v2.EventQueue.dequeue_event';

/** What an exporter gets of a span that failed with these errors, behind the processor and beside it. */
function exported(name: string, errors: readonly Error[], rules = BENIGN_EXCEPTIONS): unknown {
  const [behind, beside] = [new InMemorySpanExporter(), new InMemorySpanExporter()];
  const provider = new BasicTracerProvider({
    spanProcessors: [
      suppressNoise<Span, ReadableSpan>(new SimpleSpanProcessor(behind), rules),
      new SimpleSpanProcessor(beside),
    ],
  });
  const span = provider.getTracer('a2a').startSpan(name);
  for (const error of errors) span.recordException(error);
  span.setStatus({ code: SpanStatusCode.ERROR, message: 'failed' });
  span.end();
  const status = (exporter: InMemorySpanExporter): unknown =>
    SpanStatusCode[exporter.getFinishedSpans()[0]!.status.code];
  expect(behind.getFinishedSpans()[0]!.events).toHaveLength(errors.length);
  expect(behind.getFinishedSpans()[0]!.spanContext()).toEqual(span.spanContext());
  return [status(behind), status(beside)];
}

test('benign exceptions alone are UNSET, and other processors see the span as it was', () => {
  expect(exported(QUEUE, [BENIGN])).toEqual(['UNSET', 'ERROR']);
  expect(exported(QUEUE, [BENIGN, BENIGN])).toEqual(['UNSET', 'ERROR']);
});

test('a real exception on the same span, or elsewhere, or no exception at all stays ERROR', () => {
  expect(exported(QUEUE, [BENIGN, new RangeError('real')])).toEqual(['ERROR', 'ERROR']);
  expect(exported(QUEUE, [new TypeError('real')])).toEqual(['ERROR', 'ERROR']);
  expect(exported(QUEUE, [])).toEqual(['ERROR', 'ERROR']);
  expect(exported('other.dequeue', [BENIGN])).toEqual(['ERROR', 'ERROR']);
});

test('the list is the caller’s', () => {
  const rules = [{ spanNamePrefix: 'other.', exceptionTypes: ['QueueShutDown'] }];
  expect(exported('other.dequeue', [BENIGN], rules)).toEqual(['UNSET', 'ERROR']);
  expect(exported(QUEUE, [BENIGN], rules)).toEqual(['ERROR', 'ERROR']);
});

test('the server has the same list and judges alike', () => {
  expect(BENIGN_EXCEPTIONS).toEqual(server.BENIGN_EXCEPTIONS);
  const types = [[], ['QueueShutDown'], ['QueueShutDown', 'ValueError'], ['ValueError']];
  for (const list of types) {
    const events = list.map((type) => {
      const attributes: Attributes = { 'exception.type': type };
      return { name: 'exception', attributes };
    });
    const span = { name: QUEUE, status: { code: SpanStatusCode.ERROR }, events };
    expect(isNoise(span, BENIGN_EXCEPTIONS)).toBe(server.isNoise(QUEUE, list, BENIGN_EXCEPTIONS));
  }
});
