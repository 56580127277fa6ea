import { describe, expect, test } from 'vitest';

import { plainColumns } from '../../test/fixtures/otlp/plain-columns.ts';
import { createEncoder } from '../../test/fixtures/otlp/protobuf-root.ts';
import { AppError } from '../errors.ts';
import { SIGNALS } from '../model/signal.ts';
import type { Signal } from '../model/signal.ts';
import { TelemetryColumns } from '../model/telemetry-columns.ts';
import { TelemetryDecoder } from './telemetry-decoder.ts';

const CONTEXT = { project: 'default', receivedAtMs: 1 };
const encode = createEncoder();
const create = (): TelemetryDecoder =>
  new TelemetryDecoder(new TelemetryColumns(), { dialects: [], runRootNames: ['agent.run'] });

const resource = {
  attributes: [{ key: 'service.name', value: { stringValue: 'desk' } }],
};
const span = (name: string): object => ({
  traceId: Buffer.alloc(16, 1),
  spanId: Buffer.alloc(8, 2),
  name,
});
const traces = (...spans: object[]): Buffer =>
  encode('ExportTraceServiceRequest', {
    resourceSpans: [{ resource, scopeSpans: [{ scope: { name: 's' }, spans }] }],
  });
const logs = encode('ExportLogsServiceRequest', {
  resourceLogs: [{ resource, scopeLogs: [{ logRecords: [{ body: { stringValue: 'b' } }] }] }],
});
const metrics = encode('ExportMetricsServiceRequest', {
  resourceMetrics: [
    {
      resource,
      scopeMetrics: [{ metrics: [{ name: 'm', gauge: { dataPoints: [{ asInt: 1 }] } }] }],
    },
  ],
});

test('an empty request of any signal is a full success', () => {
  for (const signal of SIGNALS) {
    expect(create().decode(signal, Buffer.alloc(0), CONTEXT)).toEqual({
      accepted: 0,
      rejected: 0,
      message: '',
      sightings: [],
    });
  }
});

test('signals share resources and scopes: each is kept once', () => {
  const decoder = create();
  decoder.decode('traces', traces(span('a'), span('b')), CONTEXT);
  decoder.decode('logs', logs, CONTEXT);
  decoder.decode('metrics', metrics, CONTEXT);
  expect(plainColumns(decoder.columns)).toMatchObject({
    resources: { names: ['desk'] },
    scopes: { names: ['s', ''] },
    spans: { resourceId: [0, 0], scopeId: [0, 0] },
    logs: { resourceId: [0], scopeId: [1] },
    metrics: { resourceId: [0], scopeId: [1] },
  });
  expect(decoder.columns.count).toBe(4);
});

test('the same resource is kept once for each project', () => {
  const decoder = create();
  for (const project of ['a', 'b', 'a']) decoder.decode('logs', logs, { ...CONTEXT, project });
  expect(plainColumns(decoder.columns)).toMatchObject({
    resources: { names: ['desk', 'desk'], projects: ['a', 'b'] },
    logs: { project: ['a', 'b', 'a'] },
  });
});

describe('bytes that are no such request', () => {
  const cases: readonly [string, Buffer, string][] = [
    ['end inside a field', Buffer.from([0x0a, 5, 1]), 'field 1 claims 5 bytes where 1 are left'],
    ['end inside a number', Buffer.from([0x0a, 0x80]), 'the bytes end inside a number at byte 2'],
    ['have a field number of 0', Buffer.from([0x00]), 'a field number of 0 at byte 1'],
    ['open a group', Buffer.from([0x13, 0x14]), 'wire type 3 of field 2 is not supported'],
    ['close a group', Buffer.from([0x14]), 'wire type 4 of field 2 is not supported'],
    ['have a field of another wire type', Buffer.from([0x08, 1]), 'field 1 has wire type 0'],
    ['are text', Buffer.from('{"resourceSpans":[]}'), 'cannot decode'],
  ];
  test.each(cases)('that %s are refused with size and reason', (_, body, reason) => {
    for (const signal of SIGNALS) {
      const act = (): unknown => create().decode(signal, body, CONTEXT);
      expect(act).toThrow(AppError);
      expect(act).toThrow(`cannot decode OTLP ${signal} request of ${body.length} bytes: `);
      expect(act).toThrow(reason);
    }
  });

  test('leave the columns as they were, and the decoder usable', () => {
    const decoder = create();
    const twin = create();
    for (const each of [decoder, twin]) each.decode('traces', traces(span('kept')), CONTEXT);
    const before = plainColumns(decoder.columns);
    const large = 'x'.repeat(2000);
    const other = encode('ExportTraceServiceRequest', {
      resourceSpans: [
        {
          resource: { attributes: [{ key: 'service.name', value: { stringValue: 'other' } }] },
          scopeSpans: [
            {
              spans: [
                { ...span('lost'), attributes: [{ key: 'p', value: { stringValue: large } }] },
              ],
            },
          ],
        },
      ],
    });
    const broken = Buffer.concat([other, Buffer.from([0x0a, 9])]);
    expect(() => decoder.decode('traces', broken, CONTEXT)).toThrow(AppError);
    expect(plainColumns(decoder.columns)).toEqual(before);
    for (const each of [decoder, twin]) each.decode('traces', other, CONTEXT);
    expect(plainColumns(decoder.columns)).toEqual(plainColumns(twin.columns));
    expect(plainColumns(decoder.columns)).toMatchObject({
      resources: { names: ['desk', 'other'] },
      payloads: { contents: [large] },
    });
  });
});

