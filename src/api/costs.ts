import { z } from 'zod';

import type { CostRow, CostRows } from '../analysis/costs/cost-reports.ts';
import type { DisplayCurrency } from '../analysis/costs/display-currency.ts';
import { toDisplay } from '../analysis/costs/display-currency.ts';
import { AppError } from '../errors.ts';
import { AGENT_STATUSES } from '../model/agent.ts';
import { toDollars } from '../model/money.ts';
import { answerOf, idParams, success, traceOf } from './answer.ts';
import type { Api, ApiDeps } from './api-deps.ts';
import {
  costsQuery,
  costSums,
  periodOf,
  summaryQuery,
  sumsShape,
  toSumsAnswer,
} from './cost-answer.ts';
import { principalOf } from './route-access.ts';

const trendDay = z.object({
  date: z.string(),
  /** Of approved agents. */
  cost_usd: z.number(),
  cost_display: z.number(),
  /** Of everything. */
  all_cost_usd: z.number(),
});

const currencyShape = {
  display_currency: z.string(),
  /** How many of it a US dollar is. */
  display_rate: z.number(),
};

const summaryAnswer = z
  .object({
    period_days: z.int(),
    from: z.string(),
    to: z.string(),
    /** Of agents that are approved now, for the whole period. */
    total_cost_usd: z.number(),
    total_cost_display: z.number(),
    /** Of agents that nobody decided about yet. */
    unreviewed_cost_usd: z.number(),
    /** Of calls that name no agent. */
    unattributed_cost_usd: z.number(),
    /** Of everything, whatever the status. */
    all_cost_usd: z.number(),
    all_cost_display: z.number(),
    by_status: z.record(z.enum([...AGENT_STATUSES, 'UNATTRIBUTED']), z.number()),
    /** The share of `all_cost_usd` that stands on guessed token counts; 0 to 1. */
    estimated_share: z.number(),
    /** Over everything. */
    all: costSums,
    ...currencyShape,
    daily_trend: z.array(trendDay),
  })
  .meta({ id: 'CostSummary' });

export const groupRow = z
  .object({
    /** What the group has in common; null where the calls do not say. */
    name: z.string().nullable(),
    /** Of a registered agent. */
    agent_id: z.string().nullable().optional(),
    status: z.enum(AGENT_STATUSES).nullable().optional(),
    team: z.string().nullable().optional(),
    ...sumsShape,
    /** Of the amount of all groups; 0 to 1. */
    share: z.number(),
    /** Where the runs behind the figures are listed. */
    runs: z.string().nullable(),
  })
  .meta({ id: 'CostGroup' });

export const groupsMeta = z.object({
  from: z.string(),
  to: z.string(),
  ...currencyShape,
  /** Over all groups, also those beyond the limit. */
  total: costSums,
});

const groupsAnswer = z.object({
  success: z.literal(true),
  data: z.array(groupRow),
  meta: groupsMeta,
});

type GroupBy =
  | 'agent'
  | 'team'
  | 'model'
  | 'provider'
  | 'user'
  | 'project'
  | 'day'
  | 'conversation';

/** The query parameter by which runs are filtered to a group's. */
const RUN_FILTERS: Partial<Record<GroupBy, string>> = {
  agent: 'agent',
  model: 'model',
  user: 'user',
  conversation: 'conversation',
};

/** Muster's and MeshAI's paths among them; MeshAI's departments are answered with their budgets, elsewhere. */
const GROUP_PATHS: readonly (readonly [path: string, by: GroupBy])[] = [
  ['/api/v1/costs/by-agent', 'agent'],
  ['/api/v1/costs/by-team', 'team'],
  ['/api/v1/costs/by-model', 'model'],
  ['/api/v1/costs/by-provider', 'provider'],
  ['/api/v1/costs/by-user', 'user'],
  ['/api/v1/costs/by-project', 'project'],
  ['/api/v1/costs/by-day', 'day'],
  ['/api/v1/costs/by-conversation', 'conversation'],
  ['/api/v1/cost/by-agent', 'agent'],
  ['/api/v1/cost/by-team', 'team'],
  ['/api/v1/cost/by-model', 'model'],
];

