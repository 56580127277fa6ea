import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import type { RunSample } from '../../model/run-sample.ts';
import type { DayActivity } from '../../storage/agent-activity-store.ts';
import { baselineFor, baselinesOf } from '../baselines/agent-baseline.ts';
import { detectAnomalies, windowOf } from './detect-anomalies.ts';
import { familyOf } from './detect-behavior.ts';
import { binomialTail, highestRate } from './detect-rates.ts';
import type { DetectionInput } from './detection-input.ts';

const NOON_MS = Date.UTC(2026, 10, 20, 12);
const HOUR_MS = 3_600_000;

let ids = 0;
function runOf(hoursAgo: number, rest: Partial<RunSample> = {}): RunSample {
  const id = (ids += 1).toString(16);
  return {
    traceId: id.padStart(32, '0'),
    runId: id.padStart(16, '0'),
    startMs: NOON_MS - hoursAgo * HOUR_MS,
    version: 'v1',
    failed: false,
    durationS: 2,
    cost: 0.01,
    tokens: 100,
    loopLength: 1,
    models: ['gpt-4o'],
    tools: { search: 2, read: 1 },
    ...rest,
  };
}

/** A hundred runs of the last ten days, all alike unless told otherwise; newest first. */
const usual = (rest: (index: number) => Partial<RunSample> = () => ({})): RunSample[] =>
  Array.from({ length: 100 }, (_, index) => runOf(3 + index * 2.4, rest(index)));

function inputOf(window: RunSample[], before: RunSample[], rest: Partial<DetectionInput> = {}) {
  const samples = [...window, ...before];
  const newest = windowOf(samples, NOON_MS);
  const baselines = baselinesOf(samples, NOON_MS);
  return {
    nowMs: NOON_MS,
    window: newest,
    baseline: baselineFor(baselines, newest[0]?.version ?? ''),
    dearestBefore: 0,
    days: undefined,
    approvedModels: null,
    quality: [],
    ...rest,
  };
}

const newest = (count: number, rest: (index: number) => Partial<RunSample>): RunSample[] =>
  Array.from({ length: count }, (_, index) => runOf(index * 0.05, rest(index)));

const kindsOf = (input: DetectionInput): string[] =>
  detectAnomalies(input).map(({ kind, severity }) => `${kind} ${severity}`);

describe('windows and baselines', () => {
  test('the window is the newest hundred runs of the last three days, of one version', () => {
    const runs = Array.from({ length: 120 }, (_, index) => runOf(index * 0.01));
    expect(windowOf(runs, NOON_MS)).toEqual(runs.slice(0, 100));
    expect(windowOf(usual(), NOON_MS)).toHaveLength(29);
    expect(windowOf([runOf(1), runOf(2, { version: 'v0' })], NOON_MS)).toHaveLength(1);
    expect(windowOf([runOf(80)], NOON_MS)).toEqual([]);
  });

  test('a baseline leaves the newest out, and takes twenty runs', () => {
    const samples = [...newest(5, () => ({})), ...usual()];
    const [baseline] = baselinesOf(samples, NOON_MS);
    expect(baseline).toMatchObject({
      version: 'v1',
      runs: 95,
      fromMs: samples.at(-1)!.startMs,
      toMs: samples[10]!.startMs,
      failed: 0,
      errorRate: 0,
      tools: { search: 190, read: 95 },
      runsWithTools: 95,
    });
    expect(baselinesOf(usual().slice(0, 29), NOON_MS)).toEqual([]);
    expect(baselinesOf(usual().slice(0, 30), NOON_MS)).toHaveLength(1);
  });

  test('a version with too few runs is compared with the one before it, and the evidence says so', () => {
    const slow = newest(6, () => ({ version: 'v2', durationS: 9 }));
    const [finding] = detectAnomalies(inputOf(slow, usual()));
    expect(finding!.evidence).toMatchObject({ version: 'v2', baselineVersion: 'v1' });
  });

  test('nothing is found without a baseline', () => {
    expect(
      detectAnomalies(
        inputOf(
          newest(10, () => ({ durationS: 99 })),
          [],
        ),
      ),
    ).toEqual([]);
  });
});

