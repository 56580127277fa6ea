import { SEVERITIES } from '../../model/alert.ts';
import type { AnomalyKind, Finding } from '../../model/anomaly.ts';
import type { RunSample } from '../../model/run-sample.ts';
import { detectBehavioralDrift, detectModelMismatch } from './detect-behavior.ts';
import { detectCallFrequency, detectCostOfDay } from './detect-days.ts';
import { detectErrorSurge, detectQualityDegradation } from './detect-rates.ts';
import { detectCostOutlier, detectCostShift, detectLatencyShift } from './detect-shift.ts';
import type { DetectionInput } from './detection-input.ts';

/** Of the newest runs, looked at in windows of several lengths. */
const OF_RUNS = [
  detectCostShift,
  detectLatencyShift,
  detectErrorSurge,
  detectBehavioralDrift,
  detectModelMismatch,
];
const OF_ALL = [detectCostOutlier, detectCostOfDay, detectCallFrequency, detectQualityDegradation];

/** What is out of the ordinary, one finding of a kind: the most severe, of the shortest window that shows it. */
export function detectAnomalies(input: DetectionInput): readonly Finding[] {
  const worst = new Map<AnomalyKind, Finding>();
  const note = (finding: Finding | undefined): void => {
    if (finding === undefined) return;
    const known = worst.get(finding.kind);
    const isWorse =
      known === undefined ||
      SEVERITIES.indexOf(finding.severity) > SEVERITIES.indexOf(known.severity);
    if (isWorse) worst.set(finding.kind, finding);
  };
  for (const length of windowLengths(input)) {
    const window = input.window.slice(0, length);
    for (const detect of OF_RUNS) note(detect({ ...input, window }));
  }
  for (const detect of OF_ALL) note(detect(input));
  return [...worst.values()];
}

const WINDOW_MS = 3_600_000;
const WINDOW_RUNS = 10;
/** Few runs show a change that is large at once, many show a lesser one. */
const LONGER_WINDOWS = [30, 100];
export const WINDOW_RUNS_MAX = 100;
/** Runs that are older say nothing about now. */
export const WINDOW_AGE_MAX_MS = 72 * 3_600_000;

/** Runs of the last hour but no fewer than ten, and the newest thirty and hundred. */
function windowLengths({ window, nowMs }: DetectionInput): readonly number[] {
  const inHour = window.filter(({ startMs }) => startMs >= nowMs - WINDOW_MS).length;
  const lengths = [Math.max(inHour, WINDOW_RUNS), ...LONGER_WINDOWS];
  return [...new Set(lengths.map((length) => Math.min(length, window.length)))].sort(
    (a, b) => a - b,
  );
}

/** Of runs newest first: those of the newest version and the last three days, at most a hundred. */
export function windowOf(samples: readonly RunSample[], nowMs: number): readonly RunSample[] {
  const version = samples[0]?.version;
  const end = samples.findIndex(
    (run) => run.version !== version || run.startMs < nowMs - WINDOW_AGE_MAX_MS,
  );
  return samples.slice(0, Math.min(end < 0 ? samples.length : end, WINDOW_RUNS_MAX));
}
