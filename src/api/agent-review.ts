import { z } from 'zod';

import { actorOf } from '../auth/principal.ts';
import { SETTABLE_FACTS, type SettableFact } from '../model/risk.ts';
import type { Agent } from '../storage/agent-store.ts';
import type { Actor } from '../storage/audit-log.ts';
import { agentAnswer, agentStatus, toAgentAnswers } from './agent-answer.ts';
import { answerOf, idParams, nonEmptyText, success } from './answer.ts';
import type { Api, ApiDeps } from './api-deps.ts';
import { toAppError } from './error-response.ts';
import { principalOf } from './route-access.ts';

const reason = nonEmptyText(2_000).optional();
const detail = nonEmptyText(200).nullable().optional();

/** What a person knows of it, for its risk; null takes back what was said. */
const facts = Object.fromEntries(
  SETTABLE_FACTS.map((fact) => [fact, z.boolean().nullable().optional()]),
) as Record<SettableFact, z.ZodOptional<z.ZodNullable<z.ZodBoolean>>>;

const editBody = z
  .strictObject({
    status: agentStatus.optional(),
    /** Why; kept in the audit log. */
    reason,
    owner: detail,
    team: detail,
    description: nonEmptyText(2_000).nullable().optional(),
    ...facts,
    /** The models that it may use; null: nobody decides. */
    approved_models: z.array(nonEmptyText(256)).max(100).nullable().optional(),
    /** How long it may be silent; null: two and five minutes. */
    health_bounds: z
      .strictObject({
        healthy_within_seconds: z.number().min(1).max(31_536_000),
        degraded_within_seconds: z.number().min(1).max(31_536_000),
      })
      .refine(
        (bounds) => bounds.healthy_within_seconds <= bounds.degraded_within_seconds,
        'healthy_within_seconds must not be more than degraded_within_seconds',
      )
      .nullable()
      .optional(),
  })
  .refine(
    (edit) => Object.keys(edit).some((key) => key !== 'reason'),
    'name what to change: status, owner, team, description, a fact, approved_models or health_bounds',
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
      const { health_bounds: bounds, approved_models: approvedModels, ...body } = request.body;
      const said = Object.fromEntries(SETTABLE_FACTS.map((fact) => [fact, body[fact]]));
      const { status, reason: why, owner, team, description } = body;
      const edit = { status, reason: why, owner, team, description, facts: said, approvedModels };
      const actor = actorOf(principal);
      const agent = await deps.agentReview.edit(principal.project, id, edit, actor);
      if (bounds !== undefined) await setBounds(deps, agent, { bounds, actor, reason: why });
      await deps.riskKeeper.refresh(principal.project, id);
      const scored = (await deps.store.agents.get(principal.project, id)) ?? agent;
      const [answer] = await toAgentAnswers(deps, [scored]);
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

async function setBounds(
  { store, clock }: Pick<ApiDeps, 'store' | 'clock'>,
  agent: Agent,
  given: {
    bounds: z.infer<typeof editBody>['health_bounds'];
    actor: Actor;
    reason: string | undefined;
  },
): Promise<void> {
  const { bounds, actor, reason: why = null } = given;
  const wanted =
    bounds == null
      ? null
      : {
          healthyWithinMs: bounds.healthy_within_seconds * 1_000,
          degradedWithinMs: bounds.degraded_within_seconds * 1_000,
        };
  await store.health.setBounds(agent.project, agent.id, wanted, {
    project: agent.project,
    atMs: clock.now(),
    actor,
    action: 'agent.edited',
    target: { kind: 'agent', id: agent.id },
    reason: why,
    detail: { name: agent.name, to: { health_bounds: bounds ?? null } },
  });
}
