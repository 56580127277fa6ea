import { expect, test } from 'vitest';
import type { Span } from '../span.ts';
import { toExportRequest } from './otlp-json.ts';

const span = (spanId: string, service: string, scope: string): Span => ({
  traceId: '1'.repeat(32),
  spanId,
  name: 'step',
  startTimeUnixNano: '1',
  endTimeUnixNano: '2',
  attributes: [{ key: 'a', value: { stringValue: 'b' } }],
  resource: {
    attributes: [{ key: 'service.name', value: { stringValue: service } }],
    schemaUrl: 'https://schema/resource',
  },
  scope: { name: scope, version: '1', schemaUrl: '' },
  genai: { agent: 'x' },
});

test('spans become one export request by resource and scope, without what Signalbox adds', () => {
  const { resource: _, scope: __, genai: ___, ...first } = span('01', 'one', 'lib');
  const request = toExportRequest([
    span('01', 'one', 'lib'),
    span('02', 'two', 'lib'),
    span('03', 'one', 'other'),
    span('04', 'one', 'lib'),
  ]);
  expect(
    request.resourceSpans.map(({ scopeSpans }) => scopeSpans.map(({ spans }) => spans.length)),
  ).toEqual([[2, 1], [1]]);
  expect(request.resourceSpans[0]).toEqual({
    resource: { attributes: [{ key: 'service.name', value: { stringValue: 'one' } }] },
    schemaUrl: 'https://schema/resource',
    scopeSpans: [
      {
        scope: { name: 'lib', version: '1' },
        schemaUrl: '',
        spans: [first, { ...first, spanId: '04' }],
      },
      {
        scope: { name: 'other', version: '1' },
        schemaUrl: '',
        spans: [{ ...first, spanId: '03' }],
      },
    ],
  });
});