test('a bad span is refused with its reason and the others are kept', () => {
  const body = traces(
    span('good'),
    { ...span('no trace'), traceId: Buffer.alloc(16) },
    { ...span('short'), spanId: Buffer.alloc(7, 1) },
    { ...span('short'), spanId: Buffer.alloc(7, 1) },
    { ...span('kind'), kind: 6 },
  );
  const decoder = create();
  expect(decoder.decode('traces', body, CONTEXT)).toMatchObject({
    accepted: 1,
    rejected: 4,
    message:
      '4 spans rejected: trace_id is missing or all zeros (1); span_id has 7 bytes where 8 are due (2); kind 6 is not a span kind (0 to 5) (1)',
  });
  expect(plainColumns(decoder.columns)).toMatchObject({ spans: { name: ['good'] } });
});

test('values nested too deep refuse the request and not the process', () => {
  let value: Buffer = encode('AnyValue', { stringValue: 'deep' });
  for (let level = 0; level < 20_000; level++) {
    const list = Buffer.concat([Buffer.from([0x0a]), lengthOf(value), value]);
    value = Buffer.concat([Buffer.from([0x2a]), lengthOf(list), list]);
  }
  const attribute = Buffer.concat([Buffer.from([0x0a, 1, 0x6b, 0x12]), lengthOf(value), value]);
  const wrap = (field: number, inner: Buffer): Buffer =>
    Buffer.concat([Buffer.from([field * 8 + 2]), lengthOf(inner), inner]);
  const item = (field: number): Buffer => wrap(1, wrap(2, wrap(2, wrap(field, attribute))));
  const ids = Buffer.concat([
    wrap(1, Buffer.alloc(16, 1)),
    wrap(2, Buffer.alloc(8, 1)),
    wrap(9, attribute),
  ]);
  expect(() => create().decode('logs', item(6), CONTEXT)).toThrow('nested deeper than 64 levels');
  expect(() => create().decode('traces', wrap(1, wrap(2, wrap(2, ids))), CONTEXT)).toThrow(
    'nested deeper than 64 levels',
  );
  expect(() => create().decode('metrics', item(12), CONTEXT)).toThrow(
    'nested deeper than 64 levels',
  );
});

describe('lists of empty messages', () => {
  const size = 8 << 20;
  const wrap = (field: number, inner: Buffer): Buffer =>
    Buffer.concat([Buffer.from([field * 8 + 2]), lengthOf(inner), inner]);
  const ids = Buffer.concat([wrap(1, Buffer.alloc(16, 1)), wrap(2, Buffer.alloc(8, 1))]);
  const empty = (field: number): Buffer => Buffer.alloc(size, Buffer.from([field * 8 + 2, 0]));
  const cases: readonly [string, Signal, Buffer, string][] = [
    ['events of a span', 'traces', Buffer.concat([ids, empty(11)]), 'empty or nearly so'],
    ['links of a span', 'traces', Buffer.concat([ids, empty(13)]), 'empty or nearly so'],
    [
      'attributes of an event',
      'traces',
      Buffer.concat([ids, wrap(11, empty(3))]),
      'empty or nearly so',
    ],
    ['attributes of a span', 'traces', Buffer.concat([ids, empty(9)]), 'more than 16384'],
    ['attributes of a record', 'logs', empty(6), 'more than 16384'],
    [
      'metadata of a metric',
      'metrics',
      Buffer.concat([wrap(5, wrap(1, ids.subarray(0, 0))), empty(12)]),
      '',
    ],
    ['exemplars of a point', 'metrics', wrap(5, wrap(1, empty(5))), 'empty or nearly so'],
    ['values of a body', 'logs', wrap(5, wrap(5, empty(1))), ''],
    ['spans', 'traces', Buffer.alloc(0), ''],
  ];

  test.each(cases)('of %s take neither long nor much memory', (name, signal, item, reason) => {
    const items = name === 'spans' ? empty(2) : wrap(2, item);
    const body = wrap(1, wrap(2, items));
    const decoder = create();
    const started = performance.now();
    const before = process.memoryUsage.rss();
    if (reason === '') decoder.decode(signal, body, CONTEXT);
    else expect(() => decoder.decode(signal, body, CONTEXT)).toThrow(reason);
    expect(performance.now() - started).toBeLessThan(5000);
    expect(process.memoryUsage.rss() - before).toBeLessThan(size * 40);
  });
});

test('reset empties the columns and forgets what was known', () => {
  const decoder = create();
  const fresh = create();
  decoder.decode('traces', traces(span('agent.run a')), CONTEXT);
  decoder.decode('logs', logs, CONTEXT);
  decoder.reset();
  expect(decoder.columns.count).toBe(0);
  for (const each of [decoder, fresh]) {
    each.decode('metrics', metrics, CONTEXT);
    each.decode('logs', logs, CONTEXT);
    each.decode('traces', traces(span('b')), CONTEXT);
  }
  expect(plainColumns(decoder.columns)).toEqual(plainColumns(fresh.columns));
});

function lengthOf(bytes: Buffer): Buffer {
  const out: number[] = [];
  let rest = bytes.length;
  while (rest >= 0x80) {
    out.push((rest & 0x7f) | 0x80);
    rest >>>= 7;
  }
  return Buffer.from([...out, rest]);
}
