import { setImmediate as nextTurn } from 'node:timers/promises';

import type { Clock } from '../../base/clock.ts';
import { dayOf } from '../../model/budget.ts';
import type { AgentActivityStore } from '../../storage/agent-activity-store.ts';
import { versionsOf, type AgentVersion } from '../baselines/agent-versions.ts';
import type { Anomaly } from '../../storage/anomaly-store.ts';
import type { QualityResultStore } from '../../storage/quality-result-store.ts';
import {
  checkPoints,
  DAY_METRICS,
  dayPoints,
  runPointAt,
  RUN_METRICS,
  SERIES_UNITS,
  type BandedPoint,
  type SeriesMetric,
} from './banded-series.ts';
import { COST_OF_DAY } from './detect-days.ts';
import { COST_OF_ONE } from './detect-shift.ts';

export interface BandedSeries {
  readonly metric: SeriesMetric;
  readonly unit: (typeof SERIES_UNITS)[SeriesMetric];
  /** Rising in time. */
  readonly points: readonly BandedPoint[];
}

export interface SeriesQuestion {
  readonly metric: SeriesMetric;
  /** Milliseconds since 1970 UTC. */
  readonly fromMs: number;
  readonly toMs: number;
  /** Newest runs that are looked at at each moment; of metrics of runs. */
  readonly windowRuns: number;
  /** Of the metric `check`. */
  readonly check?: string | undefined;
  /** One of the moments, of metrics of runs: the end of a window that something was found in. */
  readonly momentMs?: number | undefined;
}

export interface SeriesReader {
  get(project: string, agent: string, question: SeriesQuestion): Promise<BandedSeries>;
  /** Which versions ran in the last ninety days. */
  listVersions(project: string, agent: string): Promise<readonly AgentVersion[]>;
  /** Around what was found; undefined of a kind that has no figure over time. */
  ofAnomaly(anomaly: Anomaly): Promise<BandedSeries | undefined>;
}

interface SeriesReaderOptions {
  readonly activity: Pick<AgentActivityStore, 'listRuns' | 'listDays'>;
  readonly results: Pick<QualityResultStore, 'count'>;
  readonly clock: Clock;
  readonly baselineDays: number;
}

const VERSION_DAYS = 90;
const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
export const SERIES_DAYS_MAX = 30;
/** Moments at which what is usual is reckoned. */
const MOMENTS_MAX = 48;
const RUNS_READ_MAX = 4_000;
const STEPS_MS = [5 * 60_000, 15 * 60_000, HOUR_MS, 2 * HOUR_MS, 6 * HOUR_MS, 12 * HOUR_MS, DAY_MS];
/** Days of which what is usual of a day is reckoned. */
const HISTORY_DAYS = 29;

export function createSeriesReader(options: SeriesReaderOptions): SeriesReader {
  const { clock } = options;
  const get: SeriesReader['get'] = async (project, agent, question) => ({
    metric: question.metric,
    unit: SERIES_UNITS[question.metric],
    points: await pointsOf(options, project, agent, question),
  });
  return {
    get,
    async listVersions(project, agent) {
      const toMs = clock.now();
      const range = { fromMs: toMs - VERSION_DAYS * DAY_MS, toMs, perAgent: RUNS_READ_MAX };
      const runs = await options.activity.listRuns(project, [agent], range);
      return versionsOf(runs.get(agent) ?? []);
    },
    ofAnomaly: async (anomaly) => {
      const question = questionOf(anomaly, clock.now());
      return question && get(anomaly.project, anomaly.agent, question);
    },
  };
}

function pointsOf(
  options: SeriesReaderOptions,
  project: string,
  agent: string,
  question: SeriesQuestion,
): Promise<readonly BandedPoint[]> {
  const { metric } = question;
  const ofRuns = RUN_METRICS.find((one) => one === metric);
  if (ofRuns !== undefined)
    return runSeries(options, { project, agent }, { ...question, metric: ofRuns });
  const ofDays = DAY_METRICS.find((one) => one === metric);
  if (ofDays !== undefined)
    return daySeries(options, { project, agent }, { ...question, metric: ofDays });
  return checkSeries(options, { project, agent }, question);
}

interface Subject {
  readonly project: string;
  readonly agent: string;
}

type Of<Metric> = SeriesQuestion & { readonly metric: Metric };

