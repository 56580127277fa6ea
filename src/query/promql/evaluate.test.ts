import * as fc from 'fast-check';
import { expect, test } from 'vitest';

import { AppError } from '../../errors.ts';
import { evaluate } from './evaluate.ts';
import type { Frame, SeriesSource } from './frame.ts';
import { Budget } from './frame.ts';
import { formatLabels, labelsOf, NAME } from './labels.ts';
import { compileMatchers } from './match-series.ts';
import { parsePromql } from './parse.ts';
import { bucketQuantile } from './quantile.ts';
import type { Series } from './series.ts';

const T0 = 1_700_000_000_000;

/** A sample every 15 seconds from `T0`; null where there is none, 'stale' where the series says that it ended. */
function series(
  labels: Readonly<Record<string, string>>,
  values: readonly (number | null | 'stale')[],
  everyMs = 15_000,
): Series {
  const kept = values.flatMap((value, at) => (value === null ? [] : [{ value, at }]));
  return {
    labels: labelsOf(Object.entries(labels)),
    timesMs: Float64Array.from(kept, ({ at }) => T0 + at * everyMs),
    values: Float64Array.from(kept, ({ value }) => (value === 'stale' ? Number.NaN : value)),
    stale: Uint8Array.from(kept, ({ value }) => (value === 'stale' ? 1 : 0)),
  };
}

function sourceOf(all: readonly Series[]): SeriesSource {
  return {
    async select(matchers, fromMs, toMs) {
      const fits = compileMatchers(matchers);
      return all.flatMap((one) => {
        if (!fits(one.labels)) return [];
        const inside = (_: number, at: number): boolean =>
          one.timesMs[at]! > fromMs && one.timesMs[at]! <= toMs;
        return [
          {
            labels: one.labels,
            timesMs: one.timesMs.filter(inside),
            values: one.values.filter(inside),
            stale: one.stale?.filter(inside),
          },
        ];
      });
    },
  };
}

interface At {
  /** Seconds after `T0`. */
  readonly at?: number;
  readonly steps?: number;
  readonly stepS?: number;
}

/** The answer by labels: a number of twelve figures, or one per step. */
async function ask(
  all: readonly Series[],
  text: string,
  { at = 600, steps = 1, stepS = 60 }: At = {},
): Promise<unknown> {
  const frame: Frame = {
    startMs: T0 + at * 1000,
    stepMs: stepS * 1000,
    steps,
    queryStartMs: T0 + at * 1000,
    queryEndMs: T0 + at * 1000 + (steps - 1) * stepS * 1000,
    source: sourceOf(all),
    budget: new Budget({ deadlineMs: Infinity, now: () => 0 }),
  };
  const value = await evaluate(frame, parsePromql(text));
  if (value.kind === 'string') return value.value;
  const written = (values: Float64Array, present?: Uint8Array) => {
    const each = Array.from(values, (one, step) =>
      present?.[step] === 0 ? null : Number(one.toPrecision(12)),
    );
    return steps === 1 ? each[0] : each;
  };
  if (value.kind === 'scalar') return written(value.values);
  return Object.fromEntries(
    value.series
      .filter(({ present }) => present.includes(1))
      .map((one) => [formatLabels(one.labels), written(one.values, one.present)]),
  );
}

const range = (count: number, value: (at: number) => number): number[] =>
  Array.from({ length: count }, (_, at) => value(at));

const COUNTERS = [
  series(
    { [NAME]: 'calls_total', job: 'a', model: 'm1' },
    range(41, (at) => at * 3),
  ),
  series(
    { [NAME]: 'calls_total', job: 'a', model: 'm2' },
    range(41, (at) => at * 6),
  ),
  series(
    { [NAME]: 'calls_total', job: 'b', model: 'm1' },
    range(41, (at) => at * 9),
  ),
];
const GAUGES = [
  series(
    { [NAME]: 'depth', queue: 'x', host: 'h1' },
    range(41, (at) => at),
  ),
  series(
    { [NAME]: 'depth', queue: 'y', host: 'h2' },
    range(41, () => 7),
  ),
  series(
    { [NAME]: 'limit', queue: 'x' },
    range(41, () => 80),
  ),
  series(
    { [NAME]: 'limit', queue: 'y' },
    range(41, () => 70),
  ),
];

