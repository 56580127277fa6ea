import { describe, expect, test } from 'vitest';

import { hex, plainColumns } from '../../test/fixtures/otlp/plain-columns.ts';
import { createEncoder } from '../../test/fixtures/otlp/protobuf-root.ts';
import { TelemetryColumns } from '../model/telemetry-columns.ts';
import type { DecodeOutcome } from './decode-outcome.ts';
import { MetricDecoder } from './metric-decoder.ts';
import { OriginDecoder } from './origin-decoder.ts';
import { transcodeJson } from './transcode-json.ts';

const CONTEXT = { project: 'acme', receivedAtMs: 1_790_000_000_123 };
const encode = createEncoder();

interface Metrics {
  readonly outcome: DecodeOutcome;
  // eslint-disable-next-line typescript/no-explicit-any -- parsed JSON, compared whole
  readonly metrics: any;
  readonly streams: string[];
}

const text = (key: string, stringValue: string): object => ({ key, value: { stringValue } });

function decodeBody(body: Buffer): Metrics {
  const columns = new TelemetryColumns();
  const decoder = new MetricDecoder(columns, new OriginDecoder(columns));
  const outcome = decoder.decode(body, CONTEXT);
  const streams = hex(columns.metrics.streamId, 16);
  return { outcome, streams, ...plainColumns(columns) } as Metrics;
}

const decode = (...metrics: object[]): Metrics =>
  decodeBody(
    encode('ExportMetricsServiceRequest', {
      resourceMetrics: [
        {
          resource: { attributes: [text('service.name', 'desk')] },
          scopeMetrics: [{ scope: { name: 'meter' }, metrics }],
        },
      ],
    }),
  );

const gauge = (...dataPoints: object[]): object => ({ name: 'g', gauge: { dataPoints } });
const histogram = (...dataPoints: object[]): object => ({ name: 'h', histogram: { dataPoints } });

test('a gauge keeps doubles as they are and ints with all their bits', () => {
  const { outcome, metrics } = decode(
    gauge(
      { asDouble: 0.1 },
      { asInt: '9007199254740993' },
      { asInt: '-9223372036854775808' },
      { asDouble: Number.NaN },
      {},
    ),
  );
  expect(outcome).toMatchObject({ accepted: 5, rejected: 0, message: '' });
  expect(metrics.value).toEqual([0.1, 9007199254740992, -(2 ** 63), Number.NaN, null]);
  expect(metrics.intValue).toEqual([null, '9007199254740993', '-9223372036854775808', null, null]);
});

test('a point without a recorded value has none, whatever it carries', () => {
  const { metrics } = decode(
    gauge({ asDouble: 4, flags: 1 }, { asInt: 4, flags: 1 }, { flags: 2 }),
  );
  expect(metrics).toMatchObject({
    value: [null, null, null],
    intValue: [null, null, null],
    flags: [1, 1, 2],
  });
});

test('a sum keeps its temporality, whether it is monotonic, and its metadata', () => {
  const { metrics } = decode({
    name: 'claude_code.cost.usage',
    description: 'Cost.',
    unit: 'USD',
    metadata: [text('a', 'b'), { key: 'n', value: { intValue: 2 } }],
    sum: {
      aggregationTemporality: 1,
      isMonotonic: true,
      dataPoints: [
        {
          startTimeUnixNano: '1790000000000000001',
          timeUnixNano: '1790000000000000002',
          asDouble: 0.25,
          attributes: [text('model', 'sonnet'), text('query_source', 'main')],
        },
      ],
    },
  });
  expect(metrics).toMatchObject({
    project: ['acme'],
    name: ['claude_code.cost.usage'],
    description: ['Cost.'],
    unit: ['USD'],
    metadata: ['{"a":"b","n":2}'],
    type: [7],
    temporality: [1],
    monotonic: [1],
    start: ['1790000000000000001'],
    time: ['1790000000000000002'],
    value: [0.25],
    service: ['desk'],
    scopeName: ['meter'],
    attributes: [
      [
        ['model', 's', 'sonnet'],
        ['query_source', 's', 'main'],
      ],
    ],
  });
});

test('a histogram keeps its buckets and tells absent sums from zero', () => {
  const { metrics } = decode(
    histogram(
      { count: '3', sum: 1.5, min: -1, max: 2, bucketCounts: ['1', '2'], explicitBounds: [0.5] },
      { count: '0', sum: 0, bucketCounts: [], explicitBounds: [] },
      { count: '18446744073709551615' },
    ),
  );
  expect(metrics).toMatchObject({
    type: [9, 9, 9],
    pointCount: ['3', '0', '18446744073709551615'],
    sum: [1.5, 0, null],
    min: [-1, null, null],
    max: [2, null, null],
    bucketCounts: [['1', '2'], [], []],
    explicitBounds: [[0.5], [], []],
  });
});

