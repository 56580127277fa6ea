import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { BASELINE_METRICS, SESSION_METRICS } from '../model/baseline-metrics.ts';
import type { SessionMetric } from '../model/baseline-metrics.ts';
import { deviation, summarize } from '../model/baseline.ts';
import type { Summary } from '../model/baseline.ts';
import type { Json } from '../base/verifier.ts';
import { AppError } from '../errors.ts';
import { parseObject } from './read-session.ts';
import type { Session } from './read-session.ts';
import { asObject, numberIn } from './session-event.ts';
import { metricsOf, summarizeSession } from './session-summary.ts';
import { topSessions } from './select-sessions.ts';

/** What sessions of a project are usually like: `baseline.json` beside them. */
export interface SessionBaseline {
  readonly created_at: string;
  readonly session_count: number;
  /** The sessions it was reckoned from. */
  readonly sessions: readonly string[];
  readonly metrics: Readonly<Partial<Record<SessionMetric, Summary>>>;
}

/** Fewer sessions tell nothing of spread. */
export const MINIMUM_SESSIONS = 5;

/** Reckons the baseline from the latest ended sessions, up to `sessionsMax`; those of sub-agents are parts of others. */
export function reckonBaseline(
  sessions: readonly Session[],
  sessionsMax: number,
  nowMs: number,
): SessionBaseline {
  const ended = topSessions(sessions)
    .toReversed()
    .map((session) => ({ session, summary: summarizeSession(session) }))
    .filter(({ summary }) => summary.ended)
    .slice(0, sessionsMax);
  const values = ended.map(({ summary }) => metricsOf(summary));
  const metrics = Object.fromEntries(
    SESSION_METRICS.flatMap((name) => {
      const summary = summarize(
        values.map((each) => each[name]).filter((value) => value !== undefined),
      );
      return summary === undefined ? [] : [[name, summary] as const];
    }),
  );
  return {
    created_at: new Date(nowMs).toISOString(),
    session_count: ended.length,
    sessions: ended.map(({ session }) => session.id),
    metrics,
  };
}

const pathIn = (root: string): string => join(root, 'baseline.json');

export function writeBaseline(root: string, baseline: SessionBaseline): void {
  const draft = `${pathIn(root)}.${process.pid}`;
  writeFileSync(draft, `${JSON.stringify(baseline, null, 2)}\n`, { mode: 0o600 });
  renameSync(draft, pathIn(root));
}

/** Undefined where there is none. Throws `CONFIG_INVALID` for a file that says no baseline: it must not pass anything. */
export function readBaseline(root: string): SessionBaseline | undefined {
  const path = pathIn(root);
  if (!existsSync(path)) return undefined;
  const value = parseObject(readFileSync(path, 'utf8'));
  const metrics = asObject(value?.['metrics']);
  const known = SESSION_METRICS.map((metric) => metrics?.[metric]);
  if (metrics === undefined || !known.every((each) => each === undefined || isSummary(each))) {
    throw new AppError(
      'CONFIG_INVALID',
      `${path} is no baseline; \`signalbox baseline update\` makes it anew`,
    );
  }
  return value as unknown as SessionBaseline;
}

function isSummary(value: Json): boolean {
  const summary = asObject(value) ?? {};
  const spread = summary['standardDeviation'];
  const sizes = ['n', 'medianDeviation'].map((name) => numberIn(summary, name));
  const isSpread = spread === null || numberIn(summary, 'standardDeviation') !== undefined;
  const isPlace = ['mean', 'median'].every((name) => Number.isFinite(summary[name]));
  return isSpread && isPlace && !sizes.includes(undefined);
}

export interface MetricVerdict {
  readonly metric: SessionMetric;
  readonly title: string;
  /** Null where the session does not tell it. */
  readonly value: number | null;
  readonly mean: number | null;
  readonly stddev: number | null;
  readonly n: number;
  /** Standard deviations from the mean; null when nobody can tell. */
  readonly z: number | null;
  readonly anomalous: boolean;
  /** Why nothing can be told; '' otherwise. */
  readonly reason: string;
}

export interface BaselineVerdict {
  readonly session_id: string;
  readonly threshold: number;
  /** Null when no metric could be compared. */
  readonly anomalous: boolean | null;
  readonly metrics: readonly MetricVerdict[];
}

/** Holds a session against the baseline: unusual when any metric is farther from its mean than the threshold. */
export function checkAgainst(
  session: Session,
  baseline: SessionBaseline,
  threshold: number,
): BaselineVerdict {
  const values = metricsOf(summarizeSession(session));
  const metrics = SESSION_METRICS.map((metric): MetricVerdict => {
    const summary = baseline.metrics[metric];
    const value = values[metric];
    const { minimumSpread, title } = BASELINE_METRICS[metric];
    const rules = { minimumSamples: MINIMUM_SESSIONS, minimumSpread };
    const found = value === undefined ? undefined : deviation(value, summary, rules);
    const z = found?.kind === 'known' ? found.classic : null;
    return {
      metric,
      title,
      value: value ?? null,
      mean: summary?.mean ?? null,
      stddev: summary?.standardDeviation ?? null,
      n: summary?.n ?? 0,
      z,
      anomalous: z !== null && Math.abs(z) > threshold,
      reason:
        found === undefined
          ? 'the session does not tell it'
          : found.kind === 'unknown'
            ? found.detail
            : '',
    };
  });
  const told = metrics.filter(({ z }) => z !== null);
  return {
    session_id: session.id,
    threshold,
    anomalous: told.length === 0 ? null : told.some(({ anomalous }) => anomalous),
    metrics,
  };
}
