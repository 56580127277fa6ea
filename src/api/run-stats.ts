import { z } from 'zod';

import { toDollars } from '../model/money.ts';
import type { RunDurations } from '../query/summarize-runs.ts';
import type { RunSums } from '../storage/run-statistics.ts';
import {
  answerOf,
  FROM_AFTER_TO,
  inOrder,
  lastDayOf,
  limitOf,
  nonEmptyText,
  success,
  time,
} from './answer.ts';
import type { Api, ApiDeps } from './api-deps.ts';
import { principalOf } from './route-access.ts';

const NS_PER_MS = 1e6;

const sumsShape = {
  runs: z.int(),
  failed: z.int(),
  running: z.int(),
  abandoned: z.int(),
  model_calls: z.int(),
  tool_calls: z.int(),
  retries: z.int(),
  /** Null when no run reported any. */
  input_tokens: z.number().nullable(),
  output_tokens: z.number().nullable(),
  cache_read_tokens: z.number().nullable(),
  /** Over priced calls. */
  cost_usd: z.number(),
  unpriced_calls: z.int(),
};

/** Of runs that are over, within one percent; null without any. */
const durationsShape = { p50_ms: z.number().nullable(), p95_ms: z.number().nullable() };

const statsAnswer = z
  .object({
    from: z.string(),
    to: z.string(),
    total: z.object({ ...sumsShape, ...durationsShape }),
    /** The one with most runs first. */
    agents: z.array(z.object({ agent: z.string().nullable(), ...sumsShape, ...durationsShape })),
    step_seconds: z.int(),
    /** Steps without runs are left out; `start` is milliseconds since 1970 UTC. */
    steps: z.array(z.object({ start: z.int(), ...sumsShape })),
    /** What is stored and in no run yet: the figures are still to grow. */
    behind: z.object({
      /** Traces that are due to be looked at, of all projects. */
      traces: z.int(),
      /** Uncounted ones besides: a great many wait, or they are from before the last start. */
      more: z.boolean(),
      /** For how long the first of them has been due; seconds. */
      seconds: z.number(),
    }),
  })
  .meta({ id: 'RunStats' });

export function runStatsRoutes(api: Api, deps: ApiDeps): void {
  api.route({
    method: 'GET',
    url: '/api/v1/runs/stats',
    config: { access: 'monitoring:read' },
    schema: {
      tags: ['runs'],
      summary: 'Sums up runs: all, by agent, and over time.',
      description:
        'By the time of their start. Without `from`, the last 24 hours before `to`; without `to`, until now.',
      querystring: z
        .strictObject({
          from: time.optional(),
          to: time.optional(),
          agent: nonEmptyText(256).optional(),
          steps: limitOf(48, 400),
          limit: limitOf(100, 1_000),
        })
        .refine(({ from, to }) => inOrder(from, to), FROM_AFTER_TO),
      response: { 200: answerOf(statsAnswer) },
    },
    handler: async (request) => {
      const { agent, steps: stepsMax, limit: agentsMax } = request.query;
      const { fromMs, toMs } = lastDayOf(request.query, deps.clock.now());
      const { project } = principalOf(request);
      const summary = await deps.runSummaries.summarize(
        project,
        { fromMs, toMs, agent },
        { stepsMax, agentsMax },
      );
      const { traces, more, lateMs } = deps.runAnalyzer.backlog();
      return success({
        from: new Date(fromMs).toISOString(),
        to: new Date(toMs).toISOString(),
        total: { ...toSums(summary.total), ...toDurations(summary.total) },
        agents: summary.agents.map((sums) => ({
          agent: sums.agent === '' ? null : sums.agent,
          ...toSums(sums),
          ...toDurations(sums),
        })),
        step_seconds: summary.stepSeconds,
        steps: summary.steps.map((sums) => ({ start: sums.startMs, ...toSums(sums) })),
        behind: { traces, more, seconds: lateMs / 1_000 },
      });
    },
  });
}

function toSums(sums: RunSums) {
  return {
    runs: sums.runs,
    failed: sums.failed,
    running: sums.running,
    abandoned: sums.abandoned,
    model_calls: sums.modelCalls,
    tool_calls: sums.toolCalls,
    retries: sums.retries,
    input_tokens: sums.inputTokens,
    output_tokens: sums.outputTokens,
    cache_read_tokens: sums.cacheReadTokens,
    cost_usd: toDollars(sums.cost),
    unpriced_calls: sums.callsUnpriced,
  };
}

function toDurations({ p50Ns, p95Ns }: RunDurations) {
  const toMs = (ns: number | null): number | null => (ns === null ? null : ns / NS_PER_MS);
  return { p50_ms: toMs(p50Ns), p95_ms: toMs(p95Ns) };
}
