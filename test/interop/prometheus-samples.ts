import { createRandom } from '../../src/cli/demo/random.ts';

/** The same samples for both: as OTLP for Signalbox, as OpenMetrics text for Prometheus. */

export type Labels = Readonly<Record<string, string>>;

interface Stream {
  readonly labels: Labels;
  /** Null where nothing was measured. */
  readonly values: readonly (number | null)[];
}

interface HistogramStream {
  readonly labels: Labels;
  /** Per time, the counts of buckets (not added up) and the sum; cumulative over time. */
  readonly points: readonly { readonly counts: readonly number[]; readonly sum: number }[];
}

export interface Samples {
  readonly timesMs: readonly number[];
  readonly gauges: readonly { readonly name: string; readonly streams: readonly Stream[] }[];
  readonly counters: readonly { readonly name: string; readonly streams: readonly Stream[] }[];
  readonly histograms: readonly {
    readonly name: string;
    readonly bounds: readonly number[];
    readonly streams: readonly HistogramStream[];
  }[];
}

const EVERY_MS = 15_000;
const COUNT = 240;
const BOUNDS = [0.05, 0.1, 0.5, 1, 5];

/** An hour of samples. No time of theirs is a whole second, so that none falls on the edge of a range. */
export function makeSamples(startMs: number): Samples {
  const random = createRandom(42);
  const steps = Array.from({ length: COUNT }, (_, at) => at);
  const kinds = ['in', 'out'].flatMap((type) =>
    ['opus', 'haiku', 'gpt-4o'].map((model) => ({ type, model })),
  );
  const gauge = (gaps: boolean) =>
    steps.map((at) => (gaps && at % 60 > 30 ? null : random.between(-50, 100) / 4));
  const counter = () => {
    let value = 1_000;
    return steps.map(() => {
      if (random.chance(0.01)) value = 0;
      value += random.between(0, 40);
      return value;
    });
  };
  const histogram = () => {
    // Far from zero: how a rate is held above it has changed between Prometheus 2 and 3.
    const counts = [...BOUNDS, Infinity].map(() => 500);
    let total = 5_000;
    return steps.map(() => {
      for (let each = 0; each < 5; each++) {
        const bucket = random.between(0, BOUNDS.length);
        counts[bucket]! += 1;
        total += BOUNDS[bucket] ?? 8;
      }
      return { counts: [...counts], sum: total };
    });
  };
  return {
    timesMs: steps.map((at) => startMs + at * EVERY_MS + 7_123),
    gauges: [
      { name: 'queue_depth', streams: kinds.map((labels) => ({ labels, values: gauge(false) })) },
      { name: 'gappy', streams: [{ labels: { host: 'a' }, values: gauge(true) }] },
      {
        name: 'model_limit',
        streams: ['opus', 'haiku'].map((model) => ({ labels: { model }, values: gauge(false) })),
      },
    ],
    counters: [{ name: 'tokens', streams: kinds.map((labels) => ({ labels, values: counter() })) }],
    histograms: [
      {
        name: 'wait',
        bounds: BOUNDS,
        streams: ['opus', 'haiku'].map((model) => ({ labels: { model }, points: histogram() })),
      },
    ],
  };
}

/** The resource and scope that the OTLP request names, as labels. */
const TARGET: Labels = {
  job: 'desk',
  instance: 'one',
  service_name: 'desk',
  otel_scope_name: 'test',
  otel_scope_version: '1',
};

export function toOtlp({ timesMs, gauges, counters, histograms }: Samples): object {
  const attributes = (labels: Labels) =>
    Object.entries(labels).map(([key, value]) => ({ key, value: { stringValue: value } }));
  const nano = (ms: number): string => `${ms}000000`;
  const numbers = (streams: readonly Stream[]) =>
    streams.flatMap(({ labels, values }) =>
      values.flatMap((value, at) =>
        value === null
          ? []
          : [{ asDouble: value, timeUnixNano: nano(timesMs[at]!), attributes: attributes(labels) }],
      ),
    );
  const cumulative = { aggregationTemporality: 2 };
  const metrics = [
    ...gauges.map(({ name, streams }) => ({ name, gauge: { dataPoints: numbers(streams) } })),
    ...counters.map(({ name, streams }) => ({
      name,
      sum: { ...cumulative, isMonotonic: true, dataPoints: numbers(streams) },
    })),
    ...histograms.map(({ name, bounds, streams }) => ({
      name,
      unit: 's',
      histogram: {
        ...cumulative,
        dataPoints: streams.flatMap(({ labels, points }) =>
          points.map(({ counts, sum }, at) => ({
            timeUnixNano: nano(timesMs[at]!),
            attributes: attributes(labels),
            count: String(counts.reduce((a, b) => a + b)),
            sum,
            bucketCounts: counts.map(String),
            explicitBounds: bounds,
          })),
        ),
      },
    })),
  ];
  const resource = attributes({ 'service.name': 'desk', 'service.instance.id': 'one' });
  return {
    resourceMetrics: [
      {
        resource: { attributes: resource },
        scopeMetrics: [{ scope: { name: 'test', version: '1' }, metrics }],
      },
    ],
  };
}

export function toOpenMetrics({ timesMs, gauges, counters, histograms }: Samples): string {
  const lines: string[] = [];
  const sample = (name: string, labels: Labels, value: number, at: number): void => {
    const all = Object.entries({ ...TARGET, ...labels }).map(([key, text]) => `${key}="${text}"`);
    lines.push(`${name}{${all.join(',')}} ${value} ${(timesMs[at]! / 1000).toFixed(3)}`);
  };
  const numbers = (name: string, streams: readonly Stream[]): void => {
    for (const { labels, values } of streams) {
      values.forEach((value, at) => {
        if (value !== null) sample(name, labels, value, at);
      });
    }
  };
  for (const { name, streams } of gauges) {
    lines.push(`# TYPE ${name} gauge`);
    numbers(name, streams);
  }
  for (const { name, streams } of counters) {
    lines.push(`# TYPE ${name} counter`);
    numbers(`${name}_total`, streams);
  }
  for (const { name: bare, bounds, streams } of histograms) {
    const name = `${bare}_seconds`;
    lines.push(`# TYPE ${name} histogram`);
    for (const { labels, points } of streams) {
      points.forEach(({ counts, sum }, at) => {
        let upTo = 0;
        counts.forEach((count, bucket) => {
          upTo += count;
          const le = bounds[bucket] === undefined ? '+Inf' : String(bounds[bucket]);
          sample(`${name}_bucket`, { ...labels, le }, upTo, at);
        });
        sample(`${name}_count`, labels, upTo, at);
        sample(`${name}_sum`, labels, sum, at);
      });
    }
  }
  return `${lines.join('\n')}\n# EOF\n`;
}
