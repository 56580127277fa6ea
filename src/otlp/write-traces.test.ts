import * as fc from 'fast-check';
import { expect, test } from 'vitest';

import type { Attributes, AttributeValue, SpanBatch } from '../model/outgoing-telemetry.ts';
import { encodeTraces } from './encode-telemetry.ts';
import { writeTraces } from './write-traces.ts';

const text = fc.string({ unit: 'binary', maxLength: 20 });
const half = fc.constantFrom('\uD800', 'a\uDC00b', '\uDC00\uD800', '😀', '"\\\u0007\u007F\u2028');
const anyText = fc.oneof(text, half);
const { value } = fc.letrec<{ value: AttributeValue; map: Attributes }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    anyText,
    fc.boolean(),
    fc.integer(),
    fc.double(),
    fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }),
    fc.array(tie('value'), { maxLength: 3 }),
    tie('map') as fc.Arbitrary<AttributeValue>,
  ),
  map: fc.dictionary(anyText, tie('value'), { maxKeys: 3 }),
}));
const attributes = fc.dictionary(anyText, fc.option(value, { nil: undefined }), { maxKeys: 5 });
const time = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
const span = fc.record({
  traceId: anyText,
  spanId: anyText,
  parentSpanId: fc.oneof(fc.constant(''), anyText),
  name: anyText,
  kind: fc.constantFrom(1, 2, 3),
  startNs: time,
  endNs: time,
  attributes,
  events: fc.array(fc.record({ name: anyText, timeNs: time, attributes }), { maxLength: 3 }),
  status: fc.record(
    { code: fc.constantFrom(0, 1, 2), message: fc.option(anyText, { nil: undefined }) },
    { requiredKeys: ['code'] },
  ),
});
const batch: fc.Arbitrary<SpanBatch> = fc.record({
  origin: fc.record(
    {
      resource: attributes,
      scope: fc.record({ name: anyText, version: anyText }),
      schemaUrl: fc.option(anyText, { nil: undefined }),
    },
    { requiredKeys: ['resource', 'scope'] },
  ),
  spans: fc.array(span, { maxLength: 3 }),
});

test('spans are written byte for byte as their objects would be', () => {
  fc.assert(
    fc.property(fc.array(batch, { maxLength: 3 }), (batches) => {
      expect(writeTraces(batches)).toBe(JSON.stringify(encodeTraces(batches)));
    }),
    { numRuns: 300 },
  );
});
