import * as fc from 'fast-check';
import { expect, test } from 'vitest';

import { windowsAround } from './start-windows.ts';

test('what lies near each other is one window, what lies apart are several', () => {
  const starts = [
    { fromMs: 5_000, toMs: 5_100 },
    { fromMs: 1_000, toMs: 1_900 },
    { fromMs: 1_200, toMs: 1_300 },
    { fromMs: 2_050, toMs: 2_060 },
  ];
  expect(windowsAround(starts, 100)).toEqual([
    { fromMs: 900, toMs: 2_160 },
    { fromMs: 4_900, toMs: 5_200 },
  ]);
  expect(windowsAround([], 100)).toEqual([]);
});

test('each is held with all that is around it, by windows that do not meet', () => {
  const window = fc
    .tuple(fc.nat(10_000), fc.nat(500))
    .map(([fromMs, long]) => ({ fromMs, toMs: fromMs + long }));
  fc.assert(
    fc.property(fc.array(window), fc.nat(300), (starts, aroundMs) => {
      const windows = windowsAround(starts, aroundMs);
      for (const { fromMs, toMs } of starts) {
        const holding = windows.filter(
          (each) => each.fromMs <= fromMs - aroundMs && each.toMs >= toMs + aroundMs,
        );
        expect(holding).toHaveLength(1);
      }
      for (const [at, { fromMs }] of windows.slice(1).entries()) {
        expect(fromMs).toBeGreaterThan(windows[at]!.toMs);
      }
    }),
  );
});
