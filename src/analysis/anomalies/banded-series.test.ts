import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import type { RunSample } from '../../model/run-sample.ts';
import type { DayActivity } from '../../storage/agent-activity-store.ts';
import { baselineFor, baselinesOf } from '../baselines/agent-baseline.ts';
import { checkPoints, dayPoints, runPointAt } from './banded-series.ts';
import { windowOf } from './detect-anomalies.ts';
import { detectBehavioralDrift } from './detect-behavior.ts';
import { detectCallFrequency, detectCostOfDay } from './detect-days.ts';
import { detectErrorSurge } from './detect-rates.ts';
import { detectCostOutlier, detectCostShift, detectLatencyShift } from './detect-shift.ts';
import type { DetectionInput } from './detection-input.ts';
import { momentsBetween } from './read-series.ts';

const NOW_MS = Date.UTC(2026, 10, 20, 12);
const HOUR_MS = 3_600_000;

const runOf = (hoursAgo: number, rest: Partial<RunSample>): RunSample => ({
  traceId: 'a',
  runId: 'b',
  startMs: NOW_MS - hoursAgo * HOUR_MS,
  version: 'v1',
  failed: false,
  durationS: 1,
  cost: 0.01,
  tokens: 10,
  loopLength: 1,
  models: [],
  tools: { search: 1 },
  ...rest,
});

/** Runs now that differ from those before by as much as chance has it. */
const samples = fc
  .record({
    newest: fc.array(
      fc.record({
        durationS: fc.double({ min: 0.5, max: 20, noNaN: true }),
        cost: fc.double({ min: 0.001, max: 30, noNaN: true }),
        failed: fc.boolean(),
        tools: fc.record({ search: fc.nat(3), write: fc.nat(3) }),
      }),
      { minLength: 12, maxLength: 12 },
    ),
    before: fc.array(
      fc.record({
        durationS: fc.double({ min: 0.8, max: 1.2, noNaN: true }),
        cost: fc.double({ min: 0.008, max: 0.02, noNaN: true }),
        failed: fc.nat(9).map((nth) => nth === 0),
        tools: fc.constant({ search: 1 }),
      }),
      { minLength: 40, maxLength: 60 },
    ),
  })
  .map(({ newest, before }) => [
    ...newest.map((rest, at) => runOf(at * 0.05 + 0.01, rest)),
    ...before.map((rest, at) => runOf(2 + at, rest)),
  ]);

const AT = { atMs: NOW_MS, windowRuns: 12, baselineDays: 30 };
const DETECTORS = [
  ['duration', detectLatencyShift],
  ['cost', detectCostShift],
  ['error_rate', detectErrorSurge],
  ['tool_mix', detectBehavioralDrift],
  ['dearest_run', detectCostOutlier],
] as const;

describe('the band is drawn where the detectors begin to tell', () => {
  test.each(DETECTORS)('of %s', (metric, detect) => {
    fc.assert(
      fc.property(samples, (runs) => {
        const window = windowOf(runs, NOW_MS);
        const input: DetectionInput = {
          nowMs: NOW_MS,
          window: metric === 'dearest_run' ? window : window.slice(0, 12),
          baseline: baselineFor(baselinesOf(runs, NOW_MS), 'v1'),
          dearestBefore: 0,
          days: undefined,
          approvedModels: null,
          quality: [],
        };
        const finding = detect(input);
        const { value, usual, low, high } = runPointAt(runs, metric, AT);
        if (finding !== undefined) {
          expect([value, usual]).toEqual([finding.evidence.observed, finding.evidence.baseline]);
        }
        const isOutside = value !== null && high !== null && value > high * (1 + 1e-9);
        expect([isOutside, low! <= usual!]).toEqual([finding !== undefined, true]);
      }),
      { numRuns: 40 },
    );
  });

  test('of days', () => {
    const day = fc.record({
      runs: fc.integer({ min: 0, max: 120 }),
      cost: fc.double({ min: 0, max: 9, noNaN: true }),
    });
    fc.assert(
      fc.property(day, fc.array(day, { minLength: 28, maxLength: 28 }), (now, before) => {
        const days: DayActivity[] = [now, ...before].map((one) => ({ ...one, dearest: 0 }));
        const input = { nowMs: NOW_MS, window: [], baseline: undefined, days } as never;
        const options = { toMs: NOW_MS, points: 1, historyDays: 29 };
        const [runs] = dayPoints(days, 'runs_per_day', options);
        const outside = (point: typeof runs): boolean =>
          point!.high !== null &&
          (point!.value! < point!.low! || (point!.value! > 0 && point!.value! >= point!.high));
        expect(outside(runs)).toBe(detectCallFrequency(input) !== undefined);
        const [cost] = dayPoints(days, 'cost_per_day', options);
        expect(outside(cost)).toBe(detectCostOfDay(input) !== undefined);
      }),
      { numRuns: 100 },
    );
  });

  test('of a check, by the two days that are judged together', () => {
    const days = Array.from({ length: 20 }, (_, at) => ({
      endMs: NOW_MS + (at - 19) * 24 * HOUR_MS,
      judged: 10,
      failed: at >= 18 ? 6 : 0,
    }));
    const points = checkPoints(days, 3);
    expect(points.map(({ value, usual }) => [value, usual])).toEqual([
      [1, 1],
      [0.7, 1],
      [0.4, 1],
    ]);
    expect(points[0]!.low).toBeLessThan(1);
    expect(points[2]!.value).toBeLessThan(points[2]!.low!);
    expect(checkPoints(days.slice(0, 2), 2).map(({ low }) => low)).toEqual([null, null]);
  });
});

test('the moment of a finding is one of those that are drawn, whatever ends the chart', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 30 * 24 * 60 }),
      fc.integer({ min: 0, max: 24 * 60 }),
      (minutes, later) => {
        const [foundMs, toMs] = [NOW_MS - later * 60_000, NOW_MS];
        const fromMs = foundMs - minutes * 60_000;
        const moments = momentsBetween(fromMs, toMs, foundMs);
        const [first, second] = moments;
        const step = second === undefined ? 24 * HOUR_MS : second - first!;
        expect(moments).toContain(foundMs);
        expect(first).toBeGreaterThan(fromMs);
        expect(moments.at(-1)).toBeGreaterThan(toMs - step);
        expect(moments.at(-1)).toBeLessThanOrEqual(toMs);
        expect(momentsBetween(fromMs, toMs).at(-1)).toBe(toMs);
      },
    ),
  );
});

test('nothing is said of what was not known', () => {
  expect(runPointAt([], 'duration', AT)).toEqual({
    atMs: NOW_MS,
    n: 0,
    value: null,
    usual: null,
    low: null,
    high: null,
  });
});
