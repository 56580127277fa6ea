import { afterAll, beforeAll, expect, test } from 'vitest';

import type { TestTelemetryStore } from '../../../test/harness/telemetry-store.ts';
import { openTelemetryStore, RECEIVED_MS } from '../../../test/harness/telemetry-store.ts';
import { createMetricQuery, type MetricQueries } from '../../query/metrics/metric-query.ts';
import { formatLabels } from '../../query/promql/labels.ts';
import { createMetricStore } from './metric-store.ts';

/** Minute 0 of the points; every step is a minute. */
const T0 = RECEIVED_MS - 3_600_000;
const MINUTE_MS = 60_000;

let telemetry: TestTelemetryStore;
let metrics: MetricQueries;

const nano = (minute: number): string => `${T0 + minute * MINUTE_MS}000000`;
const attribute = ([key, value]: readonly [string, string]) => ({
  key,
  value: { stringValue: value },
});
const attributes = (of: Readonly<Record<string, string>>) => Object.entries(of).map(attribute);

function request(resource: Readonly<Record<string, string>>, all: readonly object[]) {
  return {
    signal: 'metrics' as const,
    body: {
      resourceMetrics: [
        {
          resource: { attributes: attributes({ 'service.name': 'desk', ...resource }) },
          scopeMetrics: [{ scope: { name: 'test', version: '1' }, metrics: all }],
        },
      ],
    },
  };
}

const [DELTA, CUMULATIVE] = [1, 2];

const gauge = (name: string, values: readonly number[]) => ({
  name,
  gauge: { dataPoints: values.map((asDouble, at) => ({ asDouble, timeUnixNano: nano(at) })) },
});

/** Points a minute apart; a delta's interval begins at the point before. */
const sum = (name: string, temporality: number, values: readonly number[], unit = '') => ({
  name,
  unit,
  sum: {
    isMonotonic: true,
    aggregationTemporality: temporality,
    dataPoints: values.map((value, at) => ({
      asInt: String(value),
      startTimeUnixNano: nano(temporality === DELTA ? at : 0),
      timeUnixNano: nano(at + 1),
      attributes: attributes({ 'gen_ai.request.model': 'opus', type: 'in' }),
    })),
  },
});

beforeAll(async () => {
  telemetry = await openTelemetryStore();
  metrics = createMetricQuery({
    store: createMetricStore(telemetry.engine),
    clock: { now: () => RECEIVED_MS },
  });
  const histogram = (temporality: number, perMinute: readonly (readonly number[])[]) => ({
    name: temporality === DELTA ? 'op.duration' : 'op.wait',
    unit: 's',
    description: 'How long an operation takes',
    histogram: {
      aggregationTemporality: temporality,
      dataPoints: perMinute.map((counts, at) => ({
        startTimeUnixNano: nano(temporality === DELTA ? at : 0),
        timeUnixNano: nano(at + 1),
        count: String(counts.reduce((a, b) => a + b)),
        sum: 1.5,
        bucketCounts: counts.map(String),
        explicitBounds: [0.1, 1],
      })),
    },
  });
  await telemetry.write([
    request({ 'service.instance.id': 'one', 'host.name': 'h1' }, [
      gauge('queue.depth', [1, 2, 3]),
      sum('tokens', DELTA, [10, 20, 30], '{token}'),
      sum('bytes', CUMULATIVE, [100, 250, 50], 'By'),
      histogram(DELTA, [
        [2, 2, 0],
        [0, 4, 4],
      ]),
      histogram(CUMULATIVE, [
        [2, 2, 0],
        [2, 6, 4],
      ]),
      {
        name: 'exp',
        exponentialHistogram: {
          aggregationTemporality: CUMULATIVE,
          // Buckets (1, 2], (2, 4], (4, 8] at scale 0; the second point says the same at scale 1, and more.
          dataPoints: [
            { scale: 0, zeroCount: '1', positive: { offset: 0, bucketCounts: ['1', '2', '4'] } },
            {
              scale: 1,
              zeroCount: '1',
              positive: { offset: 0, bucketCounts: ['1', '0', '1', '1', '3', '3'] },
              negative: { offset: 0, bucketCounts: ['5'] },
            },
          ].map((point, at) => ({ ...point, count: '8', timeUnixNano: nano(at + 1) })),
        },
      },
      {
        name: 'latency',
        summary: {
          dataPoints: [
            {
              count: '4',
              sum: 10,
              quantileValues: [{ quantile: 0.5, value: 2 }],
              timeUnixNano: nano(1),
            },
          ],
        },
      },
    ]),
    request({}, [gauge('queue.depth', [9])]),
    { ...request({}, [gauge('queue.depth', [1_000])]), project: 'other' },
  ]);
}, 60_000);
afterAll(() => telemetry?.close());

