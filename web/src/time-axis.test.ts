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

it('has one mark for a trace without duration', () => {
  expect(shown(0, 5)).toEqual(['0.000 0 s']);
  expect(shown(Number.NaN, 5)).toEqual(['0.000 0 s']);
});
