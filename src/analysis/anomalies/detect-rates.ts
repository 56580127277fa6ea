import type { Severity } from '../../model/alert.ts';
import type { Finding } from '../../model/anomaly.ts';
import type { CheckCounts, DetectionInput } from './detection-input.ts';
import { WINDOW_RUNS_MIN } from './detect-shift.ts';
import { evidenceOf, namedRuns, percent } from './evidence.ts';

/** How improbable a window must be by the baseline's rate. */
const CHANCE_MAX = 2e-5;
const FAILED_MIN = 3;
export const ERROR_EXCESS_MIN = 0.05;
const QUALITY_RUNS_MIN = 20;

/** The greatest share of `n` that may fail and not be told of; 1 where any may. */
export function rateBound(
  usual: { readonly failed: number; readonly n: number },
  n: number,
  excessMin: number,
): number {
  for (let failed = 1; failed <= n; failed += 1) {
    const excess = failed / n - usual.failed / usual.n;
    if (excess >= excessMin && surgeChance({ failed, n }, usual) !== undefined) {
      return (failed - 1) / n;
    }
  }
  return 1;
}

/** Whether more of the window's runs failed than the baseline's rate explains. */
export function detectErrorSurge(input: DetectionInput): Finding | undefined {
  const { baseline, window } = input;
  if (baseline === undefined || window.length < WINDOW_RUNS_MIN) return undefined;
  const failed = window.filter((run) => run.failed);
  const counts = { failed: failed.length, n: window.length };
  const usual = { failed: baseline.failed, n: baseline.runs };
  const chance = surgeChance(counts, usual);
  const [rate, before] = [counts.failed / counts.n, usual.failed / usual.n];
  if (chance === undefined || rate - before < ERROR_EXCESS_MIN) return undefined;
  return {
    kind: 'error_surge',
    severity: severityOfRate(rate),
    evidence: evidenceOf(input, {
      summary: `${counts.failed} of ${counts.n} runs failed; ${percent(before)} is usual.`,
      measure: 'failed runs',
      unit: 'share',
      observed: rate,
      baseline: before,
      score: chance,
      scoreName: 'probability by the usual rate',
      runs: namedRuns(failed),
    }),
  };
}

/** Whether more runs failed a check since yesterday than its usual rate explains; of the check that lost most. */
export function detectQualityDegradation(input: DetectionInput): Finding | undefined {
  const lost = input.quality
    .filter(
      ({ window, baseline }) =>
        baseline.judged >= QUALITY_RUNS_MIN &&
        window.judged >= WINDOW_RUNS_MIN &&
        surgeChance(of(window), of(baseline)) !== undefined,
    )
    .map((history) => ({ ...history, lost: passing(history.baseline) - passing(history.window) }))
    .sort((a, b) => b.lost - a.lost)[0];
  if (lost === undefined || lost.lost < QUALITY_LOSS_MIN) return undefined;
  const { check, window, baseline } = lost;
  return {
    kind: 'quality_degradation',
    severity: severityOfLoss(lost.lost),
    evidence: evidenceOf(input, {
      summary: `${percent(passing(window))} of the runs pass ${check}; ${percent(passing(baseline))} is usual.`,
      measure: 'runs that pass a check',
      unit: 'share',
      observed: passing(window),
      baseline: passing(baseline),
      score: surgeChance(of(window), of(baseline)) ?? null,
      scoreName: 'probability by the usual rate',
      n: window.judged,
      baselineN: baseline.judged,
      window: { fromMs: qualityWindowStart(input.nowMs), toMs: input.nowMs },
      more: { check },
    }),
  };
}

const DAY_MS = 86_400_000;

/** Results are counted by days in UTC: those since yesterday are compared with those before. */
export function qualityWindowStart(nowMs: number): number {
  return nowMs - (nowMs % DAY_MS) - DAY_MS;
}

export const QUALITY_LOSS_MIN = 0.1;

const of = ({ failed, judged }: CheckCounts) => ({ failed, n: judged });
const passing = ({ failed, judged }: CheckCounts): number => 1 - failed / judged;

/** The chance of so many failures by the highest rate that the baseline leaves likely; undefined when it is no surge. */
function surgeChance(
  { failed, n }: { failed: number; n: number },
  usual: { failed: number; n: number },
): number | undefined {
  if (failed < FAILED_MIN) return undefined;
  const chance = binomialTail(failed, n, highestRate(usual.failed, usual.n));
  return chance <= CHANCE_MAX ? chance : undefined;
}

/** The upper end of Wilson's 95 % interval. */
export function highestRate(failed: number, n: number): number {
  const z = 1.96;
  const share = failed / n;
  const centre = share + z ** 2 / (2 * n);
  const half = z * Math.sqrt((share * (1 - share)) / n + z ** 2 / (4 * n ** 2));
  return Math.min((centre + half) / (1 + z ** 2 / n), 1);
}

/** The probability of at least `failed` of `n`, each with the probability `rate`. */
export function binomialTail(failed: number, n: number, rate: number): number {
  if (failed <= 0 || rate >= 1) return 1;
  let logTerm = n * Math.log1p(-rate);
  const logOdds = Math.log(rate) - Math.log1p(-rate);
  let tail = 0;
  for (let k = 0; k <= n; k += 1) {
    if (k >= failed) tail += Math.exp(logTerm);
    logTerm += Math.log((n - k) / (k + 1)) + logOdds;
  }
  return Math.min(tail, 1);
}

function severityOfRate(rate: number): Severity {
  if (rate >= 0.8) return 'critical';
  if (rate >= 0.5) return 'high';
  return rate >= 0.2 ? 'medium' : 'low';
}

function severityOfLoss(lost: number): Severity {
  if (lost >= 0.5) return 'critical';
  if (lost >= 0.25) return 'high';
  return lost >= 0.15 ? 'medium' : 'low';
}
