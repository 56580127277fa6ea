import { z } from 'zod';

import type { RunField } from '../storage/run-statistics.ts';
import { answerOf, limitOf, success } from './answer.ts';
import type { Api, ApiDeps } from './api-deps.ts';
import { completionShape, valueCounts } from './attribute-completion.ts';
import { principalOf } from './route-access.ts';
import { filterOf, isRightWay, runFilterShape } from './runs.ts';

/** Fields of runs by their names in a query. */
const FIELDS = {
  agent: 'agent',
  version: 'agentVersion',
  service: 'service',
  framework: 'framework',
  name: 'name',
  status: 'status',
  error_type: 'errorType',
  model: 'model',
  tool: 'tool',
  user: 'user',
  conversation: 'conversation',
} as const satisfies Readonly<Record<string, RunField>>;

const NAMES = Object.keys(FIELDS) as (keyof typeof FIELDS)[];

const FACETS = {
  statuses: 'status',
  agents: 'agent',
  models: 'model',
  tools: 'tool',
  services: 'service',
  users: 'user',
  versions: 'agentVersion',
  frameworks: 'framework',
  error_types: 'errorType',
} as const satisfies Readonly<Record<string, RunField>>;

const facetsAnswer = z
  .object({
    statuses: valueCounts,
    agents: valueCounts,
    models: valueCounts,
    tools: valueCounts,
    services: valueCounts,
    users: valueCounts,
    versions: valueCounts,
    frameworks: valueCounts,
    error_types: valueCounts,
  })
  .meta({ id: 'RunFacets' });

/** What runs name: how many of them, and what may be asked for. */
export function runValueRoutes(api: Api, deps: ApiDeps): void {
  api.route({
    method: 'GET',
    url: '/api/v1/runs/facets',
    config: { access: 'monitoring:read' },
    schema: {
      tags: ['runs'],
      summary: 'Counts the agents, models, tools and so on of runs.',
      description:
        'Of the runs that the filters leave; each kind without the filter of its own, so that more of its values can be chosen.',
      querystring: isRightWay(z.strictObject({ ...runFilterShape, limit: limitOf(20, 200) })),
      response: { 200: answerOf(facetsAnswer) },
    },
    handler: async (request) => {
      const { limit, ...query } = request.query;
      const { project } = principalOf(request);
      const fields = Object.values(FACETS);
      const found = await deps.runSummaries.listFacets(project, filterOf(query), fields, limit);
      return success(
        Object.fromEntries(
          Object.entries(FACETS).map(([name, field]) => [name, found.get(field) ?? []]),
        ) as z.infer<typeof facetsAnswer>,
      );
    },
  });

  api.route({
    method: 'GET',
    url: '/api/v1/runs/values',
    config: { access: 'monitoring:read' },
    schema: {
      tags: ['runs'],
      summary: 'Finds values of a field that runs are filtered by.',
      querystring: isRightWay(
        z.strictObject({
          ...runFilterShape,
          field: z.enum(NAMES),
          ...completionShape,
        }),
      ),
      response: { 200: answerOf(valueCounts) },
    },
    handler: async (request) => {
      const { field, q: part, limit, ...query } = request.query;
      const { project } = principalOf(request);
      const question = { field: FIELDS[field], part, limit };
      return success(await deps.runSummaries.findValues(project, filterOf(query), question));
    },
  });
}