test('an instant selector takes the newest sample, no older than five minutes, until it is marked as ended', async () => {
  const one = [series({ [NAME]: 'a' }, [1, 2, 3, null, null, 'stale', null, 5])];
  expect(await ask(one, 'a', { at: 0, steps: 9, stepS: 15 })).toEqual({
    'a{}': [1, 2, 3, 3, 3, null, null, 5, 5],
  });
  expect(await ask(one, 'a', { at: 105, steps: 3, stepS: 150 })).toEqual({ 'a{}': [5, 5, null] });
  expect(await ask(one, 'a offset 1m', { at: 90 })).toEqual({ 'a{}': 3 });
  expect(await ask(one, `a @ ${T0 / 1000 + 15}`, { at: 5_000 })).toEqual({ 'a{}': 2 });
  expect(await ask(one, 'a @ start()', { at: 15, steps: 2, stepS: 1_000 })).toEqual({
    'a{}': [2, 2],
  });
});

test('matchers look at labels as a whole, and a label that is absent is empty', async () => {
  const names = async (text: string) => Object.keys((await ask(GAUGES, text)) as object);
  expect(await names('depth{queue="x"}')).toEqual(['depth{host="h1", queue="x"}']);
  expect(await names('depth{queue!="x"}')).toEqual(['depth{host="h2", queue="y"}']);
  expect(await names('depth{host=~"h"}')).toEqual([]);
  expect(await names('depth{host=~"h[12]", queue!~"y.*"}')).toEqual([
    'depth{host="h1", queue="x"}',
  ]);
  expect(await names('{__name__=~"lim.*", host=""}')).toEqual([
    'limit{queue="x"}',
    'limit{queue="y"}',
  ]);
});

test('rate and increase draw a counter out to the ends of the range and know resets', async () => {
  expect(await ask(COUNTERS, 'sum by (job) (rate(calls_total[5m]))')).toEqual({
    '{job="a"}': 0.6,
    '{job="b"}': 0.6,
  });
  expect(await ask(COUNTERS, 'increase(calls_total{job="b"}[5m])')).toEqual({
    '{job="b", model="m1"}': 180,
  });
  const reset = [series({ [NAME]: 'c' }, [10, 20, 30, 5, 15])];
  expect(await ask(reset, 'resets(c[5m])', { at: 60 })).toEqual({ '{}': 1 });
  // 20 up to the reset, 15 after it, and 15 seconds before the first sample, which is as far as zero is away.
  expect(await ask(reset, 'increase(c[1m15s])', { at: 60 })).toEqual({
    '{}': (35 * (60 + 15)) / 60,
  });
  expect(await ask(reset, 'irate(c[5m])', { at: 60 })).toEqual({
    '{}': expect.closeTo(10 / 15, 9),
  });
  expect(await ask(reset, 'idelta(c[5m])', { at: 45 })).toEqual({ '{}': -25 });
  expect(await ask(reset, 'rate(c[10s])', { at: 60 })).toEqual({});
});

test('functions over time read the samples of the range, open to the left', async () => {
  const gauge = [series({ [NAME]: 'g', a: 'b' }, [3, 1, 4, 1, 5, 9, 2, 6])];
  const at = { at: 105 };
  const value = async (text: string) =>
    ((await ask(gauge, text, at)) as Record<string, number>)['{a="b"}'];
  expect(await value('count_over_time(g[1m])')).toBe(4);
  expect(await value('sum_over_time(g[1m])')).toBe(22);
  expect(await value('avg_over_time(g[1m])')).toBe(5.5);
  expect(await value('min_over_time(g[1m])')).toBe(2);
  expect(await value('max_over_time(g[1m])')).toBe(9);
  expect(await value('quantile_over_time(0.5, g[1m])')).toBe(5.5);
  expect(await value('stdvar_over_time(g[1m])')).toBe(6.25);
  expect(await value('changes(g[2m])')).toBe(7);
  expect(await value('deriv(g[31s])')).toBeCloseTo(-1 / 10, 12);
  expect(await value('present_over_time(g[1m])')).toBe(1);
  expect(await value('max_over_time(sum(g)[1m:15s])')).toBeUndefined();
  expect(await ask(gauge, 'max_over_time(sum(g)[1m:15s])', { at: 105 })).toEqual({ '{}': 9 });
  expect(await ask(gauge, 'last_over_time(g[1m])', at)).toEqual({ 'g{a="b"}': 6 });
  expect(await ask(gauge, 'predict_linear(g[31s], 60)', at)).toEqual({
    '{a="b"}': expect.closeTo(-11 / 6, 9),
  });
});