async function runSeries(
  { activity, baselineDays }: SeriesReaderOptions,
  { project, agent }: Subject,
  { metric, fromMs, toMs, windowRuns, momentMs }: Of<(typeof RUN_METRICS)[number]>,
): Promise<readonly BandedPoint[]> {
  const range = { fromMs: fromMs - baselineDays * DAY_MS, toMs, perAgent: RUNS_READ_MAX };
  const samples = (await activity.listRuns(project, [agent], range)).get(agent) ?? [];
  const points: BandedPoint[] = [];
  for (const atMs of momentsBetween(fromMs, toMs, momentMs)) {
    points.push(runPointAt(samples, metric, { atMs, windowRuns, baselineDays }));
    await nextTurn();
  }
  return points;
}

/**
 * Moments in (from, to], evenly apart, rising. With a moment among them, so that the chart has the very figure that was
 * found then; else the last is the end.
 */
export function momentsBetween(fromMs: number, toMs: number, momentMs = toMs): number[] {
  const step = STEPS_MS.find((ms) => (toMs - fromMs) / ms <= MOMENTS_MAX) ?? DAY_MS;
  const last = momentMs + Math.floor((toMs - momentMs) / step) * step;
  const count = Math.ceil((last - fromMs) / step);
  return Array.from({ length: Math.max(0, count) }, (_, at) => last - (count - 1 - at) * step);
}

async function daySeries(
  { activity }: SeriesReaderOptions,
  { project, agent }: Subject,
  { metric, fromMs, toMs }: Of<(typeof DAY_METRICS)[number]>,
): Promise<readonly BandedPoint[]> {
  const points = daysBetween(fromMs, toMs);
  const days = await activity.listDays(project, [agent], { toMs, days: points + HISTORY_DAYS });
  return dayPoints(days.get(agent) ?? [], metric, { toMs, points, historyDays: HISTORY_DAYS });
}

async function checkSeries(
  { results, baselineDays }: SeriesReaderOptions,
  { project, agent }: Subject,
  { check, fromMs, toMs }: SeriesQuestion,
): Promise<readonly BandedPoint[]> {
  const points = daysBetween(fromMs, toMs);
  const firstMs = toMs - (points + baselineDays) * DAY_MS;
  const filter = { agent, name: check, fromDay: dayOf(firstMs), toDay: dayOf(toMs) };
  const rows = await results.count(project, filter, ['day']);
  const byDay = new Map(rows.map((row) => [row.day, row]));
  const days = Array.from({ length: points + baselineDays }, (_, at) => {
    const dayMs = toMs - (points + baselineDays - 1 - at) * DAY_MS;
    const { passed = 0, failed = 0 } = byDay.get(dayOf(dayMs)) ?? {};
    const endMs = Math.min((Math.floor(dayMs / DAY_MS) + 1) * DAY_MS, toMs);
    return { endMs, judged: passed + failed, failed };
  });
  return checkPoints(days, points);
}

const daysBetween = (fromMs: number, toMs: number): number =>
  Math.max(1, Math.min(Math.ceil((toMs - fromMs) / DAY_MS), SERIES_DAYS_MAX));

/** Runs of an hour are shown within a day, days within a month; a little of what came after, too. */
function questionOf({ kind, evidence }: Anomaly, nowMs: number): SeriesQuestion | undefined {
  const { window, n, measure, more } = evidence;
  const length = window.toMs - window.fromMs;
  const around = (ms: number): Pick<SeriesQuestion, 'fromMs' | 'toMs' | 'windowRuns'> => {
    const toMs = Math.min(nowMs, window.toMs + ms / 6);
    return { fromMs: toMs - ms, toMs, windowRuns: n };
  };
  const hours = Math.min(Math.max(length * 8, DAY_MS), SERIES_DAYS_MAX * DAY_MS);
  const ofRuns = { ...around(hours), momentMs: window.toMs };
  const ofDays = around(SERIES_DAYS_MAX * DAY_MS);
  switch (kind) {
    case 'latency_shift':
      return { metric: 'duration', ...ofRuns };
    case 'error_surge':
      return { metric: 'error_rate', ...ofRuns };
    case 'behavioral_drift':
      return { metric: 'tool_mix', ...ofRuns };
    case 'cost_spike':
      if (measure === COST_OF_DAY) return { metric: 'cost_per_day', ...ofDays, toMs: window.toMs };
      return { metric: measure === COST_OF_ONE ? 'dearest_run' : 'cost', ...ofRuns };
    case 'call_frequency':
      return { metric: 'runs_per_day', ...ofDays, toMs: window.toMs };
    case 'quality_degradation':
      return { metric: 'check', ...ofDays, check: String(more['check'] ?? '') };
    case 'model_mismatch':
      return undefined;
  }
}