test('an exponential histogram keeps scale, offsets and both sides', () => {
  const { metrics } = decode({
    name: 'e',
    exponentialHistogram: {
      aggregationTemporality: 2,
      dataPoints: [
        {
          count: '7',
          scale: -4,
          zeroCount: '2',
          zeroThreshold: 1e-9,
          positive: { offset: -3, bucketCounts: ['1', '0', '300'] },
          negative: { offset: 2147483647, bucketCounts: ['18446744073709551615'] },
        },
      ],
    },
  });
  expect(metrics).toMatchObject({
    type: [10],
    temporality: [2],
    scale: [-4],
    zeroCount: ['2'],
    zeroThreshold: [1e-9],
    positiveOffset: [-3],
    positiveCounts: [['1', '0', '300']],
    negativeOffset: [2147483647],
    negativeCounts: [['18446744073709551615']],
  });
});

test('a summary keeps its quantiles', () => {
  const { metrics } = decode({
    name: 's',
    summary: {
      dataPoints: [
        {
          count: '2',
          sum: 3,
          quantileValues: [
            { quantile: 0.5, value: 1 },
            { quantile: 1, value: 2 },
          ],
        },
        {},
      ],
    },
  });
  expect(metrics).toMatchObject({
    type: [11, 11],
    sum: [3, 0],
    quantiles: [[0.5, 1], []],
    quantileValues: [[1, 2], []],
  });
});

test('exemplars are kept in OTLP/JSON, without ids that have not their size', () => {
  const { outcome, metrics } = decode(
    gauge({
      asInt: 1,
      exemplars: [
        {
          timeUnixNano: '18446744073709551615',
          asInt: '-5',
          traceId: Buffer.alloc(16, 0xab),
          spanId: Buffer.alloc(8, 0xcd),
          filteredAttributes: [text('user', 'u1'), { key: 'n', value: { doubleValue: 1 } }],
        },
        { asDouble: -Infinity, traceId: Buffer.alloc(15, 1), spanId: Buffer.alloc(9, 1) },
      ],
    }),
  );
  expect(outcome).toMatchObject({ accepted: 1, rejected: 0 });
  expect(JSON.parse(metrics.exemplars[0])).toEqual([
    {
      timeUnixNano: '18446744073709551615',
      asInt: '-5',
      spanId: 'cd'.repeat(8),
      traceId: 'ab'.repeat(16),
      filteredAttributes: [
        { key: 'user', value: { stringValue: 'u1' } },
        { key: 'n', value: { doubleValue: 1 } },
      ],
    },
    { timeUnixNano: '0', asDouble: '-Infinity' },
  ]);
});

test('a point without a time has that of its arrival', () => {
  expect(decode(gauge({ timeUnixNano: 0 }, {})).metrics.time).toEqual([
    '1790000000123000000',
    '1790000000123000000',
  ]);
});

test('packed and single numbers of a list are read alike', () => {
  const point = Buffer.concat([
    // bucket_counts = 6: one of eight bytes, then two packed; explicit_bounds = 7: two single ones.
    Buffer.from([0x31, 1, 0, 0, 0, 0, 0, 0, 0]),
    Buffer.from([0x32, 16, 2, 0, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0]),
    Buffer.from([0x39, 0, 0, 0, 0, 0, 0, 0xf0, 0x3f, 0x39, 0, 0, 0, 0, 0, 0, 0, 0x40]),
  ]);
  const wrap = (field: number, inner: Buffer): Buffer =>
    Buffer.concat([Buffer.from([field * 8 + 2, inner.length]), inner]);
  const body = wrap(1, wrap(2, wrap(2, wrap(9, wrap(1, point)))));
  expect(decodeBody(body).metrics).toMatchObject({
    bucketCounts: [['1', '2', '3']],
    explicitBounds: [[1, 2]],
  });
});