/** The answer by labels without job, scope and service, which are the same for all. */
async function ask(text: string, minute: number): Promise<Record<string, unknown>> {
  const { result } = await metrics.instant('default', { text, timeMs: T0 + minute * MINUTE_MS });
  if (result.kind !== 'vector' && result.kind !== 'matrix') throw new Error(result.kind);
  const short = (labels: (typeof result.series)[number]['labels']) =>
    formatLabels(
      labels.filter(([name]) => !/^(?:job|otel_scope_|service_name|instance)/.test(name)),
    );
  return Object.fromEntries(
    result.series.map(({ labels, values }) => [
      short(labels),
      result.kind === 'vector' ? values[0] : Array.from(values),
    ]),
  );
}

test('a gauge has the labels of its attributes, resource and scope', async () => {
  const { result } = await metrics.instant('default', {
    text: 'queue_depth{instance="one"}',
    timeMs: T0 + 2 * MINUTE_MS,
  });
  expect(result).toMatchObject({
    series: [
      {
        labels: [
          ['__name__', 'queue_depth'],
          ['instance', 'one'],
          ['job', 'desk'],
          ['otel_scope_name', 'test'],
          ['otel_scope_version', '1'],
          ['service_name', 'desk'],
        ],
      },
    ],
  });
  expect(await ask('count(queue_depth)', 2)).toEqual({ '{}': 2 });
  expect(await ask('{"queue.depth", instance="one"}', 1)).toEqual({ 'queue.depth{}': 2 });
  expect(await ask('count by (host_name) (target_info{instance="one"})', 2)).toEqual({
    '{host_name="h1"}': 1,
  });
});

test('a sum of deltas is added up from the beginning of its stream, wherever the question begins', async () => {
  const labels = 'tokens_total{gen_ai_request_model="opus", type="in"}';
  expect(await ask('tokens_total', 1)).toEqual({ [labels]: 10 });
  expect(await ask('tokens_total', 3)).toEqual({ [labels]: 60 });
  expect(await ask('tokens_total[1m]', 3)).toEqual({ [labels]: [60] });
  expect(await ask('sum(increase(tokens_total[3m1s]))', 3)).toEqual({ '{}': 60 });
});

test('a time of which a delta has no value adds nothing to what came before', async () => {
  const { sum: all, ...metric } = sum('seen', DELTA, [10, 0, 20]);
  const dataPoints = all.dataPoints.map(({ asInt, ...point }, at) =>
    at === 1 ? { ...point, flags: 1 } : { ...point, asInt },
  );
  await telemetry.write([request({}, [{ ...metric, sum: { ...all, dataPoints } }])]);
  expect(await ask('seen_total[1m]', 3)).toEqual({
    'seen_total{gen_ai_request_model="opus", type="in"}': [30],
  });
});

test('a cumulative sum that falls began anew', async () => {
  expect(await ask('bytes_total[10m]', 3)).toEqual({
    'bytes_total{gen_ai_request_model="opus", type="in"}': [0, 100, 250, 50],
  });
  expect(await ask('sum(increase(bytes_total[3m1s]))', 3)).toEqual({ '{}': 300 });
});

test('histograms become buckets that hold all below their bound, deltas as well as cumulative ones', async () => {
  for (const name of ['op_duration_seconds', 'op_wait_seconds']) {
    expect(await ask(`${name}_bucket`, 2)).toEqual({
      [`${name}_bucket{le="0.1"}`]: 2,
      [`${name}_bucket{le="1"}`]: 8,
      [`${name}_bucket{le="+Inf"}`]: 12,
    });
    expect(await ask(`${name}_bucket{le="1"}`, 2)).toEqual({ [`${name}_bucket{le="1"}`]: 8 });
    expect(await ask(`${name}_count`, 2)).toEqual({ [`${name}_count{}`]: 12 });
    expect(await ask(`histogram_quantile(0.5, rate(${name}_bucket[3m]))`, 2)).toEqual({
      '{}': expect.closeTo(0.1 + 0.9 * (4 / 6), 9),
    });
  }
  expect(await ask('op_duration_seconds_sum', 2)).toEqual({ 'op_duration_seconds_sum{}': 3 });
  expect(await ask('op_duration_seconds_bucket{le="1"}[1m]', 2)).toEqual({
    'op_duration_seconds_bucket{le="1"}': [8],
  });
});

test('exponential histograms become buckets of the coarsest scale among them', async () => {
  expect(await ask('exp_bucket[5m]', 2)).toEqual({
    'exp_bucket{le="-1"}': [0, 5],
    'exp_bucket{le="0"}': [1, 6],
    'exp_bucket{le="2"}': [2, 7],
    'exp_bucket{le="4"}': [4, 9],
    'exp_bucket{le="8"}': [8, 15],
    'exp_bucket{le="+Inf"}': [8, 15],
  });
});