test('aggregations group by the labels that are named, or by all others', async () => {
  expect(await ask(COUNTERS, 'sum without (model) (calls_total)')).toEqual({
    '{job="a"}': 360,
    '{job="b"}': 360,
  });
  expect(await ask(COUNTERS, 'count(calls_total)')).toEqual({ '{}': 3 });
  expect(await ask(COUNTERS, 'avg by (model) (calls_total)')).toEqual({
    '{model="m1"}': 240,
    '{model="m2"}': 240,
  });
  expect(await ask(COUNTERS, 'topk(1, calls_total)')).toEqual({
    'calls_total{job="b", model="m1"}': 360,
  });
  expect(await ask(COUNTERS, 'bottomk by (model) (1, calls_total)')).toEqual({
    'calls_total{job="a", model="m1"}': 120,
    'calls_total{job="a", model="m2"}': 240,
  });
  expect(await ask(GAUGES, 'count_values("v", depth)')).toEqual({ '{v="40"}': 1, '{v="7"}': 1 });
  expect(await ask(GAUGES, 'quantile(0.25, limit)')).toEqual({ '{}': 72.5 });
  expect(await ask(GAUGES, 'stddev(limit)')).toEqual({ '{}': 5 });
  expect(await ask(GAUGES, 'group by (queue) (limit)')).toEqual({
    '{queue="x"}': 1,
    '{queue="y"}': 1,
  });
});

test('operators pair series by their labels', async () => {
  expect(await ask(GAUGES, 'depth / on (queue) group_left limit')).toEqual({
    '{host="h1", queue="x"}': 0.5,
    '{host="h2", queue="y"}': 0.1,
  });
  expect(await ask(GAUGES, 'limit - on (queue) group_right (host) depth')).toEqual({
    '{queue="x"}': 40,
    '{queue="y"}': 63,
  });
  expect(await ask(GAUGES, 'depth > 7')).toEqual({ 'depth{host="h1", queue="x"}': 40 });
  expect(await ask(GAUGES, 'depth > bool 7')).toEqual({
    '{host="h1", queue="x"}': 1,
    '{host="h2", queue="y"}': 0,
  });
  expect(await ask(GAUGES, '-2 ^ 2 + 10 % 4')).toBe(-2);
  expect(await ask(GAUGES, '2 ^ 3 ^ 2')).toBe(512);
  expect(await ask(GAUGES, 'limit and ignoring (host) depth{queue="x"}')).toEqual({
    'limit{queue="x"}': 80,
  });
  expect(await ask(GAUGES, 'limit unless on (queue) depth{queue="x"}')).toEqual({
    'limit{queue="y"}': 70,
  });
  expect(await ask(GAUGES, 'limit{queue="x"} or on (queue) depth')).toEqual({
    'limit{queue="x"}': 80,
    'depth{host="h2", queue="y"}': 7,
  });
  // 30, 34 and 38: one series, though each side has it at some steps.
  expect(
    await ask(GAUGES, 'depth{queue="x"} > 35 or depth{queue="x"} < 31', { at: 450, steps: 3 }),
  ).toEqual({ 'depth{host="h1", queue="x"}': [30, null, 38] });
  await expect(ask(COUNTERS, 'calls_total + on (job) calls_total')).rejects.toThrow(
    'many-to-many matching not allowed',
  );
  await expect(ask(COUNTERS, 'calls_total / on (model) calls_total{job="a"}')).rejects.toThrow(
    'many-to-one matching must be explicit (group_left/group_right)',
  );
});

test('labels are replaced and joined; two series with the same labels are refused', async () => {
  expect(
    await ask(GAUGES, 'label_replace(depth{queue="x"}, "n", "$2-$1", "host", "(.)(.)")'),
  ).toEqual({
    'depth{host="h1", n="1-h", queue="x"}': 40,
  });
  expect(await ask(GAUGES, 'label_join(depth{queue="x"}, "n", "/", "queue", "host")')).toEqual({
    'depth{host="h1", n="x/h1", queue="x"}': 40,
  });
  await expect(ask(GAUGES, 'label_replace(limit, "queue", "", "queue", ".*")')).rejects.toThrow(
    'two series have the same labels',
  );
});