describe('shifts', () => {
  test('finds runs that take longer, though those before were all alike, and names them', () => {
    const slow = newest(10, (index) => ({ durationS: 6 + index / 10 }));
    const [finding, ...others] = detectAnomalies(inputOf(slow, usual()));
    expect(others).toEqual([]);
    expect(finding).toEqual({
      kind: 'latency_shift',
      severity: 'high',
      evidence: {
        summary: 'The median duration of a run is 3.2 times what is usual.',
        measure: 'median duration of a run',
        unit: 's',
        observed: expect.closeTo(6.45, 2),
        baseline: 2,
        score: expect.any(Number),
        scoreName: 'standard errors of the median, in logarithms',
        deviationPercent: expect.closeTo(222.5, 0),
        n: 10,
        baselineN: 100,
        window: { fromMs: slow.at(-1)!.startMs, toMs: NOON_MS },
        version: 'v1',
        baselineVersion: 'v1',
        runs: slow.toReversed().map(({ traceId, runId }) => ({ traceId, runId })),
        more: {},
      },
    });
  });

  test('does not mind runs that are faster, a little slower, or without an end', () => {
    for (const durationS of [0.1, 2.6, null]) {
      expect(
        kindsOf(
          inputOf(
            newest(10, () => ({ durationS })),
            usual(),
          ),
        ),
      ).toEqual([]);
    }
  });

  test('finds dearer runs, and one that costs what none ever did', () => {
    expect(
      kindsOf(
        inputOf(
          newest(10, () => ({ cost: 0.02 })),
          usual(),
        ),
      ),
    ).toEqual(['cost_spike medium']);
    const one = newest(10, (index) => ({ cost: index === 4 ? 3 : 0.01 }));
    const [finding] = detectAnomalies(inputOf(one, usual()));
    expect([finding!.kind, finding!.severity, finding!.evidence.runs]).toEqual([
      'cost_spike',
      'high',
      [{ traceId: one[4]!.traceId, runId: one[4]!.runId }],
    ]);
    const before = usual((index) => ({ cost: index === 50 ? 2 : 0.01 }));
    expect(kindsOf(inputOf(one, before))).toEqual([]);
  });
});

describe('days', () => {
  type Day = Omit<DayActivity, 'dearest'>;
  const days = (now: Day, before: (index: number) => Day): DayActivity[] =>
    [now, ...Array.from({ length: 28 }, (_, index) => before(index + 1))].map((day) => ({
      ...day,
      dearest: 0,
    }));
  const daysOf = (given: DayActivity[]) => inputOf([], [], { days: given });

  test('finds a day with more runs than the busiest, and one that is quieter than its weekday ever was', () => {
    const weekly = (index: number) => ({ runs: index % 7 < 5 ? 100 + index : 10, cost: 0 });
    expect(kindsOf(daysOf(days({ runs: 400, cost: 0 }, weekly)))).toEqual(['call_frequency high']);
    expect(kindsOf(daysOf(days({ runs: 30, cost: 0 }, weekly)))).toEqual(['call_frequency medium']);
    expect(kindsOf(daysOf(days({ runs: 0, cost: 0 }, weekly)))).toEqual(['call_frequency high']);
    expect(kindsOf(daysOf(days({ runs: 140, cost: 0 }, weekly)))).toEqual([]);
    expect(kindsOf(daysOf(days({ runs: 90, cost: 0 }, weekly)))).toEqual([]);
  });

  test('does not take the days before an agent existed for quiet ones', () => {
    const young = (index: number) => ({ runs: index <= 5 ? 100 : 0, cost: 0 });
    expect(kindsOf(daysOf(days({ runs: 400, cost: 0 }, young)))).toEqual([]);
  });

  test('finds a day that costs more than any', () => {
    const before = (index: number) => ({ runs: 1, cost: 10 + (index % 3) });
    expect(kindsOf(daysOf(days({ runs: 1, cost: 40 }, before)))).toEqual(['cost_spike high']);
    expect(kindsOf(daysOf(days({ runs: 1, cost: 15 }, before)))).toEqual([]);
    const cheap = (index: number) => ({ runs: 1, cost: 0.01 + index / 1e4 });
    expect(kindsOf(daysOf(days({ runs: 1, cost: 0.5 }, cheap)))).toEqual([]);
  });
});