export function costRoutes(api: Api, deps: ApiDeps): void {
  for (const url of ['/api/v1/costs/summary', '/api/v1/cost/summary']) {
    api.route({
      method: 'GET',
      url,
      config: { access: 'cost:read' },
      schema: {
        tags: ['costs'],
        summary: 'Sums up what calls of models cost: approved agents, and the rest beside them.',
        querystring: summaryQuery,
        response: { 200: answerOf(summaryAnswer) },
      },
      handler: async (request) =>
        success(await summarize(deps, principalOf(request).project, request.query)),
    });
  }
  for (const [url, by] of GROUP_PATHS) {
    api.route({
      method: 'GET',
      url,
      config: { access: 'cost:read' },
      schema: {
        tags: ['costs'],
        summary: `Sums up costs by ${by}; ${by === 'day' ? 'the first day' : 'the dearest'} first.`,
        querystring: costsQuery,
        response: { 200: groupsAnswer },
      },
      handler: async (request) => {
        const { project } = principalOf(request);
        return groups(deps, project, by, request.query);
      },
    });
  }
  agentCostRoute(api, deps);
}

function agentCostRoute(api: Api, deps: ApiDeps): void {
  const agentAnswer = z
    .object({
      agent_id: z.string(),
      agent: z.string(),
      status: z.enum(AGENT_STATUSES),
      team: z.string().nullable(),
      period_days: z.int(),
      from: z.string(),
      to: z.string(),
      total_cost_usd: z.number(),
      total_cost_display: z.number(),
      total: costSums,
      ...currencyShape,
      daily_trend: z.array(trendDay.omit({ all_cost_usd: true })),
      by_model: z.array(groupRow),
    })
    .meta({ id: 'AgentCosts' });
  api.route({
    method: 'GET',
    url: '/api/v1/costs/agents/:id',
    config: { access: 'cost:read' },
    schema: {
      tags: ['costs'],
      summary: 'Sums up what one agent cost, by day and by model.',
      params: idParams,
      querystring: summaryQuery,
      response: { 200: answerOf(agentAnswer) },
    },
    handler: async (request) => {
      const { project } = principalOf(request);
      const agent = await deps.store.agents.get(project, request.params.id);
      if (agent === undefined) {
        throw new AppError('NOT_FOUND', `there is no agent ${request.params.id}`);
      }
      const { fromMs, toMs, timeZone } = periodOf(request.query, deps.clock);
      const currency = deps.costs.currencies.get(project);
      const query = { filter: { fromMs, toMs, agent: agent.name }, timeZone, limit: 1_000 };
      const [days, models] = await Promise.all([
        deps.costs.reports.sumBy(project, 'day', query),
        deps.costs.reports.sumBy(project, 'model', query),
      ]);
      return success({
        agent_id: agent.id,
        agent: agent.name,
        status: agent.status,
        team: agent.team,
        ...periodAnswer(fromMs, toMs),
        period_days: days.rows.length,
        total_cost_usd: toDollars(days.total.cost),
        total_cost_display: toDisplay(days.total.cost, currency),
        total: toSumsAnswer(days.total, currency),
        ...currencyAnswer(currency),
        daily_trend: days.rows.map(({ name, sums }) => ({
          date: name,
          cost_usd: toDollars(sums.cost),
          cost_display: toDisplay(sums.cost, currency),
        })),
        by_model: toRows(models, 'model', {
          currency,
          runsOf: (row) =>
            runsPath({ agent: agent.name, model: row.name, ...periodAnswer(fromMs, toMs) }),
        }),
      });
    },
  });
}

