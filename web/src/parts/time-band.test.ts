import { expect, it } from 'vitest';
import { outsideOf } from './time-band.ts';

it('says which values lie outside of what is usual, and nothing where that is not known', () => {
  const band = { low: [1, 1, null, 1, 1], high: [2, 2, 2, null, 2] };
  expect(outsideOf(band, [0.5, 1, 9, 9, 2.1])).toEqual([0, 4]);
  expect(outsideOf(band, [null, 2, 9, 9, null])).toEqual([]);
});
