import { z } from 'zod';

import { answerOf, lastDayOf, limitOf, success } from './answer.ts';
import type { Api, ApiDeps } from './api-deps.ts';
import { attributeRoutes, valueCounts } from './attribute-completion.ts';
import { levelAnswer } from './log-answer.ts';
import { filterOf, isRightWay, logFilterShape } from './logs.ts';
import { principalOf } from './route-access.ts';

const histogramAnswer = z
  .object({
    from: z.int().describe('Milliseconds since 1970 UTC.'),
    to: z.int(),
    step_seconds: z.int(),
    steps: z
      .array(z.object({ start: z.int(), level: levelAnswer, count: z.int() }))
      .readonly()
      .describe('What has no records is left out.'),
  })
  .meta({ id: 'LogHistogram' });

const facetsAnswer = z
  .object({
    levels: valueCounts,
    services: valueCounts,
    agents: valueCounts,
    events: valueCounts,
  })
  .meta({ id: 'LogFacets' });

/** Overviews of the log records: over time, by what they name, and what may be asked for. */
export function logOutlineRoutes(api: Api, deps: ApiDeps): void {
  api.route({
    method: 'GET',
    url: '/api/v1/logs/histogram',
    config: { access: 'monitoring:read' },
    schema: {
      tags: ['logs'],
      summary: 'Counts log records over time, by level.',
      description: 'Without `from`, the last 24 hours before `to`; without `to`, until now.',
      querystring: isRightWay(z.strictObject({ ...logFilterShape, steps: limitOf(60, 500) })),
      response: { 200: answerOf(histogramAnswer) },
    },
    handler: async (request) => {
      const { steps: stepsMax, ...query } = request.query;
      const { fromMs, toMs } = lastDayOf(query, deps.clock.now());
      const filter = { ...filterOf(query), fromMs, toMs };
      const { project } = principalOf(request);
      const { stepSeconds, steps } = await deps.logs.countOverTime(project, filter, stepsMax);
      return success({
        from: fromMs,
        to: toMs,
        step_seconds: stepSeconds,
        steps: steps.map(({ startMs, level, count }) => ({ start: startMs, level, count })),
      });
    },
  });

  api.route({
    method: 'GET',
    url: '/api/v1/logs/facets',
    config: { access: 'monitoring:read' },
    schema: {
      tags: ['logs'],
      summary: 'Counts the levels, services, agents and events of the log records that fit.',
      description: 'What is asked of a kind itself does not narrow the values of that kind.',
      querystring: isRightWay(z.strictObject({ ...logFilterShape, limit: limitOf(20, 200) })),
      response: { 200: answerOf(facetsAnswer) },
    },
    handler: async (request) => {
      const { limit, ...query } = request.query;
      const { project } = principalOf(request);
      return success(await deps.logs.listFacets(project, filterOf(query), limit));
    },
  });
  attributeRoutes(api, {
    url: '/api/v1/logs/attributes',
    tag: 'logs',
    attributes: ['an attribute', 'attributes'],
    newest: 'log records',
    source: deps.logs,
  });
}
