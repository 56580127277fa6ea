import { z } from 'zod';

import type { BudgetEdit } from '../analysis/budgets/budget-book.ts';
import type { BudgetState } from '../analysis/budgets/budget-state.ts';
import { actorOf } from '../auth/principal.ts';
import { BUDGET_SCOPES, DEFAULT_THRESHOLDS } from '../model/budget.ts';
import { fromDollars, toDollars } from '../model/money.ts';
import { agentNameOf } from './agent-name.ts';
import { answerOf, idParams, nonEmptyText, success } from './answer.ts';
import type { Api, ApiDeps } from './api-deps.ts';
import { principalOf } from './route-access.ts';

const month = z.string().regex(/^\d{4}-(0[1-9]|1[0-2])$/, 'write a month such as 2026-11');
const amount = z.number().min(0).max(9_000_000);

const budgetBody = z
  .strictObject({
    scope: z.enum(BUDGET_SCOPES),
    /** The agent's name or id, or the team's name; left out for the project. */
    subject: nonEmptyText(256).optional(),
    /** Left out: every month that has no budget of its own. */
    month: month.optional(),
    /** US dollars. */
    amount_usd: amount,
    /** Percents of the amount at which an alert is raised. */
    thresholds: z
      .array(z.number().min(1).max(1_000))
      .max(10)
      .default([...DEFAULT_THRESHOLDS])
      .transform((values) => [...new Set(values)].sort((a, b) => a - b)),
    /** Whether calls are to be refused once the amount is spent. */
    enforced: z.boolean().default(false),
  })
  .refine(({ scope, subject }) => (scope === 'project') === (subject === undefined), {
    path: ['subject'],
    error: 'name the agent or team, and nothing for a project',
  })
  .meta({
    id: 'BudgetEdit',
    example: { scope: 'team', subject: 'support', amount_usd: 500, thresholds: [50, 80, 100] },
  });

export const budgetAnswer = z
  .object({
    id: z.string(),
    scope: z.enum(BUDGET_SCOPES),
    subject: z.string(),
    /** Null: every month. */
    month: z.string().nullable(),
    amount_usd: z.number(),
    thresholds: z.array(z.number()),
    enforced: z.boolean(),
    /** The month, in UTC, that the following is about. */
    period: z.string(),
    /** By all agents that it is for, whatever the state of their review. */
    spent_usd: z.number(),
    remaining_usd: z.number(),
    spent_percent: z.number().nullable(),
    forecast_usd: z.number(),
    exhausted: z.boolean(),
    /** Calls with tokens and no known price, which are in no sum. */
    unpriced_calls: z.int(),
  })
  .meta({
    id: 'Budget',
    examples: [
      {
        id: 'bud_4f3a9c1e7b2d4f3a9c1e7b2d4f3a9c',
        scope: 'team',
        subject: 'support',
        month: null,
        amount_usd: 500,
        thresholds: [50, 80, 100],
        enforced: false,
        period: '2026-11',
        spent_usd: 312.5,
        remaining_usd: 187.5,
        spent_percent: 62.5,
        forecast_usd: 460.2,
        exhausted: false,
        unpriced_calls: 0,
      },
    ],
  });

export function budgetRoutes(api: Api, deps: ApiDeps): void {
  readRoutes(api, deps);
  changeRoutes(api, deps);
  departmentRoute(api, deps);
}

function readRoutes(api: Api, { budgetBook }: ApiDeps): void {
  api.route({
    method: 'GET',
    url: '/api/v1/budgets',
    config: { access: 'cost:read' },
    schema: {
      tags: ['budgets'],
      summary: 'Lists the budgets that hold in a month, with what is spent of each.',
      querystring: z.strictObject({ month: month.optional() }),
      response: { 200: answerOf(z.array(budgetAnswer)) },
    },
    handler: async (request) => {
      const states = await budgetBook.list(principalOf(request).project, request.query.month);
      return success(states.map(toBudgetAnswer));
    },
  });

  api.route({
    method: 'GET',
    url: '/api/v1/budgets/:id',
    config: { access: 'cost:read' },
    schema: {
      tags: ['budgets'],
      summary: 'Answers one budget, as it stands in its month or the present one.',
      params: idParams,
      response: { 200: answerOf(budgetAnswer) },
    },
    handler: async (request) =>
      success(
        toBudgetAnswer(await budgetBook.get(principalOf(request).project, request.params.id)),
      ),
  });
}