test('a summary has a series per quantile', async () => {
  expect(await ask('{__name__=~"latency.*"}', 1)).toEqual({
    'latency{quantile="0.5"}': 2,
    'latency_sum{}': 10,
    'latency_count{}': 4,
  });
});

test('a question over time, names, labels and the list of metrics', async () => {
  const span = { fromMs: T0 - MINUTE_MS, toMs: T0 + 10 * MINUTE_MS };
  const { result } = await metrics.range('default', {
    text: 'sum(queue_depth{instance="one"})',
    startMs: T0,
    endMs: T0 + 8 * MINUTE_MS,
    stepMs: MINUTE_MS,
  });
  expect(result).toEqual({
    kind: 'matrix',
    series: [
      {
        labels: [],
        timesMs: Float64Array.from([0, 1, 2, 3, 4, 5, 6], (at) => T0 + at * MINUTE_MS),
        values: Float64Array.of(1, 2, 3, 3, 3, 3, 3),
      },
    ],
  });
  const all = { ...span, selectors: [] };
  expect(await metrics.listLabelValues('default', '__name__', all)).toEqual([
    'bytes_total',
    'exp_bucket',
    'exp_count',
    'exp_sum',
    'latency',
    'latency_count',
    'latency_sum',
    'op_duration_seconds_bucket',
    'op_duration_seconds_count',
    'op_duration_seconds_sum',
    'op_wait_seconds_bucket',
    'op_wait_seconds_count',
    'op_wait_seconds_sum',
    'queue_depth',
    'seen_total',
    'target_info',
    'tokens_total',
  ]);
  const tokens = { ...span, selectors: ['tokens_total'] };
  expect(await metrics.listLabelNames('default', tokens)).toEqual([
    '__name__',
    'gen_ai_request_model',
    'instance',
    'job',
    'otel_scope_name',
    'otel_scope_version',
    'service_name',
    'type',
  ]);
  expect(await metrics.listLabelValues('default', 'gen_ai_request_model', all)).toEqual(['opus']);
  const listed = await metrics.listMetrics('default', span);
  expect(listed.find(({ name }) => name === 'op.duration')).toEqual({
    name: 'op.duration',
    unit: 's',
    type: 'histogram',
    monotonic: false,
    description: 'How long an operation takes',
    services: ['desk'],
    streams: 1,
    points: 2,
    lastMs: T0 + 2 * MINUTE_MS,
    prometheusName: 'op_duration_seconds',
    seriesNames: [
      'op_duration_seconds_bucket',
      'op_duration_seconds_sum',
      'op_duration_seconds_count',
    ],
  });
});

test('attributes that are too long for a label are shown by their beginning, and keep series apart', async () => {
  const long = (end: string) => `${'ü'.repeat(2_000)}${end}`;
  const sent = (end: string) => {
    const [point] = gauge('long.values', [1]).gauge.dataPoints;
    const dataPoints = [{ ...point, attributes: attributes({ prompt: long(end) }) }];
    return request({ 'service.namespace': long('n') }, [
      { name: 'long.values', gauge: { dataPoints } },
    ]);
  };
  await telemetry.write([sent('a'), sent('b')]);
  const { result } = await metrics.instant('default', { text: 'long_values', timeMs: T0 });
  const labels = result.kind === 'vector' ? result.series.map((one) => new Map(one.labels)) : [];
  const shown = /^ü{256}… [0-9a-f]{8}$/;
  expect(labels.map((each) => each.get('prompt'))).toEqual([
    expect.stringMatching(shown),
    expect.stringMatching(shown),
  ]);
  expect(new Set(labels.map((each) => each.get('prompt'))).size).toBe(2);
  expect(labels[0]!.get('job')).toMatch(/^ü{256}… [0-9a-f]{8}\/desk$/);
  const choice = { selectors: ['long_values'], fromMs: T0 - MINUTE_MS, toMs: T0 + MINUTE_MS };
  const listed = await metrics.listLabelValues('default', 'prompt', choice);
  expect(new Set(listed)).toEqual(new Set(labels.map((each) => each.get('prompt'))));
});

test('more steps or samples than a question may have are refused with the remedy', async () => {
  const asked = { text: 'queue_depth', startMs: T0, endMs: T0 + 11_000_000, stepMs: 1_000 };
  await expect(metrics.range('default', asked)).rejects.toThrow(
    'exceeded maximum resolution of 11,000 points per timeseries',
  );
  const whole = await metrics.instant('default', {
    text: '{"op.duration"}',
    timeMs: T0 + 2 * MINUTE_MS,
  });
  expect(whole.hints).toEqual([
    'op.duration is a histogram and has the series op.duration_bucket, op.duration_sum and op.duration_count',
  ]);
});