describe('rates', () => {
  test('finds that more runs fail than ever did, and names them', () => {
    const failing = newest(10, (index) => ({ failed: index % 2 === 0 }));
    const [finding] = detectAnomalies(inputOf(failing, usual()));
    expect(finding).toMatchObject({
      kind: 'error_surge',
      severity: 'high',
      evidence: { observed: 0.5, baseline: 0, summary: '5 of 10 runs failed; 0.0 % is usual.' },
    });
    expect(finding!.evidence.runs).toHaveLength(5);
  });

  test('does not mind failures that are usual, or two of them', () => {
    const half = usual((index) => ({ failed: index % 2 === 0 }));
    expect(
      kindsOf(
        inputOf(
          newest(10, (index) => ({ failed: index < 7 })),
          half,
        ),
      ),
    ).toEqual([]);
    expect(
      kindsOf(
        inputOf(
          newest(10, (index) => ({ failed: index < 2 })),
          usual(),
        ),
      ),
    ).toEqual([]);
  });

  test('finds that fewer runs pass their checks', () => {
    const history = {
      check: 'source_cited',
      window: { judged: 20, failed: 10 },
      baseline: { judged: 200, failed: 10 },
    };
    const lesser = { ...history, check: 'error_free', window: { judged: 20, failed: 8 } };
    const quality = [lesser, history];
    const [finding] = detectAnomalies(inputOf([], [], { quality }));
    expect(finding).toMatchObject({
      kind: 'quality_degradation',
      severity: 'high',
      evidence: { observed: 0.5, baseline: 0.95, more: { check: 'source_cited' } },
    });
    const few = { ...history, baseline: { judged: 19, failed: 0 } };
    expect(kindsOf(inputOf([], [], { quality: [few] }))).toEqual([]);
  });

  test('binomial tails are as by hand, and stay probabilities', () => {
    expect(binomialTail(2, 3, 0.5)).toBeCloseTo(0.5, 12);
    expect(binomialTail(5, 5, 0.1)).toBeCloseTo(1e-5, 15);
    expect(binomialTail(0, 5, 0.1)).toBe(1);
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 500 }),
        fc.integer({ min: 0, max: 500 }),
        fc.double({ min: 1e-6, max: 1, noNaN: true }),
        (n, failed, rate) => {
          const tail = binomialTail(Math.min(failed, n), n, rate);
          expect(tail >= 0 && tail <= 1).toBe(true);
          if (failed < n)
            expect(binomialTail(failed + 1, n, rate)).toBeLessThanOrEqual(tail + 1e-9);
        },
      ),
    );
    expect(highestRate(0, 100)).toBeCloseTo(0.037, 3);
  });
});

describe('behavior', () => {
  test('finds other tools, and tells which', () => {
    const other = newest(12, () => ({ tools: { search: 1, delete_file: 3 } }));
    const [finding] = detectAnomalies(inputOf(other, usual()));
    expect(finding).toMatchObject({
      kind: 'behavioral_drift',
      severity: 'critical',
      evidence: {
        more: { tool: 'delete_file', share: 0.75, share_before: 0, new_tools: 'delete_file' },
      },
    });
    expect(
      kindsOf(
        inputOf(
          newest(9, () => ({ tools: { other: 1 } })),
          [],
        ),
      ),
    ).toEqual([]);
  });

  test('does not mind the same tools in the same shares', () => {
    const same = newest(12, (index) => ({ tools: { search: index % 2 === 0 ? 3 : 1, read: 1 } }));
    expect(kindsOf(inputOf(same, usual()))).toEqual([]);
  });

  test('finds models that are not approved; another release of one that is weighs little', () => {
    const mixed = newest(10, (index) => ({ models: [index === 0 ? 'claude-x' : 'gpt-4o'] }));
    const approvedModels = ['gpt-4o'];
    expect(kindsOf(inputOf(mixed, usual(), { approvedModels }))).toEqual(['model_mismatch high']);
    expect(kindsOf(inputOf(mixed, usual()))).toEqual([]);
    const release = newest(10, () => ({ models: ['gpt-4o-2024-08-06'] }));
    expect(kindsOf(inputOf(release, usual(), { approvedModels }))).toEqual(['model_mismatch low']);
  });

  test.each([
    ['gpt-4o-2024-08-06', 'gpt-4o'],
    ['claude-3-5-sonnet-20241022', 'claude-3-5-sonnet'],
    ['anthropic/claude-3-5-sonnet-latest', 'claude-3-5-sonnet'],
    ['gemini-2.0-flash', 'gemini-2.0-flash'],
    ['gpt-4-0613', 'gpt-4'],
  ])('%s is of the family %s', (model, family) => {
    expect(familyOf(model)).toBe(family);
  });
});
