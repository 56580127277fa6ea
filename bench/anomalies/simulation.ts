import {
  baselineFor,
  baselinesOf,
  type AgentBaseline,
} from '../../src/analysis/baselines/agent-baseline.ts';
import { detectAnomalies, windowOf } from '../../src/analysis/anomalies/detect-anomalies.ts';
import { mulberry32 } from '../../src/cli/demo/random.ts';
import type { AnomalyKind } from '../../src/model/anomaly.ts';
import type { RunSample } from '../../src/model/run-sample.ts';
import type { DayActivity } from '../../src/storage/agent-activity-store.ts';
import { FIRST_DAY_MS, makeRuns, planAgent, type Incident } from './agent-days.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Of telling the same again: the anomaly stands until it was not seen for a day. */
const QUIET_MS = DAY_MS;
const HISTORY_DAYS = 30;
const BASELINE_RUNS = 1_000;

export const EXPECTED: Readonly<Record<Exclude<Incident, 'none'>, AnomalyKind>> = {
  slow: 'latency_shift',
  dear: 'cost_spike',
  'one dear run': 'cost_spike',
  failing: 'error_surge',
  many: 'call_frequency',
  silent: 'call_frequency',
  'other tools': 'behavioral_drift',
};

export interface SimulationOptions {
  readonly seed: number;
  readonly agents: number;
  /** Runs of an agent on a weekday, from and to. */
  readonly runsPerDay: readonly [number, number];
  /** Days that are watched, after four weeks of history. */
  readonly days: number;
  readonly incident: Incident;
}

export interface SimulationResult {
  readonly agentDays: number;
  readonly runs: number;
  /** Anomalies opened, by kind; before the incident when there is one. */
  readonly falseAlarms: Readonly<Partial<Record<AnomalyKind, number>>>;
  /** Hours from the incident to its anomaly, for each agent where it was found within three days. */
  readonly foundAfterHours: readonly number[];
  /** Agents whose incident had run for a day at the end, and had runs where it needs any. */
  readonly struck: number;
}

/** Watches made-up agents as the server does: the window after every quarter of an hour with runs, the rest by the hour. */
export function simulate(options: SimulationOptions): SimulationResult {
  const falseAlarms: Partial<Record<AnomalyKind, number>> = {};
  const found: number[] = [];
  let [runs, struck] = [0, 0];
  const startMs = FIRST_DAY_MS + 28 * DAY_MS;
  const random = mulberry32(options.seed);
  for (let agent = 0; agent < options.agents; agent += 1) {
    const plan = planAgent(random, options.runsPerDay);
    // On a Wednesday at ten, in the first week that is watched.
    const incidentMs =
      options.incident === 'none' ? Number.POSITIVE_INFINITY : startMs + 2 * DAY_MS + 10 * HOUR_MS;
    const all = makeRuns(plan, options.seed * 7_919 + agent, {
      days: 28 + options.days,
      incidentMs,
      incident: options.incident,
    });
    runs += all.length;
    const opened = watch(all, { startMs, endMs: startMs + options.days * DAY_MS });
    for (const { kind, atMs } of opened) {
      if (atMs < incidentMs) falseAlarms[kind] = (falseAlarms[kind] ?? 0) + 1;
    }
    if (options.incident === 'none') continue;
    const hits = all.filter((run) => run.startMs >= incidentMs).length;
    if (hits === 0 && options.incident !== 'silent') continue;
    struck += 1;
    const expected = EXPECTED[options.incident];
    const first = opened.find(({ kind, atMs }) => kind === expected && atMs >= incidentMs);
    if (first !== undefined && first.atMs - incidentMs <= 3 * DAY_MS) {
      found.push((first.atMs - incidentMs) / HOUR_MS);
    }
  }
  const agentDays = options.agents * options.days;
  return { agentDays, runs, falseAlarms, foundAfterHours: found, struck };
}

interface Opened {
  readonly kind: AnomalyKind;
  readonly atMs: number;
}

function watch(all: readonly RunSample[], span: { startMs: number; endMs: number }): Opened[] {
  const opened: Opened[] = [];
  const seen = new Map<AnomalyKind, number>();
  let baselines: readonly AgentBaseline[] = [];
  let baselineMs = Number.NEGATIVE_INFINITY;
  let dearestBefore = 0;
  let before = 0;
  for (let nowMs = span.startMs; nowMs <= span.endMs; nowMs += HOUR_MS / 4) {
    const end = lowerBound(all, nowMs);
    const onTheHour = nowMs % HOUR_MS === 0;
    if (end === before && !onTheHour) continue;
    before = end;
    const newest = all.slice(Math.max(0, end - BASELINE_RUNS), end).reverse();
    // The server reckons them by the hour; twice a day shows the same, and lets thousands of days be looked at.
    if (nowMs - baselineMs >= 12 * HOUR_MS) {
      const recent = newest.filter((run) => run.startMs >= nowMs - HISTORY_DAYS * DAY_MS);
      baselines = baselinesOf(recent, nowMs);
      baselineMs = nowMs;
      // Of the same runs and days as the server asks for, the last hour left out.
      const from = lowerBound(all, nowMs - 29 * DAY_MS);
      const known = all.slice(from, lowerBound(all, nowMs - HOUR_MS));
      dearestBefore = known.reduce((most, { cost }) => Math.max(most, cost ?? 0), 0);
    }
    const window = windowOf(newest, nowMs);
    const findings = detectAnomalies({
      nowMs,
      window,
      baseline: baselineFor(baselines, window[0]?.version ?? ''),
      dearestBefore,
      days: onTheHour ? daysBefore(all, nowMs) : undefined,
      approvedModels: null,
      quality: [],
    });
    for (const { kind } of findings) {
      const last = seen.get(kind) ?? Number.NEGATIVE_INFINITY;
      if (nowMs - last > QUIET_MS) opened.push({ kind, atMs: nowMs });
      seen.set(kind, nowMs);
    }
  }
  return opened;
}

function daysBefore(all: readonly RunSample[], nowMs: number): DayActivity[] {
  return Array.from({ length: 29 }, (_, day) => {
    const [from, to] = [nowMs - (day + 1) * DAY_MS, nowMs - day * DAY_MS];
    const runs = all.slice(lowerBound(all, from), lowerBound(all, to));
    const costs = runs.map(({ cost }) => cost ?? 0);
    const cost = costs.reduce((sum, one) => sum + one, 0);
    return {
      runs: runs.length,
      cost,
      dearest: costs.reduce((most, one) => Math.max(most, one), 0),
    };
  });
}

/** How many runs, oldest first, began before the moment. */
function lowerBound(all: readonly RunSample[], ms: number): number {
  let [low, high] = [0, all.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (all[middle]!.startMs < ms) low = middle + 1;
    else high = middle;
  }
  return low;
}