function changeRoutes(api: Api, { budgetBook, store }: ApiDeps): void {
  api.route({
    method: 'POST',
    url: '/api/v1/budgets',
    config: { access: 'governance:write' },
    schema: {
      tags: ['budgets'],
      summary: 'Sets a budget for an agent, a team or the project.',
      body: budgetBody,
      response: { 201: answerOf(budgetAnswer) },
    },
    handler: async (request, reply) => {
      const principal = principalOf(request);
      const edit = await toEdit(request.body, principal.project, store);
      const state = await budgetBook.create(principal.project, edit, actorOf(principal));
      return reply.code(201).send(success(toBudgetAnswer(state)));
    },
  });

  api.route({
    method: 'PUT',
    url: '/api/v1/budgets/:id',
    config: { access: 'governance:write' },
    schema: {
      tags: ['budgets'],
      summary: 'Replaces a budget. With another amount its thresholds are told of anew.',
      params: idParams,
      body: budgetBody,
      response: { 200: answerOf(budgetAnswer) },
    },
    handler: async (request) => {
      const principal = principalOf(request);
      const { project } = principal;
      const edit = await toEdit(request.body, project, store);
      const { id } = request.params;
      return success(
        toBudgetAnswer(await budgetBook.replace(project, id, edit, actorOf(principal))),
      );
    },
  });

  api.route({
    method: 'DELETE',
    url: '/api/v1/budgets/:id',
    config: { access: 'governance:write' },
    schema: {
      tags: ['budgets'],
      summary: 'Removes a budget.',
      params: idParams,
      response: { 200: answerOf(z.object({ removed: z.string() })) },
    },
    handler: async (request) => {
      const principal = principalOf(request);
      await budgetBook.remove(principal.project, request.params.id, actorOf(principal));
      return success({ removed: request.params.id });
    },
  });
}

function departmentRoute(api: Api, { budgetBook }: ApiDeps): void {
  api.route({
    method: 'POST',
    url: '/api/v1/costs/budgets',
    config: { access: 'governance:write' },
    schema: {
      tags: ['budgets'],
      summary: 'Sets the budget of a team for a month, or changes its amount.',
      body: z
        .strictObject({
          /** The team. */
          department: nonEmptyText(256),
          month,
          /** US dollars. */
          budget_amount: amount,
        })
        .meta({ examples: [{ department: 'support', month: '2026-11', budget_amount: 500 }] }),
      response: { 200: answerOf(budgetAnswer) },
    },
    handler: async (request) => {
      const principal = principalOf(request);
      const { department, budget_amount: dollars, ...when } = request.body;
      const edit: BudgetEdit = {
        scope: 'team',
        subject: department,
        ...when,
        amount: fromDollars(dollars) ?? 0n,
        thresholds: DEFAULT_THRESHOLDS,
        enforced: false,
      };
      const state = await budgetBook.put(principal.project, edit, actorOf(principal));
      return success(toBudgetAnswer(state));
    },
  });
}

/** What is spent is known by agents' names. */
async function toEdit(
  body: z.infer<typeof budgetBody>,
  project: string,
  { agents }: ApiDeps['store'],
): Promise<BudgetEdit> {
  const { scope, subject: given = '', month: when = '', amount_usd: dollars, ...rest } = body;
  const subject = scope === 'agent' ? await agentNameOf(agents, project, given) : given;
  return { scope, subject, month: when, amount: fromDollars(dollars) ?? 0n, ...rest };
}

export function toBudgetAnswer(state: BudgetState): z.infer<typeof budgetAnswer> {
  const { budget, spent, percent, forecast } = state;
  return {
    id: budget.id,
    scope: budget.scope,
    subject: budget.subject,
    month: budget.month === '' ? null : budget.month,
    amount_usd: toDollars(budget.amount),
    thresholds: [...budget.thresholds],
    enforced: budget.enforced,
    period: state.month,
    spent_usd: toDollars(spent),
    remaining_usd: toDollars(budget.amount - spent),
    spent_percent: percent,
    forecast_usd: toDollars(forecast),
    exhausted: state.exhausted,
    unpriced_calls: state.unpricedCalls,
  };
}