test('labels that a query writes are bounded, and are named as the query names them', async () => {
  const nested = (calls: number, call: (of: string) => string): string =>
    range(calls, () => 0).reduce(call, 'depth{queue="x"}');
  const joined = (of: string): string => `label_join(${of}, "queue", "", "queue", "queue")`;
  const replaced = (of: string): string =>
    `label_replace(${of}, "queue", "\${1}$1", "queue", "(.*)")`;
  for (const [name, call] of [
    ['label_join', joined],
    ['label_replace', replaced],
  ] as const) {
    expect(await ask(GAUGES, `sum(${nested(15, call)})`)).toEqual({ '{}': 40 });
    await expect(ask(GAUGES, nested(60, call))).rejects.toThrow(
      `${name}: a label may have 65536 characters; write a shorter one`,
    );
  }
  const labels = Array.from({ length: 600 }, (_, at) =>
    series({ [NAME]: 'many', of: String(at) }, [1]),
  );
  const long = `label_replace(many, "to", "${'x'.repeat(8_000)}$1", "of", "(.*)")`;
  const longer = nested(3, joined).replace('depth{queue="x"}', long).replaceAll('"queue"', '"to"');
  await expect(ask(labels.slice(0, 500), `count(${longer})`, { at: 0 })).resolves.toEqual({
    '{}': 500,
  });
  await expect(ask(labels, longer, { at: 0 })).rejects.toThrow('characters of labels');
  expect(
    await ask(GAUGES, 'label_replace(depth{queue="x"}, "n", "<$constructor>", "host", ".*")'),
  ).toEqual({ 'depth{host="h1", n="<>", queue="x"}': 40 });
});

test('what is absent has the labels that its selector names', async () => {
  expect(await ask(GAUGES, 'absent(nothing{a="b", c=~"d", e="f", e="g"})')).toEqual({
    '{a="b"}': 1,
  });
  expect(await ask(GAUGES, 'absent(depth)')).toEqual({});
  expect(await ask(GAUGES, 'absent_over_time(nothing{a="b"}[5m])')).toEqual({ '{a="b"}': 1 });
  expect(await ask(GAUGES, 'scalar(depth{queue="x"}) + time() * 0')).toBe(40);
  expect(await ask(GAUGES, 'timestamp(depth{queue="x"})', { at: 610 })).toEqual({
    '{host="h1", queue="x"}': (T0 + 600_000) / 1000,
  });
  expect(await ask(GAUGES, 'hour() + minute() / 100')).toEqual({ '{}': 22.23 });
});

test('a quantile of a histogram lies in the bucket that its rank falls in', async () => {
  const histogram = [
    ['0.1', 10],
    ['0.5', 30],
    ['1', 40],
    ['+Inf', 40],
  ].map(([le, count]) => series({ [NAME]: 'd_bucket', le: String(le), m: 'x' }, [Number(count)]));
  expect(await ask(histogram, 'histogram_quantile(0.5, d_bucket)', { at: 0 })).toEqual({
    '{m="x"}': 0.3,
  });
  expect(await ask(histogram, 'histogram_quantile(1, d_bucket)', { at: 0 })).toEqual({
    '{m="x"}': 1,
  });
  expect(await ask(histogram, 'histogram_quantile(0.9, d_bucket{le!="+Inf"})', { at: 0 })).toEqual({
    '{m="x"}': Number.NaN,
  });
});

const counts = fc.array(fc.integer({ min: 0, max: 1_000 }), { minLength: 2, maxLength: 12 });

test('a sum by a label is the sum of its series, whatever they are', async () => {
  const group = fc.record({
    key: fc.constantFrom('a', 'b', 'c'),
    value: fc.integer({ min: -1e6, max: 1e6 }),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(group, { minLength: 1, maxLength: 30 }), async (groups) => {
      const all = groups.map(({ key, value }, at) =>
        series({ [NAME]: 'x', key, at: String(at) }, [value]),
      );
      const wanted: Record<string, number> = {};
      for (const { key, value } of groups) {
        const name = `{key="${key}"}`;
        wanted[name] = (wanted[name] ?? 0) + value;
      }
      expect(await ask(all, 'sum by (key) (x)', { at: 0 })).toEqual(wanted);
    }),
    { numRuns: 100 },
  );
});

test('the rate of a counter that rises evenly is its slope, at every step and range', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 1_000 }),
      fc.integer({ min: 31, max: 300 }),
      fc.integer({ min: 300, max: 590 }),
      async (slope, seconds, at) => {
        const all = [
          series(
            { [NAME]: 'c' },
            range(41, (step) => 1e6 + slope * step * 15),
          ),
        ];
        const answer = (await ask(all, `rate(c[${seconds}s])`, { at })) as Record<string, number>;
        expect(answer['{}']! * seconds).toBeLessThanOrEqual(slope * (seconds + 1));
        expect(answer['{}']! * seconds).toBeGreaterThanOrEqual(slope * (seconds - 33));
        const exact = (await ask(all, 'irate(c[5m])', { at })) as Record<string, number>;
        expect(exact['{}']).toBeCloseTo(slope, 9);
      },
    ),
    { numRuns: 100 },
  );
});

