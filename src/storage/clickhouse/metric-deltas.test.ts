import { afterAll, beforeAll, expect, test } from 'vitest';

import type { TestTelemetryStore } from '../../../test/harness/telemetry-store.ts';
import { openTelemetryStore, RECEIVED_MS } from '../../../test/harness/telemetry-store.ts';
import { createRandom } from '../../cli/demo/random.ts';
import { createMetricQuery, type MetricQueries } from '../../query/metrics/metric-query.ts';
import type { MetricStore, PointRange } from '../metric-store.ts';
import { createMetricStore } from './metric-store.ts';

/** The same events told of twice: by their differences, and by what they have come to. */

const EVERY_MS = 15_000;
const HOUR_MS = 3_600_000;
/** Five hours of points up to now. */
const COUNT = 1_200;
const T0 = RECEIVED_MS - COUNT * EVERY_MS;
const BOUNDS = [0.1, 1, 10];
const [DELTA, CUMULATIVE] = [1, 2];

let telemetry: TestTelemetryStore;
let metrics: MetricQueries;
/** What history deltas were added up of. */
const added: PointRange[] = [];

beforeAll(async () => {
  telemetry = await openTelemetryStore();
  const store = createMetricStore(telemetry.engine);
  const noting: MetricStore = {
    ...store,
    sumDeltas: (project, choice, field) => {
      added.push({ fromMs: choice.fromMs, toMs: choice.toMs });
      return store.sumDeltas(project, choice, field);
    },
    sumDeltaBuckets: (project, choice) => {
      added.push({ fromMs: choice.fromMs, toMs: choice.toMs });
      return store.sumDeltaBuckets(project, choice);
    },
  };
  metrics = createMetricQuery({ store: noting, clock: { now: () => RECEIVED_MS } });
  const random = createRandom(7);
  const events = ['a', 'b'].map((kind) => ({
    kind,
    counts: Array.from({ length: COUNT }, () =>
      [...BOUNDS, Infinity].map(() => random.between(0, 9)),
    ),
  }));
  const resource = {
    attributes: [{ key: 'service.name', value: { stringValue: 'desk' } }],
  };
  const all = [DELTA, CUMULATIVE].flatMap((temporality) => metricsOf(temporality, events));
  await telemetry.write([
    {
      signal: 'metrics',
      body: { resourceMetrics: [{ resource, scopeMetrics: [{ scope: {}, metrics: all }] }] },
    },
  ]);
}, 60_000);
afterAll(() => telemetry?.close());

interface Events {
  readonly kind: string;
  /** By time and bucket. */
  readonly counts: readonly (readonly number[])[];
}

/** A counter and a histogram; cumulative ones are called so. */
function metricsOf(temporality: number, events: readonly Events[]) {
  const suffix = temporality === DELTA ? 'delta' : 'cumulative';
  const nano = (at: number): string => `${T0 + at * EVERY_MS}000000`;
  const pointsOf = (write: (counts: readonly number[]) => object) =>
    events.flatMap(({ kind, counts }) => {
      const running = BOUNDS.map(() => 0).concat(0);
      return counts.map((each, at) => {
        each.forEach((count, bucket) => (running[bucket]! += count));
        return {
          ...write(temporality === DELTA ? each : [...running]),
          attributes: [{ key: 'kind', value: { stringValue: kind } }],
          startTimeUnixNano: nano(temporality === DELTA ? at : 0),
          timeUnixNano: nano(at + 1),
        };
      });
    });
  const sumOf = (counts: readonly number[]): number => counts.reduce((a, b) => a + b);
  return [
    {
      name: `calls.${suffix}`,
      sum: {
        isMonotonic: true,
        aggregationTemporality: temporality,
        dataPoints: pointsOf((counts) => ({ asInt: String(sumOf(counts)) })),
      },
    },
    {
      name: `took.${suffix}`,
      histogram: {
        aggregationTemporality: temporality,
        dataPoints: pointsOf((counts) => ({
          count: String(sumOf(counts)),
          sum: sumOf(counts) / 2,
          bucketCounts: counts.map(String),
          explicitBounds: BOUNDS,
        })),
      },
    },
  ];
}

async function ask(text: string, startMs: number): Promise<unknown> {
  const { result } = await metrics.range('default', {
    text,
    startMs,
    endMs: startMs + HOUR_MS,
    stepMs: 47_000,
  });
  if (result.kind !== 'matrix') throw new Error(result.kind);
  return result.series.map(({ labels, timesMs, values }) => ({
    labels: labels.filter(([name]) => name !== '__name__'),
    timesMs: Array.from(timesMs),
    // Sums of deltas are added in another order.
    values: Array.from(values, (value) => Number(value.toPrecision(9))),
  }));
}

/** From before the first point, and from a time that much lies before. */
const STARTS = [T0 - 10 * 60_000, T0 + 3_000, T0 + 3.7 * HOUR_MS + 4_000];

test.each([
  'rate(calls_X_total[5m])',
  'sum(increase(calls_X_total[7m]))',
  'sum by (kind) (rate(calls_X_total[90s]))',
  'irate(calls_X_total[2m])',
  'idelta(calls_X_total[2m])',
  'changes(calls_X_total[5m]) + resets(calls_X_total[5m])',
  'count_over_time(calls_X_total[5m])',
  'calls_X_total',
  'max_over_time(calls_X_total[3m])',
  'rate(sum(calls_X_total)[5m:30s])',
  'rate(took_X_sum[5m]) / rate(took_X_count[5m])',
  'histogram_quantile(0.9, sum by (le) (rate(took_X_bucket[5m])))',
  'took_X_bucket{le="1"}',
])('%s is the same of deltas and of cumulative points', async (text) => {
  for (const startMs of STARTS) {
    const deltas = await ask(text.replaceAll('X', 'delta'), startMs);
    expect(deltas).toEqual(await ask(text.replaceAll('X', 'cumulative'), startMs));
    expect(deltas).not.toEqual([]);
  }
});

test('a question for differences adds up no more than it reads, or an hour', async () => {
  const startMs = T0 + 3.7 * HOUR_MS;
  added.length = 0;
  await ask('rate(calls_delta_total[5m])', startMs);
  await ask('histogram_quantile(0.9, rate(took_delta_bucket[2h]))', startMs);
  await metrics.instant('default', { text: 'increase(calls_delta_total[5m])', timeMs: startMs });
  const [five, two] = [startMs - 300_000, startMs - 2 * HOUR_MS];
  // Up to the last step.
  const stepsMs = 76 * 47_000;
  expect(added).toEqual([
    { fromMs: five - 300_000 - stepsMs, toMs: five },
    { fromMs: two - 2 * HOUR_MS - stepsMs, toMs: two },
    { fromMs: five - HOUR_MS, toMs: five },
  ]);
  added.length = 0;
  await metrics.instant('default', { text: 'calls_delta_total', timeMs: startMs });
  expect(added).toEqual([{ fromMs: 0, toMs: five }]);
});
