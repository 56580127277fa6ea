import { expect, it } from 'vitest';
import { nameSeries, unitOf } from './series-names.ts';

it('names series by what tells them apart', () => {
  expect(
    nameSeries(
      [
        { job: 'a', model: 'opus' },
        { job: 'a', model: 'haiku' },
      ],
      'q',
    ),
  ).toEqual(['opus', 'haiku']);
  const desks = [
    { instance: '1', job: 'a', kind: 'in', model: 'opus' },
    { instance: '2', job: 'b', kind: 'in', model: 'opus' },
    { instance: '2', job: 'b', kind: 'out', model: 'opus' },
  ];
  expect(nameSeries(desks, 'q')).toEqual(['a · in', 'b · in', 'b · out']);
  expect(nameSeries([{ job: 'a' }, {}], 'q')).toEqual(['a', 'without labels']);
  expect(nameSeries([{ job: 'a', model: 'opus' }], 'q')).toEqual(['a · opus']);
  expect(nameSeries([{}], 'sum(x)')).toEqual(['sum(x)']);
});

it('reads the unit of values off the query', () => {
  expect(unitOf('histogram_quantile(0.9, rate(x_seconds_bucket[5m]))').format(0.25)).toBe(
    '250\u00a0ms',
  );
  expect(unitOf('sum(increase(cost_USD_total[1h]))').format(2)).toBe('$2.00');
  expect(unitOf('rate(x_total[5m])')).toMatchObject({ name: 'a second' });
  expect(unitOf('x_bytes').format(2048)).toBe('2.0\u00a0kB');
  expect(unitOf('rate(x_seconds_count[5m])').format(0.12345)).toBe('0.123');
  expect(unitOf('a_bytes / b_bytes').format(0.5)).toBe('0.5');
});
