import type { Severity } from '../../model/alert.ts';
import type { Finding } from '../../model/anomaly.ts';
import { deviation, summarize, type Summary } from '../../model/baseline.ts';
import type { RunSample } from '../../model/run-sample.ts';
import { logOf, MEDIAN_ERROR, NORMAL_SCALE, type LogSummary } from '../baselines/agent-baseline.ts';
import type { DetectionInput } from './detection-input.ts';
import { evidenceOf, namedRuns, times } from './evidence.ts';

/** Runs of the window that it takes to speak of a shift. */
export const WINDOW_RUNS_MIN = 5;
const SCORE_MIN = 4.5;
const RATIO_MIN = 1.5;
/** Of medians in logarithms: what is normal however alike the runs were. */
const LOG_SPREAD_MIN = Math.log(1.1);

interface Metric {
  readonly name: 'cost' | 'duration';
  readonly kind: Finding['kind'];
  readonly measure: string;
  readonly unit: string;
  readonly valueOf: (run: RunSample) => number | null;
}

const COST: Metric = {
  name: 'cost',
  kind: 'cost_spike',
  measure: 'cost of a run',
  unit: 'USD',
  valueOf: ({ cost }) => cost,
};

const DURATION: Metric = {
  name: 'duration',
  kind: 'latency_shift',
  measure: 'duration of a run',
  unit: 's',
  valueOf: ({ durationS }) => durationS,
};

export const detectLatencyShift = (input: DetectionInput): Finding | undefined =>
  detectShift(input, DURATION);

export const detectCostShift = (input: DetectionInput): Finding | undefined =>
  detectShift(input, COST);

/** Whether the window's median is above what medians of so many runs are. */
function detectShift(input: DetectionInput, metric: Metric): Finding | undefined {
  const usual = input.baseline?.logs[metric.name];
  if (usual === undefined || input.baseline === undefined) return undefined;
  const runs = input.window.filter((run) => metric.valueOf(run) !== null);
  const logs = summarize(runs.map((run) => logOf(metric.name, metric.valueOf(run)!)));
  if (logs === undefined || logs.n < WINDOW_RUNS_MIN) return undefined;
  const score = (logs.median - usual.summary.median) / medianError(usual, logs.n);
  const ratio = Math.exp(logs.median - usual.summary.median);
  if (score < SCORE_MIN || ratio < RATIO_MIN) return undefined;
  const [observed, baseline] = [Math.exp(logs.median), Math.exp(usual.summary.median)];
  return {
    kind: metric.kind,
    severity: severityOfRatio(ratio),
    evidence: evidenceOf(input, {
      summary: `The median ${metric.measure} is ${times(ratio)} what is usual.`,
      measure: `median ${metric.measure}`,
      unit: metric.unit,
      observed,
      baseline,
      score,
      scoreName: 'standard errors of the median, in logarithms',
      n: logs.n,
      baselineN: usual.summary.n,
      runs: namedRuns(runs.toSorted((a, b) => metric.valueOf(b)! - metric.valueOf(a)!)),
    }),
  };
}

/** Between which the median of `n` runs is as usual; beyond, it would be told of. */
export function shiftBounds(usual: LogSummary, n: number): { low: number; high: number } {
  const far = Math.max(SCORE_MIN * medianError(usual, n), Math.log(RATIO_MIN));
  const { median } = usual.summary;
  return { low: Math.exp(median - far), high: Math.exp(median + far) };
}

/** Of single runs and of whole days that stray together. */
function medianError({ summary, daySpread }: LogSummary, n: number): number {
  const spread = Math.max(summary.medianDeviation * NORMAL_SCALE, LOG_SPREAD_MIN);
  const ofRuns = MEDIAN_ERROR * spread * Math.sqrt(1 / n + 1 / summary.n);
  return Math.hypot(ofRuns, daySpread);
}

/** The measure of an anomaly that is about a single run. */
export const COST_OF_ONE = 'cost of the dearest run';
const OUTLIER_RATIO_MIN = 10;
const OUTLIER_BEYOND_MAX = 3;
const OUTLIER_EXCESS_MIN = 1;
const OUTLIER_EXCESS_CRITICAL = 50;

/** Whether a single run costs what none ever did: far beyond the dearest, and the excess is money. */
export function detectCostOutlier(input: DetectionInput): Finding | undefined {
  const usual = input.baseline?.metrics.cost;
  if (usual === undefined) return undefined;
  const [dearest] = input.window.toSorted((a, b) => (b.cost ?? 0) - (a.cost ?? 0));
  const cost = dearest?.cost ?? 0;
  const before = Math.max(usual.max, input.dearestBefore);
  const isFar = cost > usual.median * OUTLIER_RATIO_MIN && cost > before * OUTLIER_BEYOND_MAX;
  if (dearest === undefined || !isFar || cost - usual.median < OUTLIER_EXCESS_MIN) return undefined;
  const far = deviation(cost, usual, {
    minimumSamples: 2,
    minimumSpread: { absolute: 0.001, relative: 0.1 },
  });
  return {
    kind: 'cost_spike',
    severity: cost - usual.median >= OUTLIER_EXCESS_CRITICAL ? 'critical' : 'high',
    evidence: evidenceOf(input, {
      summary: `A run costs ${times(cost / Math.max(before, 1e-6))} what the dearest did before.`,
      measure: COST_OF_ONE,
      unit: 'USD',
      observed: cost,
      baseline: usual.median,
      score: far.kind === 'known' ? far.robust : null,
      scoreName: 'median deviations',
      baselineN: usual.n,
      runs: namedRuns([dearest]),
      more: { dearest_before_usd: before },
    }),
  };
}

/** What a single run may cost and not be told of. */
export function outlierBound({ median, max }: Summary, dearestBefore: number): number {
  const dearest = Math.max(max, dearestBefore);
  return Math.max(
    median * OUTLIER_RATIO_MIN,
    dearest * OUTLIER_BEYOND_MAX,
    median + OUTLIER_EXCESS_MIN,
  );
}

/** From 1.5 times on medium, as people are used to. */
export function severityOfRatio(ratio: number): Severity {
  if (ratio >= 5) return 'critical';
  return ratio >= 2.5 ? 'high' : 'medium';
}
