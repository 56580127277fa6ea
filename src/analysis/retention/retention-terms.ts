import { z } from 'zod';

import type { RetentionKind, StoredSpell } from '../../storage/retention-store.ts';
import {
  RETENTION_DAYS_MAX,
  RUNS_DAYS_MIN,
  TELEMETRY_DAYS_MIN,
  type RetentionConfig,
} from './config.ts';

const DAY_MS = 86_400_000;
const HOLDS_MAX = 100;

const keptDays = (least: number) =>
  z.int().min(least).max(RETENTION_DAYS_MAX).nullable().default(null);

const hold = z
  .strictObject({
    /** In UTC, as `2026-11-20`, both inclusive: of when it was received. */
    from: z.iso.date(),
    /** Null: what comes from then on, without an end. */
    to: z.iso.date().nullable().default(null),
    reason: z
      .string()
      .trim()
      .min(1)
      .max(500)
      .describe('Why it must not be removed, for those who come later.'),
  })
  .refine(({ from, to }) => to === null || from <= to, {
    path: ['to'],
    error: 'must not be before from',
  });

/** What people set. Days are whole and of when something was received; null keeps it for good. */
export const retentionTerms = z
  .strictObject({
    spans_days: keptDays(TELEMETRY_DAYS_MIN).describe('Spans and their large values.'),
    log_records_days: keptDays(TELEMETRY_DAYS_MIN).describe('Log records.'),
    metrics_days: keptDays(TELEMETRY_DAYS_MIN).describe('Metrics.'),
    runs_days: keptDays(RUNS_DAYS_MIN).describe(
      'Runs with their costs and quality results, which are removed by whole months.',
    ),
    holds: z
      .array(hold)
      .max(HOLDS_MAX)
      .default([])
      .describe('What was received in these days stays, whatever the terms.'),
  })
  .meta({
    id: 'RetentionTerms',
    example: {
      spans_days: 30,
      log_records_days: 14,
      metrics_days: 90,
      runs_days: null,
      holds: [{ from: '2026-11-02', to: '2026-11-06', reason: 'Refund case 4711, until closed' }],
    },
  });

export type RetentionTerms = z.infer<typeof retentionTerms>;

export function termsOfConfig(config: RetentionConfig): RetentionTerms {
  return {
    spans_days: config.spansDays,
    log_records_days: config.logRecordsDays,
    metrics_days: config.metricsDays,
    runs_days: config.runsDays,
    holds: [],
  };
}

export function daysOf(terms: RetentionTerms, kind: RetentionKind): number | null {
  return terms[`${kind}_days`];
}

/** Whether all of it is older than is kept, and nothing of it is on hold. */
export function isDue(spell: StoredSpell, terms: RetentionTerms, nowMs: number): boolean {
  const days = daysOf(terms, spell.kind);
  return days !== null && spell.toMs <= nowMs - days * DAY_MS && !isHeld(spell, terms);
}

export function isHeld(
  { fromMs, toMs }: Pick<StoredSpell, 'fromMs' | 'toMs'>,
  { holds }: RetentionTerms,
): boolean {
  return holds.some(({ from, to }) => {
    const endMs = to === null ? Infinity : Date.parse(to) + DAY_MS;
    return fromMs < endMs && toMs > Date.parse(from);
  });
}

/**
 * Before when no span and no log record can have a large value any more: both have terms, and none is on hold. Undefined
 * where values must stay.
 */
export function valuesCutoff(terms: RetentionTerms, nowMs: number): number | undefined {
  const { spans_days: spans, log_records_days: logs, holds } = terms;
  if (spans === null || logs === null) return undefined;
  const today = Math.floor(nowMs / DAY_MS) * DAY_MS;
  const cutoff = today - Math.max(spans, logs) * DAY_MS;
  return Math.min(cutoff, ...holds.map(({ from }) => Date.parse(from)));
}
