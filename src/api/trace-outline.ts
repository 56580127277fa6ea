import { z } from 'zod';

import { answerOf, lastDayOf, limitOf, success, time } from './answer.ts';
import type { Api, ApiDeps } from './api-deps.ts';
import { attributeRoutes, completionShape, valueCounts } from './attribute-completion.ts';
import { principalOf } from './route-access.ts';
import { SPAN_FIELDS } from '../storage/trace-store.ts';
import { filterOf, isRightWay, traceFilterShape } from './traces.ts';

const histogramAnswer = z
  .object({
    from: z.int().describe('Milliseconds since 1970 UTC.'),
    to: z.int(),
    step_seconds: z.int(),
    /** Steps without traces are left out. */
    steps: z.array(z.object({ start: z.int(), traces: z.int(), failed: z.int() })).readonly(),
  })
  .meta({ id: 'TraceHistogram' });

const facetsAnswer = z
  .object({
    agents: valueCounts,
    services: valueCounts,
    models: valueCounts,
    tools: valueCounts,
    operations: valueCounts,
    providers: valueCounts,
    frameworks: valueCounts,
    /** `ok` and `error`. */
    statuses: valueCounts,
  })
  .meta({ id: 'TraceFacets' });

/** Overviews of the traces: over time, by what they name, and what may be asked for. */
export function traceOutlineRoutes(api: Api, deps: ApiDeps): void {
  api.route({
    method: 'GET',
    url: '/api/v1/traces/histogram',
    config: { access: 'monitoring:read' },
    schema: {
      tags: ['traces'],
      summary: 'Counts traces over time.',
      description:
        'A trace is counted where its root span started. Without `from`, the last 24 hours before `to`; without `to`, until now.',
      querystring: isRightWay(z.strictObject({ ...traceFilterShape, steps: limitOf(60, 500) })),
      response: { 200: answerOf(histogramAnswer) },
    },
    handler: async (request) => {
      const { steps: stepsMax, ...query } = request.query;
      const { fromMs, toMs } = lastDayOf(query, deps.clock.now());
      const filter = { ...filterOf(query), fromMs, toMs };
      const { project } = principalOf(request);
      const { stepSeconds, steps } = await deps.traceOverview.countOverTime(
        project,
        filter,
        stepsMax,
      );
      return success({
        from: fromMs,
        to: toMs,
        step_seconds: stepSeconds,
        steps: steps.map(({ startMs, traces, failed }) => ({ start: startMs, traces, failed })),
      });
    },
  });

  api.route({
    method: 'GET',
    url: '/api/v1/traces/facets',
    config: { access: 'monitoring:read' },
    schema: {
      tags: ['traces'],
      summary: 'Counts the agents, services, models, tools and so on that traces name.',
      description:
        'Of the traces that the filters leave; each kind without the filter of its own, so that more of its values can be chosen.',
      querystring: isRightWay(z.strictObject({ ...traceFilterShape, limit: limitOf(20, 200) })),
      response: { 200: answerOf(facetsAnswer) },
    },
    handler: async (request) => {
      const { limit, ...query } = request.query;
      const { project } = principalOf(request);
      return success(await deps.traceOverview.listFacets(project, filterOf(query), limit));
    },
  });
  valueRoute(api, deps);
  attributeRoutes(api, {
    url: '/api/v1/attributes',
    tag: 'traces',
    attributes: ['a span attribute', 'span attributes'],
    newest: 'spans',
    source: deps.traceOverview,
  });
}

function valueRoute(api: Api, deps: ApiDeps): void {
  api.route({
    method: 'GET',
    url: '/api/v1/traces/values',
    config: { access: 'monitoring:read' },
    schema: {
      tags: ['traces'],
      summary: 'Finds values of a field that traces are filtered by, among the newest spans.',
      querystring: z.strictObject({
        field: z.enum(SPAN_FIELDS),
        from: time.optional(),
        ...completionShape,
      }),
      response: { 200: answerOf(valueCounts) },
    },
    handler: async (request) => {
      const { from: fromMs, field, q: part, limit } = request.query;
      const { project } = principalOf(request);
      const query = { fromMs, field, part, limit };
      return success(await deps.traceOverview.findFieldValues(project, query));
    },
  });
}