describe('a point is refused', () => {
  test.each([
    [
      'when its counts do not fit its bounds',
      histogram({ bucketCounts: ['1'], explicitBounds: [1] }),
      '1 bucket_counts do not fit 1 explicit_bounds',
    ],
    [
      'when it has bounds and no counts',
      histogram({ explicitBounds: [1] }),
      '0 bucket_counts do not fit 1 explicit_bounds',
    ],
    [
      'when a bound is not a number',
      histogram({ bucketCounts: ['1', '1'], explicitBounds: [Number.NaN] }),
      'an explicit bound is not a number',
    ],
    [
      'when bounds do not increase',
      histogram({ bucketCounts: ['1', '1', '1'], explicitBounds: [1, 1] }),
      'explicit_bounds do not increase',
    ],
    [
      'when its time is too late',
      gauge({ timeUnixNano: '9223372036854775808' }),
      'time_unix_nano is beyond 2106-02-07',
    ],
    [
      'when its start is too late',
      gauge({ startTimeUnixNano: '9223372036854775808' }),
      'start_time_unix_nano is beyond 2106-02-07',
    ],
    [
      'when its temporality is unknown',
      { name: 's', sum: { aggregationTemporality: 3, dataPoints: [{}] } },
      'aggregation_temporality 3 is not one (0 to 2)',
    ],
    [
      'when a quantile is none',
      { name: 's', summary: { dataPoints: [{ quantileValues: [{ quantile: 1.5 }] }] } },
      'a quantile is not between 0 and 1',
    ],
  ])('%s', (_, metric, reason) => {
    const { outcome, metrics } = decode(metric, gauge({ asInt: 1 }));
    expect(outcome).toMatchObject({
      accepted: 1,
      rejected: 1,
      message: `1 data point rejected: ${reason} (1)`,
    });
    expect(metrics.name).toEqual(['g']);
  });

  test('with all others of its metric when the metric is wrong in JSON', () => {
    const json = (metric: string): Metrics =>
      decodeBody(
        transcodeJson(
          'metrics',
          Buffer.from(`{"resourceMetrics":[{"scopeMetrics":[{"metrics":[${metric}]}]}]}`),
        ),
      );
    expect(
      json('{"unit":1,"gauge":{"dataPoints":[{"asInt":1},{"asInt":2}]}}').outcome,
    ).toMatchObject({
      accepted: 0,
      rejected: 2,
      message: '2 data points rejected: unit is not a string (2)',
    });
    expect(json('{"name":"m","gauge":{"dataPoints":[1]}}').outcome).toMatchObject({
      accepted: 0,
      rejected: 1,
      message: '1 data point rejected: dataPoints is not a list with an object in every place (1)',
    });
  });
});

test('a metric without points stores nothing and refuses nothing', () => {
  expect(decode({ name: 'm' }, { name: 'n', gauge: {} }).outcome).toMatchObject({
    accepted: 0,
    rejected: 0,
    message: '',
    sightings: [],
  });
});

test('of two kinds of data the last is meant, and parts of one kind belong together', () => {
  const part = (field: number, point: object): Buffer =>
    encode('Metric', { [field === 5 ? 'gauge' : 'sum']: { dataPoints: [point] } });
  const metric = Buffer.concat([
    part(5, { asInt: 1 }),
    part(7, { asInt: 2 }),
    part(7, { asInt: 3 }),
  ]);
  const wrap = (inner: Buffer): Buffer => Buffer.concat([Buffer.from([0x12, inner.length]), inner]);
  const group = wrap(wrap(metric));
  const body = Buffer.concat([Buffer.from([0x0a, group.length]), group]);
  expect(decodeBody(body).metrics).toMatchObject({ type: [7, 7], value: [2, 3] });
});

describe('the stream of a point', () => {
  const point = (...attributes: object[]): object => gauge({ attributes });

  test('is told by its attributes in any order', () => {
    const { streams } = decode(
      point(text('a', '1'), text('b', '2')),
      point(text('b', '2'), text('a', '1')),
      point(text('a', '2'), text('b', '1')),
      point({ key: 'a', value: { intValue: 1 } }, text('b', '2')),
    );
    expect(streams[0]).toBe(streams[1]);
    expect(new Set(streams).size).toBe(3);
  });

  test('is told by name, unit and type, but not by time, value or description', () => {
    const { streams } = decode(
      { name: 'ab', unit: 'c', gauge: { dataPoints: [{ asInt: 1, timeUnixNano: 1 }] } },
      {
        name: 'ab',
        unit: 'c',
        description: 'd',
        gauge: { dataPoints: [{ asInt: 2, timeUnixNano: 2 }] },
      },
      { name: 'a', unit: 'bc', gauge: { dataPoints: [{}] } },
      { name: 'ab', unit: 'c', sum: { dataPoints: [{}] } },
    );
    expect(streams[0]).toBe(streams[1]);
    expect(new Set(streams).size).toBe(3);
  });

  test('cannot be forged by attributes that read alike when run together', () => {
    const { streams } = decode(
      point(text('a', 'bsc')),
      point(text('a', 'b'), text('c', '')),
      point(text('ab', 'sc')),
    );
    expect(new Set(streams).size).toBe(3);
  });
});

test('a sender of metrics alone is sighted by its service', () => {
  expect(decode(gauge({ asInt: 1 }, { asInt: 2 })).outcome.sightings).toEqual([
    {
      project: 'acme',
      name: 'desk',
      seenAtMs: CONTEXT.receivedAtMs,
      runs: 0,
      services: ['desk'],
      frameworks: [],
      sdkLanguages: [],
      models: [],
      providers: [],
      tools: [],
    },
  ]);
});
