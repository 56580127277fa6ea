import { expect, it } from 'vitest';
import { fill, queryFor, READY_QUERIES, stepFor, windowFor } from './queries.ts';

const HOUR_MS = 3_600_000;

it('asks what fits the type of a metric', () => {
  const ask = (type: Parameters<typeof queryFor>[0]['type'], monotonic = false) =>
    queryFor({ type, monotonic, prometheus_name: 'x' }, HOUR_MS);
  expect(ask('gauge')).toBe('x');
  expect(ask('sum')).toBe('sum by (service_name) (x)');
  expect(ask('sum', true)).toBe('sum by (service_name) (rate(x[5m]))');
  expect(ask('histogram')).toBe(
    'histogram_quantile(0.95, sum by (le, service_name) (rate(x_bucket[5m])))',
  );
});

it('widens the range of rates and the step with the time on show', () => {
  expect([1, 6, 24, 100, 720].map((hours) => windowFor(hours * HOUR_MS))).toEqual([
    '5m',
    '10m',
    '30m',
    '2h',
    '12h',
  ]);
  expect([0.25, 1, 24, 720].map((hours) => stepFor(hours * HOUR_MS) / 1000)).toEqual([
    5, 15, 600, 21_600,
  ]);
  const [first] = READY_QUERIES[0]!.queries;
  expect(fill(first!.query, HOUR_MS)).toContain('_sum[5m]');
});
