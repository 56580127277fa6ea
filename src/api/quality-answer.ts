import { z } from 'zod';

import type { CheckSetting } from '../analysis/quality/check-setting.ts';
import { TRENDS, type Trend } from '../analysis/quality/trend.ts';
import { CHECK_IDS, QUALITY_OUTCOMES, QUALITY_SOURCES, SEVERITIES } from '../model/quality.ts';
import type { QualityResult } from '../model/quality.ts';
import { isoTime } from './answer.ts';

/** Shapes that the routes about quality have in common. */

const NS_PER_MS = 1_000_000n;

export const severity = z.enum(SEVERITIES);
export const checkId = z.enum(CHECK_IDS);
export const rate = z.number().min(0).max(1).nullable();

export const resultAnswer = z
  .object({
    trace_id: z.string().nullable(),
    run_id: z.string().nullable(),
    agent: z.string().nullable(),
    /** Who came to it. */
    source: z.enum(QUALITY_SOURCES),
    name: z.string(),
    /** Tells results of one name apart: the job, the score, the rule. */
    key: z.string().nullable(),
    severity,
    /** `scored` is neither passed nor failed; `unjudged`: there is no answer. */
    outcome: z.enum(QUALITY_OUTCOMES),
    score: z.number().nullable(),
    expected: z.string(),
    actual: z.string(),
    delta: z.number().nullable(),
    message: z.string(),
    evidence: z.object({ span_id: z.string().nullable(), value: z.string() }).nullable(),
    /** The start of the run, or when it was received. */
    at: z.string(),
  })
  .meta({
    id: 'QualityResult',
    example: {
      trace_id: '0af7651916cd43dd8448eb211c80319c',
      run_id: 'b7ad6b7169203331',
      agent: 'invoice-reader',
      source: 'check',
      name: 'subtotal_arithmetic',
      key: null,
      severity: 'HIGH',
      outcome: 'failed',
      score: 0,
      expected: '120.5',
      actual: '120',
      delta: -0.5,
      message: 'subtotal is 120 and should be 120.5.',
      evidence: { span_id: '00f067aa0ba902b7', value: '{"subtotal": 120, …' },
      at: '2026-11-20T12:00:00.000Z',
    },
  });

export function toResultAnswer(result: QualityResult): z.infer<typeof resultAnswer> {
  const { evidence } = result;
  return {
    trace_id: result.traceId || null,
    run_id: result.runId || null,
    agent: result.agent || null,
    source: result.source,
    name: result.name,
    key: result.key || null,
    severity: result.severity,
    outcome: result.outcome,
    score: result.score,
    expected: result.expected,
    actual: result.actual,
    delta: result.delta,
    message: result.message,
    evidence: evidence && { span_id: evidence.spanId || null, value: evidence.value },
    at: isoTime(Number(result.startNs / NS_PER_MS)),
  };
}

export const skippedAnswer = z
  .object({ check_id: z.string(), reason: z.string() })
  .meta({ id: 'SkippedCheck' });

export const trendAnswer = z
  .object({
    /** Of the last seven days against those before: the same within three points is stable. */
    trend: z.enum(TRENDS),
    pass_rate: rate,
    recent_pass_rate: rate,
    earlier_pass_rate: rate,
    /** Days with results, up to the latest, that lie below the rate before by more than three points. */
    decline_days: z.int(),
  })
  .meta({ id: 'QualityTrend' });

export const toTrendAnswer = (trend: Trend): z.infer<typeof trendAnswer> => ({
  trend: trend.trend,
  pass_rate: trend.rate,
  recent_pass_rate: trend.recentRate,
  earlier_pass_rate: trend.earlierRate,
  decline_days: trend.declineDays,
});

export const settingAnswer = z
  .object({
    check_id: checkId,
    summary: z.string(),
    enabled: z.boolean(),
    severity,
    params: z.record(z.string(), z.unknown()),
    /** What decided: nothing in particular, the agent's name, outputs and history, or a person. */
    origin: z.enum(['default', 'inferred', 'override']),
    reason: z.string(),
    /** Of an inference, 0 to 1. */
    confidence: z.number().nullable(),
  })
  .meta({ id: 'AgentCheck' });

export const toSettingAnswer = (setting: CheckSetting): z.infer<typeof settingAnswer> => ({
  check_id: setting.check.id,
  summary: setting.check.summary,
  enabled: setting.enabled,
  severity: setting.severity,
  params: setting.params,
  origin: setting.origin,
  reason: setting.reason,
  confidence: setting.confidence,
});