async function summarize(
  deps: ApiDeps,
  project: string,
  query: z.output<typeof summaryQuery>,
): Promise<z.infer<typeof summaryAnswer>> {
  const period = periodOf(query, deps.clock);
  const currency = deps.costs.currencies.get(project);
  const summary = await deps.costs.reports.summarize(project, period);
  const { approved, all, byStanding, days } = summary;
  const costOf = (standing: keyof typeof byStanding): bigint => byStanding[standing]?.cost ?? 0n;
  return {
    period_days: days.length,
    ...periodAnswer(period.fromMs, period.toMs),
    total_cost_usd: toDollars(approved.cost),
    total_cost_display: toDisplay(approved.cost, currency),
    unreviewed_cost_usd: toDollars(costOf('UNREVIEWED') + costOf('PENDING_REVIEW')),
    unattributed_cost_usd: toDollars(costOf('UNATTRIBUTED')),
    all_cost_usd: toDollars(all.cost),
    all_cost_display: toDisplay(all.cost, currency),
    by_status: Object.fromEntries(
      [...AGENT_STATUSES, 'UNATTRIBUTED' as const].map((standing) => [
        standing,
        toDollars(costOf(standing)),
      ]),
    ) as z.infer<typeof summaryAnswer>['by_status'],
    estimated_share: shareOf(all.estimatedCost, all.cost),
    all: toSumsAnswer(all, currency),
    ...currencyAnswer(currency),
    daily_trend: days.map((day) => ({
      date: day.date,
      cost_usd: toDollars(day.approved),
      cost_display: toDisplay(day.approved, currency),
      all_cost_usd: toDollars(day.all),
    })),
  };
}

/** Answers the groups, as their routes do. */
export async function groups(
  deps: ApiDeps,
  project: string,
  by: GroupBy,
  query: z.output<typeof costsQuery>,
): Promise<z.infer<typeof groupsAnswer>> {
  const { fromMs, toMs, timeZone } = periodOf(query, deps.clock);
  const { agent, model, provider, user, conversation, limit } = query;
  const traceId = traceOf(query);
  const filter = { fromMs, toMs, agent, model, provider, user, conversation, traceId };
  const currency = deps.costs.currencies.get(project);
  const { reports } = deps.costs;
  const found = await (by === 'agent'
    ? reports.sumByAgent(project, filter, limit)
    : by === 'team'
      ? reports.sumByTeam(project, filter, limit)
      : by === 'project'
        ? ofProject(project, await reports.sumByAgent(project, filter, limit))
        : reports.sumBy(project, by, { filter, timeZone, limit }));
  const period = periodAnswer(fromMs, toMs);
  const given = { agent, model, user, conversation, trace: traceId };
  return {
    ...success(
      toRows(found, by, {
        currency,
        runsOf: (row) => {
          const own = RUN_FILTERS[by];
          // Runs have no filter for what no run says.
          if (own === undefined || row.name === '') return null;
          return runsPath({ ...given, [own]: row.name, ...period });
        },
      }),
    ),
    meta: {
      ...period,
      ...currencyAnswer(currency),
      total: toSumsAnswer(found.total, currency),
    },
  };
}

/** A credential sees one project; its costs are one group. */
function ofProject(project: string, { total }: CostRows): CostRows {
  return { rows: [{ name: project, sums: total }], total };
}

function toRows(
  found: CostRows,
  by: GroupBy,
  how: { currency: DisplayCurrency; runsOf: (row: CostRow) => string | null },
): z.infer<typeof groupRow>[] {
  return found.rows.map((row) => ({
    name: row.name === '' ? null : row.name,
    ...(by === 'agent' && {
      agent_id: row.agent?.id ?? null,
      status: row.agent?.status ?? null,
      team: row.agent?.team ?? null,
    }),
    ...toSumsAnswer(row.sums, how.currency),
    share: shareOf(row.sums.cost, found.total.cost),
    runs: how.runsOf(row),
  }));
}

function runsPath(filter: Readonly<Record<string, string | undefined>>): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(filter)) {
    if (value !== undefined) query.set(name, value);
  }
  return `/api/v1/runs?${query.toString()}`;
}

function periodAnswer(fromMs: number, toMs: number): { from: string; to: string } {
  return { from: new Date(fromMs).toISOString(), to: new Date(toMs).toISOString() };
}

function currencyAnswer({ code, rate }: DisplayCurrency) {
  return { display_currency: code, display_rate: rate };
}

function shareOf(part: bigint, whole: bigint): number {
  return whole === 0n ? 0 : toDollars(part) / toDollars(whole);
}
