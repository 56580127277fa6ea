import { z } from 'zod';

import { SERIES_UNITS, type SeriesMetric } from '../analysis/anomalies/banded-series.ts';
import { SERIES_DAYS_MAX, type BandedSeries } from '../analysis/anomalies/read-series.ts';
import { AppError } from '../errors.ts';
import { answerOf, idParams, isoTime, nonEmptyText, success } from './answer.ts';
import type { Api, ApiDeps } from './api-deps.ts';
import { principalOf } from './route-access.ts';

const HOUR_MS = 3_600_000;

const METRICS = Object.keys(SERIES_UNITS) as [SeriesMetric, ...SeriesMetric[]];

const seriesAnswer = z
  .object({
    metric: z.enum(METRICS),
    unit: z.string(),
    points: z.array(
      z.object({
        at: z.string(),
        /** Runs, or results, that the value is of: the newest ones up to then. */
        n: z.int(),
        value: z.number().nullable(),
        /** What was usual then, and between what the value might lie; null where too little was known. */
        usual: z.number().nullable(),
        low: z.number().nullable(),
        high: z.number().nullable(),
      }),
    ),
  })
  .meta({ id: 'BandedSeries' });

const query = z
  .strictObject({
    metric: z.enum(METRICS),
    /** The check, where the metric is one. */
    check: nonEmptyText(256).optional(),
    /** Up to now. */
    hours: z.coerce
      .number()
      .int()
      .min(1)
      .max(SERIES_DAYS_MAX * 24)
      .default(7 * 24),
    /** How many of the newest runs each value is of. */
    window_runs: z.coerce.number().int().min(5).max(100).default(30),
  })
  .refine(({ metric, check }) => (metric === 'check') === (check !== undefined), {
    path: ['check'],
    error: 'name the check with the metric check, and with no other',
  });

/** What the watch over anomalies saw, with what was usual when it looked. */
export function bandedSeriesRoutes(api: Api, { store, series, clock }: ApiDeps): void {
  api.route({
    method: 'GET',
    url: '/api/v1/anomalies/:id/series',
    config: { access: 'anomaly:read' },
    schema: {
      tags: ['anomalies'],
      summary: 'Answers the figure of an anomaly over time, with the band of what was usual then.',
      description:
        'Each value is of the runs that were newest then, as the watch looked at them. Null where the kind has no figure over time.',
      params: idParams,
      response: { 200: answerOf(seriesAnswer.nullable()) },
    },
    handler: async (request) => {
      const { id } = request.params;
      const anomaly = await store.anomalies.get(principalOf(request).project, id);
      if (anomaly === undefined) throw new AppError('NOT_FOUND', `there is no anomaly ${id}`);
      const found = await series.ofAnomaly(anomaly);
      return success(found === undefined ? null : toAnswer(found));
    },
  });

  api.route({
    method: 'GET',
    url: '/api/v1/agents/:id/baselines/series',
    config: { access: 'anomaly:read' },
    schema: {
      tags: ['anomalies'],
      summary: 'Answers a figure of an agent over time, with the band of what was usual then.',
      params: idParams,
      querystring: query,
      response: { 200: answerOf(seriesAnswer) },
    },
    handler: async (request) => {
      const { project } = principalOf(request);
      const { id } = request.params;
      const agent = await store.agents.get(project, id);
      if (agent === undefined) throw new AppError('NOT_FOUND', `there is no agent ${id}`);
      const { metric, check, hours, window_runs: windowRuns } = request.query;
      const toMs = clock.now();
      const question = { metric, check, windowRuns, fromMs: toMs - hours * HOUR_MS, toMs };
      return success(toAnswer(await series.get(project, agent.name, question)));
    },
  });
}

function toAnswer({ metric, unit, points }: BandedSeries): z.infer<typeof seriesAnswer> {
  return {
    metric,
    unit,
    points: points.map(({ atMs, ...point }) => ({ at: isoTime(atMs), ...point })),
  };
}
