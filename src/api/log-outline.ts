import { z } from 'zod';

import { answerOf, limitOf, nonEmptyText, success, text, time } from './answer.ts';
import type { Api, ApiDeps } from './api-deps.ts';
import { levelAnswer } from './log-answer.ts';
import { filterOf, isRightWay, logFilterShape } from './logs.ts';
import { principalOf } from './route-access.ts';
import { valueCounts } from './trace-outline.ts';

const DAY_MS = 86_400_000;

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
      const toMs = query.to ?? deps.clock.now();
      const fromMs = query.from ?? toMs - DAY_MS;
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
  completionRoutes(api, deps);
}

function completionRoutes(api: Api, deps: ApiDeps): void {
  const shape = { from: time.optional(), q: text(256).default(''), limit: limitOf(20, 200) };
  api.route({
    method: 'GET',
    url: '/api/v1/logs/attributes',
    config: { access: 'monitoring:read' },
    schema: {
      tags: ['logs'],
      summary: 'Finds keys of attributes, among the newest log records.',
      querystring: z.strictObject(shape),
      response: { 200: answerOf(valueCounts) },
    },
    handler: async (request) => {
      const { from: fromMs, q: part, limit } = request.query;
      const query = { fromMs, part, limit };
      return success(await deps.logs.findAttributeKeys(principalOf(request).project, query));
    },
  });

  api.route({
    method: 'GET',
    url: '/api/v1/logs/attributes/values',
    config: { access: 'monitoring:read' },
    schema: {
      tags: ['logs'],
      summary: 'Finds values of an attribute, among the newest log records.',
      querystring: z.strictObject({ ...shape, key: nonEmptyText(256) }),
      response: { 200: answerOf(valueCounts) },
    },
    handler: async (request) => {
      const { from: fromMs, q: part, key, limit } = request.query;
      const query = { fromMs, key, part, limit };
      return success(await deps.logs.findAttributeValues(principalOf(request).project, query));
    },
  });
}
