import type { AnomalyEvidence } from '../../model/anomaly.ts';
import type { RunSample } from '../../model/run-sample.ts';
import type { DetectionInput } from './detection-input.ts';

const RUNS_MAX = 10;

type Told = Pick<
  AnomalyEvidence,
  'summary' | 'measure' | 'unit' | 'observed' | 'baseline' | 'score' | 'scoreName'
> &
  Partial<AnomalyEvidence>;

/** Evidence from the window's runs, with what it does not say filled in. */
export function evidenceOf(input: DetectionInput, told: Told): AnomalyEvidence {
  const { window, baseline, nowMs } = input;
  const { observed, baseline: usual } = told;
  return {
    deviationPercent: usual === null || usual === 0 ? null : (observed / usual - 1) * 100,
    n: window.length,
    baselineN: baseline?.runs ?? 0,
    window: { fromMs: window.at(-1)?.startMs ?? nowMs, toMs: nowMs },
    version: window[0]?.version ?? '',
    baselineVersion: baseline?.version ?? '',
    runs: [],
    more: {},
    ...told,
  };
}

/** The first ten, by what makes them stand out. */
export function namedRuns(runs: readonly RunSample[]): AnomalyEvidence['runs'] {
  return runs.slice(0, RUNS_MAX).map(({ traceId, runId }) => ({ traceId, runId }));
}

/** `2.5 times`. */
export const times = (ratio: number): string => `${ratio.toPrecision(2)} times`;

export const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;
