import { z } from 'zod';

import { judgeSettings } from '../analysis/quality/judge-settings.ts';
import { actorOf } from '../auth/principal.ts';
import { toDollars } from '../model/money.ts';
import { answerOf, success } from './answer.ts';
import type { Api, ApiDeps } from './api-deps.ts';
import { principalOf } from './route-access.ts';

const judgeAnswer = z
  .object({
    settings: judgeSettings,
    /** Whether the process has an endpoint to ask (`judge.baseUrl`). Without one nothing is judged. */
    endpoint_configured: z.boolean(),
    today: z.object({ day: z.string(), calls: z.int(), cost_usd: z.number() }),
    /** Of all projects since the start. */
    runs: z.object({
      judged: z.int(),
      waiting: z.int(),
      over_budget: z.int(),
      overrun: z.int(),
      failed: z.int(),
    }),
  })
  .meta({ id: 'QualityJudgeStatus' });

export function qualityJudgeRoutes(api: Api, deps: ApiDeps): void {
  const { judge, judgeSettings: book } = deps.quality;
  const url = '/api/v1/quality/judge';

  const answer = async (project: string) => {
    const { day, calls, cost } = await judge.useOf(project);
    const { overBudget, ...counts } = judge.counts();
    return success({
      settings: book.get(project),
      endpoint_configured: judge.configured,
      today: { day, calls, cost_usd: toDollars(cost) },
      runs: { ...counts, over_budget: overBudget },
    });
  };

  api.route({
    method: 'GET',
    url,
    config: { access: 'monitoring:read' },
    schema: {
      tags: ['quality'],
      summary: 'Answers what the judge is asked, and what it used today.',
      response: { 200: answerOf(judgeAnswer) },
    },
    handler: async (request) => answer(principalOf(request).project),
  });

  api.route({
    method: 'PUT',
    url,
    config: { access: 'governance:write' },
    schema: {
      tags: ['quality'],
      summary: 'Replaces what the judge is asked.',
      description:
        'The endpoint and its key are settings of the process and cannot be changed or read here.',
      body: judgeSettings,
      response: { 200: answerOf(judgeAnswer) },
    },
    handler: async (request) => {
      const principal = principalOf(request);
      await book.set(principal.project, request.body, actorOf(principal));
      return answer(principal.project);
    },
  });
}
