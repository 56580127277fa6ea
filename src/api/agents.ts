import { z } from 'zod';

import { AppError } from '../errors.ts';
import { RISK_LEVELS } from '../model/risk.ts';
import { AGENT_SORT_KEYS } from '../storage/agent-store.ts';
import { agentAnswer, agentStatus, toAgentAnswers } from './agent-answer.ts';
import { answerOf, idParams, limitOf, numberedPageOf, success, text } from './answer.ts';
import type { Api, ApiDeps } from './api-deps.ts';
import { principalOf } from './route-access.ts';

const listQuery = z.strictObject({
  status: agentStatus.optional(),
  framework: text(256).optional(),
  model: text(256).optional(),
  provider: text(256).optional(),
  risk_level: z.preprocess(
    (value) => (typeof value === 'string' ? value.toUpperCase() : value),
    z.enum(RISK_LEVELS).optional(),
  ),
  team: text(256).optional(),
  /** The same as `team`. */
  department: text(256).optional(),
  /** `true`: only agents without an owner; `false`: only those with one. */
  no_owner: z.stringbool().optional(),
  /** A part of the name, the owner or the team. */
  search: text(256).optional(),
  sort_by: z.enum(AGENT_SORT_KEYS).default('last_seen'),
  sort_dir: z.enum(['asc', 'desc']).optional(),
  page: z.coerce.number().int().min(1).max(1_000_000).default(1),
  limit: limitOf(100, 500),
});

export function agentRoutes(api: Api, deps: ApiDeps): void {
  const { agents } = deps.store;

  api.route({
    method: 'GET',
    url: '/api/v1/agents',
    config: { access: 'registry:read' },
    schema: {
      tags: ['agents'],
      summary: 'Lists the agents that were ever seen.',
      querystring: listQuery,
      response: { 200: numberedPageOf(agentAnswer) },
    },
    handler: async (request) => {
      const { sort_by: sort, sort_dir, page, limit, ...asked } = request.query;
      const { risk_level: riskLevel, no_owner: noOwner, department, team, ...rest } = asked;
      const filter = { ...rest, riskLevel, noOwner, team: team ?? department };
      const found = await agents.find(principalOf(request).project, filter, {
        sort,
        direction: sort_dir ?? (sort === 'name' || sort === 'status' ? 'asc' : 'desc'),
        offset: (page - 1) * limit,
        limit,
      });
      return {
        ...success(await toAgentAnswers(deps, found.agents)),
        meta: { total: found.total, page, limit },
      };
    },
  });

  api.route({
    method: 'GET',
    url: '/api/v1/agents/:id',
    config: { access: 'registry:read' },
    schema: {
      tags: ['agents'],
      summary: 'Answers one agent.',
      params: idParams,
      response: { 200: answerOf(agentAnswer) },
    },
    handler: async (request) => {
      const { id } = request.params;
      const agent = await agents.get(principalOf(request).project, id);
      if (agent === undefined) throw new AppError('NOT_FOUND', `there is no agent ${id}`);
      const [answer] = await toAgentAnswers(deps, [agent]);
      return success(answer!);
    },
  });
}
