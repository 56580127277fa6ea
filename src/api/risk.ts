import { z } from 'zod';

import { actorOf } from '../auth/principal.ts';
import { AppError } from '../errors.ts';
import { RISK_BANDS, RISK_FACTS, RISK_LEVELS } from '../model/risk.ts';
import { answerOf, idParams, isoTime, success } from './answer.ts';
import type { Api, ApiDeps } from './api-deps.ts';
import { principalOf } from './route-access.ts';

const rule = z
  .strictObject({
    id: z.string().regex(/^[\w-]{1,32}$/),
    fact: z.enum(RISK_FACTS),
    /** Added when the fact is true. */
    points: z.int().min(-100).max(100),
    enabled: z.boolean().default(true),
  })
  .meta({ id: 'RiskRule' });

const ruleTable = z.object({
  rules: z.array(rule),
  /** From which score on each level begins. */
  bands: z.record(z.enum(RISK_LEVELS), z.int()),
});

const source = z.enum(['person', 'telemetry', 'registry', 'nobody']);
const reason = z.object({
  rule: z.string(),
  fact: z.enum(RISK_FACTS),
  points: z.int(),
  source,
  because: z.string(),
});
const scored = { score: z.int(), level: z.enum(RISK_LEVELS), reasons: z.array(reason) };

const riskAnswer = z
  .object({
    agent_id: z.string(),
    ...scored,
    /** Null: nobody said, and nothing tells. */
    facts: z.array(
      z.object({
        fact: z.enum(RISK_FACTS),
        value: z.boolean().nullable(),
        source,
        because: z.string(),
      }),
    ),
    /** Newest first. */
    history: z.array(z.object({ at: z.string(), ...scored })),
  })
  .meta({ id: 'AgentRisk' });

const HISTORY_MAX = 50;

export function riskRoutes(api: Api, deps: ApiDeps): void {
  ruleRoutes(api, deps);
  const { store, riskKeeper } = deps;
  api.route({
    method: 'GET',
    url: '/api/v1/agents/:id/risk',
    config: { access: 'registry:read' },
    schema: {
      tags: ['risk'],
      summary: 'Answers how risky an agent is, why, and how that came about.',
      params: idParams,
      response: { 200: answerOf(riskAnswer) },
    },
    handler: async (request) => {
      const { id } = request.params;
      const agent = await store.agents.get(principalOf(request).project, id);
      if (agent === undefined) throw new AppError('NOT_FOUND', `there is no agent ${id}`);
      const { facts, score } = await riskKeeper.assess(agent);
      const history = await store.risk.listHistory(id, HISTORY_MAX);
      return success({
        agent_id: id,
        score: score.score,
        level: score.level,
        reasons: [...score.reasons],
        facts: [...facts],
        history: history.map(({ atMs, reasons, ...then }) => ({
          at: isoTime(atMs),
          ...then,
          reasons: [...reasons],
        })),
      });
    },
  });
}

function ruleRoutes(api: Api, { riskKeeper }: ApiDeps): void {
  const url = '/api/v1/risk/rules';
  const bands = { ...RISK_BANDS };

  api.route({
    method: 'GET',
    url,
    config: { access: 'governance:read' },
    schema: {
      tags: ['risk'],
      summary: 'Answers the rules by which agents are scored.',
      response: { 200: answerOf(ruleTable) },
    },
    handler: async (request) =>
      success({ rules: [...(await riskKeeper.rules(principalOf(request).project))], bands }),
  });

  api.route({
    method: 'PUT',
    url,
    config: { access: 'governance:write' },
    schema: {
      tags: ['risk'],
      summary: 'Replaces the rules, and scores all agents by them.',
      body: z
        .strictObject({ rules: z.array(rule).max(100) })
        .meta({ examples: [{ rules: [{ id: 'R01', fact: 'writes_to_systems', points: 25 }] }] }),
      response: { 200: answerOf(ruleTable) },
    },
    handler: async (request) => {
      const principal = principalOf(request);
      const { rules } = request.body;
      const set = await riskKeeper.setRules(principal.project, rules, actorOf(principal));
      return success({ rules: [...set], bands });
    },
  });
}
