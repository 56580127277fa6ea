import { z } from 'zod';

import { NO_COSTS } from '../analysis/costs/cost-sums.ts';
import type { Api, ApiDeps } from './api-deps.ts';
import { budgetAnswer, toBudgetAnswer } from './budgets.ts';
import { costsQuery, toSumsAnswer } from './cost-answer.ts';
import { groupRow, groups, groupsMeta } from './costs.ts';
import { principalOf } from './route-access.ts';

const departmentRow = z
  .object({
    ...groupRow.shape,
    /** Of the team, in the present month, whatever period the costs are of; null where it has none. */
    budget: budgetAnswer.nullable(),
  })
  .meta({ id: 'DepartmentCosts' });

/** Costs by team as MeshAI answers them: with how much of its budget each has used. */
export function departmentRoutes(api: Api, deps: ApiDeps): void {
  api.route({
    method: 'GET',
    url: '/api/v1/costs/departments',
    config: { access: 'cost:read' },
    schema: {
      tags: ['costs'],
      summary: 'Sums up costs by team, with what is used of its budget; the dearest first.',
      description: 'Teams with a budget and without costs in the period follow those with costs.',
      querystring: costsQuery,
      response: {
        200: z.object({
          success: z.literal(true),
          data: z.array(departmentRow),
          meta: groupsMeta,
        }),
      },
    },
    handler: async (request) => {
      const { project } = principalOf(request);
      const [found, states] = await Promise.all([
        groups(deps, project, 'team', request.query),
        deps.budgetBook.list(project),
      ]);
      const budgets = new Map(
        states
          .filter(({ budget }) => budget.scope === 'team')
          .map((state) => [state.budget.subject, toBudgetAnswer(state)]),
      );
      const rows = found.data.map((row) => ({
        ...row,
        budget: (row.name !== null && budgets.get(row.name)) || null,
      }));
      const named = new Set(rows.map(({ name }) => name));
      const nothing = toSumsAnswer(NO_COSTS, deps.costs.currencies.get(project));
      const idle = [...budgets]
        .filter(([team]) => !named.has(team))
        .map(([name, budget]) => ({ name, ...nothing, share: 0, runs: null, budget }));
      return { ...found, data: [...rows, ...idle].slice(0, request.query.limit) };
    },
  });
}
