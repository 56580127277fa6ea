import { z } from 'zod';

import { BASELINE_RULES, type AgentBaseline } from '../analysis/baselines/agent-baseline.ts';
import { AppError } from '../errors.ts';
import { BASELINE_METRICS } from '../model/baseline-metrics.ts';
import type { Summary } from '../model/baseline.ts';
import { answerOf, idParams, isoTime, success } from './answer.ts';
import type { Api, ApiDeps } from './api-deps.ts';
import { principalOf } from './route-access.ts';

const summary = z
  .object({
    n: z.int(),
    mean: z.number(),
    stddev: z.number().nullable(),
    median: z.number(),
    /** The median distance from the median. */
    mad: z.number(),
    min: z.number(),
    max: z.number(),
    unit: z.string(),
  })
  .meta({ id: 'BaselineSummary' });

const baselineAnswer = z
  .object({
    version: z.string(),
    runs: z.int(),
    from: z.string(),
    to: z.string(),
    /** Null where no run has the value. */
    cost: summary.nullable(),
    tokens: summary.nullable(),
    duration: summary.nullable(),
    loop_length: summary.nullable(),
    /** Failed runs as a share. */
    error_rate: z.number().nullable(),
    /** Tool → its share of the calls. */
    tool_mix: z.record(z.string(), z.number()),
  })
  .meta({ id: 'AgentBaseline' });

export function baselineRoutes(api: Api, { store, baselines }: ApiDeps): void {
  api.route({
    method: 'GET',
    url: '/api/v1/agents/:id/baselines',
    config: { access: 'anomaly:read' },
    schema: {
      tags: ['anomalies'],
      summary:
        'Answers what is usual of an agent, by version, the newest first; the newest runs are left out.',
      params: idParams,
      response: {
        200: answerOf(
          z.object({
            agent_id: z.string(),
            /** When they were reckoned. */
            as_of: z.string(),
            /** Runs that a version needs; one with fewer is compared with the version before it. */
            minimum_runs: z.int(),
            versions: z.array(baselineAnswer),
          }),
        ),
      },
    },
    handler: async (request) => {
      const { project } = principalOf(request);
      const { id } = request.params;
      const agent = await store.agents.get(project, id);
      if (agent === undefined) throw new AppError('NOT_FOUND', `there is no agent ${id}`);
      const usual = await baselines.get(project, agent.name);
      return success({
        agent_id: id,
        as_of: isoTime(usual.atMs),
        minimum_runs: BASELINE_RULES.minimumRuns,
        versions: usual.baselines.map(toAnswer),
      });
    },
  });
}

function toAnswer(baseline: AgentBaseline) {
  const { metrics, tools } = baseline;
  const calls = Object.values(tools).reduce((total, count) => total + count, 0);
  return {
    version: baseline.version,
    runs: baseline.runs,
    from: isoTime(baseline.fromMs),
    to: isoTime(baseline.toMs),
    cost: toSummary('cost', metrics.cost),
    tokens: toSummary('tokens', metrics.tokens),
    duration: toSummary('duration', metrics.duration),
    loop_length: toSummary('loop_length', metrics.loop_length),
    error_rate: baseline.errorRate,
    tool_mix: Object.fromEntries(
      Object.entries(tools).map(([tool, count]) => [tool, count / calls]),
    ),
  };
}

function toSummary(metric: keyof typeof BASELINE_METRICS, given: Summary | undefined) {
  if (given === undefined) return null;
  const { n, mean, standardDeviation: stddev, median, medianDeviation: mad, min, max } = given;
  return { n, mean, stddev, median, mad, min, max, unit: BASELINE_METRICS[metric].unit };
}
