import { expect, it } from 'vitest';
import { axisTicks } from './time-axis.ts';

const shown = (durationNs: number, ticksMax: number) =>
  axisTicks(durationNs, ticksMax).map(
    (tick) => `${tick.at.toFixed(3)} ${tick.label.replaceAll('\u00a0', ' ')}`,
  );

it('marks round times', () => {
  expect(shown(31e9, 5)).toEqual(['0.000 0 s', '0.323 10 s', '0.645 20 s', '0.968 30 s']);
  expect(shown(2.5e6, 5)).toEqual([
    '0.000 0 s',
    '0.200 500 µs',
    '0.400 1 ms',
    '0.600 1.5 ms',
    '0.800 2 ms',
    '1.000 2.5 ms',
  ]);
});

it.each([
  [600e9, 5, ['0 s', '2 min', '4 min', '6 min', '8 min', '10 min']],
  [600e9, 3, ['0 s', '5 min', '10 min']],
  [95e9, 5, ['0 s', '20 s', '40 s', '1 min', '1 min 20 s']],
  [130e9, 5, ['0 s', '30 s', '1 min', '1 min 30 s', '2 min']],
  [5 * 3600e9, 5, ['0 s', '1 h', '2 h', '3 h', '4 h', '5 h']],
  [90 * 86_400e9, 3, ['0 s', '50 d']],
])('marks %s ns as a clock does', (durationNs, ticksMax, labels) => {
  expect(
    axisTicks(durationNs, ticksMax).map((tick) => tick.label.replaceAll('\u00a0', ' ')),
  ).toEqual(labels);
});

it('has one mark for a trace without duration', () => {
  expect(shown(0, 5)).toEqual(['0.000 0 s']);
  expect(shown(Number.NaN, 5)).toEqual(['0.000 0 s']);
});