test('a quantile of a histogram rises with the quantile and stays within its bounds', () => {
  fc.assert(
    fc.property(
      counts,
      fc.float({ min: 0, max: 1, noNaN: true }),
      fc.float({ min: 0, max: 1, noNaN: true }),
      (perBucket, p, q) => {
        let count = 0;
        const buckets = () => {
          count = 0;
          return perBucket.map((own, at) => ({
            bound: at === perBucket.length - 1 ? Infinity : at + 1,
            count: (count += own),
          }));
        };
        const [low, high] = [
          bucketQuantile(Math.min(p, q), buckets()),
          bucketQuantile(Math.max(p, q), buckets()),
        ];
        if (count === 0) {
          expect(low).toBeNaN();
          return;
        }
        expect(low).toBeGreaterThanOrEqual(0);
        expect(high).toBeLessThanOrEqual(perBucket.length - 1);
        expect(low).toBeLessThanOrEqual(high);
      },
    ),
  );
});

/** Questions that are PromQL, some of which have no answer on these series. */
const question = fc.letrec<{ vector: string; scalar: string }>((tie) => {
  const selector = fc.constantFrom('calls_total', 'depth', 'limit', 'depth{queue="x"}', 'nothing');
  const overTime = fc.constantFrom('rate', 'delta', 'deriv', 'max_over_time', 'changes', 'irate');
  const call = fc.constantFrom('abs', 'sort', 'ln', 'sgn', 'absent', 'timestamp', 'hour');
  const aggregation = fc.constantFrom('sum', 'max', 'avg', 'stddev', 'count', 'group');
  const clause = fc.constantFrom('', ' by (queue)', ' without (host)', ' by (job, model)');
  const operator = fc.constantFrom('+', '/', '%', '^', 'atan2', '>', '== bool', 'and', 'unless');
  const matching = fc.constantFrom('', ' on (queue)', ' ignoring (host)', ' on (job)');
  return {
    scalar: fc.oneof(
      fc.constantFrom('1', '-2.5', 'Inf', 'time()', 'pi()'),
      tie('vector').map((vector) => `scalar(${vector})`),
    ),
    vector: fc.oneof(
      { depthSize: 'small' },
      selector,
      fc.tuple(overTime, selector).map(([name, of]) => `${name}(${of}[2m])`),
      fc.tuple(overTime, tie('vector')).map(([name, of]) => `${name}((${of})[3m:30s])`),
      fc.tuple(call, tie('vector')).map(([name, of]) => `${name}(${of})`),
      fc.tuple(aggregation, clause, tie('vector')).map(([op, by, of]) => `${op}${by} (${of})`),
      fc.tuple(tie('scalar'), tie('vector')).map(([k, of]) => `topk(${k}, ${of})`),
      fc
        .tuple(tie('vector'), operator, matching, tie('vector'))
        .map(([left, op, on, right]) => `(${left}) ${op}${on} (${right})`),
      fc.tuple(tie('vector'), tie('scalar')).map(([left, right]) => `(${left}) * ${right}`),
      tie('vector').map((of) => `label_replace(${of}, "queue", "$1", "host", "h(.)")`),
    ),
  };
});

test('every question has an answer, the same at a step as at that time alone, or a reason why not', async () => {
  const attempt = async (text: string, at: At): Promise<unknown> => {
    try {
      return await ask([...COUNTERS, ...GAUGES], text, at);
    } catch (error) {
      if (error instanceof AppError && error.code === 'QUERY_FAILED') return 'no answer';
      throw error;
    }
  };
  await fc.assert(
    fc.asyncProperty(question.vector, async (text) => {
      const steps = await attempt(text, { at: 300, steps: 3, stepS: 47 });
      const alone = await attempt(text, { at: 347 });
      if (steps === 'no answer' || alone === 'no answer') return;
      const second = Object.entries(steps as Record<string, (number | null)[]>).flatMap(
        ([labels, values]) => (values[1] === null ? [] : [[labels, values[1]] as const]),
      );
      expect(Object.fromEntries(second)).toEqual(alone);
    }),
    { numRuns: 150 },
  );
});
