import { z } from 'zod';

import { actorOf } from '../auth/principal.ts';
import type { Agent } from '../storage/agent-store.ts';
import { agentAnswer, agentStatus, toAgentAnswers } from './agent-answer.ts';
import { answerOf, idParams, nonEmptyText, success } from './answer.ts';
import type { Api, ApiDeps } from './api-deps.ts';
import { toAppError } from './error-response.ts';
import { principalOf } from './route-access.ts';

const reason = nonEmptyText(2_000).optional();
const detail = nonEmptyText(200).nullable().optional();

const editBody = z
  .strictObject({
    status: agentStatus.optional(),
    /** Why; kept in the audit log. */
    reason,
    owner: detail,
    team: detail,
    description: nonEmptyText(2_000).nullable().optional(),
  })
  .refine(
    (edit) => Object.keys(edit).some((key) => key !== 'reason'),
    'name what to change: status, owner, team or description',
  );

const reviewBody = z.strictObject({
  ids: z.array(idParams.shape.id).min(1).max(500),
  status: agentStatus,
  reason,
});

const reviewAnswer = z.object({
  reviewed: z.array(agentAnswer),
  refused: z.array(z.object({ id: z.string(), code: z.string(), error: z.string() })),
});

export function agentReviewRoutes(api: Api, deps: ApiDeps): void {
  api.route({
    method: 'PATCH',
    url: '/api/v1/agents/:id',
    config: { access: 'registry:write' },
    schema: {
      tags: ['agents'],
      summary: 'Decides about an agent, or says whose it is and what it does.',
      params: idParams,
      body: editBody,
      response: { 200: answerOf(agentAnswer) },
    },
    handler: async (request) => {
      const principal = principalOf(request);
      const { id } = request.params;
      const agent = await deps.agentReview.edit(
        principal.project,
        id,
        request.body,
        actorOf(principal),
      );
      const [answer] = await toAgentAnswers(deps, [agent]);
      return success(answer!);
    },
  });

  api.route({
    method: 'POST',
    url: '/api/v1/agents/review',
    config: { access: 'registry:write' },
    schema: {
      tags: ['agents'],
      summary: 'Makes one decision about several agents; what is refused does not hinder the rest.',
      body: reviewBody,
      response: { 200: answerOf(reviewAnswer) },
    },
    handler: async (request) => {
      const principal = principalOf(request);
      const { ids, ...decision } = request.body;
      const reviewed: Agent[] = [];
      const refused: { id: string; code: string; error: string }[] = [];
      for (const id of new Set(ids)) {
        try {
          reviewed.push(
            await deps.agentReview.review(principal.project, id, decision, actorOf(principal)),
          );
        } catch (error) {
          const known = toAppError(error);
          if (known.http >= 500) throw error;
          refused.push({ id, code: known.code, error: known.message });
        }
      }
      return success({ reviewed: await toAgentAnswers(deps, reviewed), refused });
    },
  });
}
