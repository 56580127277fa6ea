import { z } from 'zod';

import type { RuleDraft } from '../analysis/quality/quality-rules.ts';
import { ruleDefinition } from '../analysis/quality/rule-definition.ts';
import { actorOf } from '../auth/principal.ts';
import type { QualityRule } from '../model/quality-rule.ts';
import { answerOf, idParams, isoTime, nonEmptyText, success, text } from './answer.ts';
import type { Api, ApiDeps } from './api-deps.ts';
import { severity } from './quality-answer.ts';
import { principalOf } from './route-access.ts';

export const ruleBody = z
  .strictObject({
    name: nonEmptyText(100),
    description: text(1_000).default(''),
    /** Names of root spans that it is for, `*` for any characters; empty: all. */
    target_trace_name: text(256).default(''),
    /** The same for names of agents. */
    target_agent: text(256).default(''),
    severity: severity.default('MEDIUM'),
    enabled: z.boolean().default(true),
    definition: ruleDefinition,
  })
  .meta({
    id: 'QualityRuleDraft',
    example: {
      name: 'refunds are small',
      target_agent: 'support-*',
      severity: 'HIGH',
      definition: { type: 'THRESHOLD_RANGE', field: 'refund.amount', max: 100 },
    },
  });

const ruleAnswer = z
  .object({
    id: z.string(),
    name: z.string(),
    description: z.string(),
    target_trace_name: z.string(),
    target_agent: z.string(),
    severity,
    enabled: z.boolean(),
    definition: z.record(z.string(), z.unknown()),
    created_at: z.string(),
    updated_at: z.string(),
  })
  .meta({ id: 'QualityRule' });

const URL = '/api/v1/quality/rules';

export function qualityRuleRoutes(api: Api, deps: ApiDeps): void {
  readRoutes(api, deps);
  createRoute(api, deps);
  changeRoutes(api, deps);
}

function readRoutes(api: Api, deps: ApiDeps): void {
  const { rules } = deps.quality;

  api.route({
    method: 'GET',
    url: URL,
    config: { access: 'monitoring:read' },
    schema: {
      tags: ['quality'],
      summary: 'Lists the business rules, by name.',
      response: { 200: answerOf(z.array(ruleAnswer)) },
    },
    handler: async (request) => success(rules.list(principalOf(request).project).map(toAnswer)),
  });

  api.route({
    method: 'GET',
    url: `${URL}/:id`,
    config: { access: 'monitoring:read' },
    schema: {
      tags: ['quality'],
      summary: 'Answers one business rule.',
      params: idParams,
      response: { 200: answerOf(ruleAnswer) },
    },
    handler: async (request) =>
      success(toAnswer(rules.get(principalOf(request).project, request.params.id))),
  });
}

function createRoute(api: Api, deps: ApiDeps): void {
  const { rules } = deps.quality;

  api.route({
    method: 'POST',
    url: URL,
    config: { access: 'governance:write' },
    schema: {
      tags: ['quality'],
      summary: 'Adds a business rule.',
      description:
        'It is held against each run that ends from now on and gives a result named "BR: <name>" with a score of 0 or 1. Patterns are of RE2.',
      body: ruleBody,
      response: { 201: answerOf(ruleAnswer) },
    },
    handler: async (request, reply) => {
      const principal = principalOf(request);
      const draft = toDraft(request.body);
      const rule = await rules.create(principal.project, draft, actorOf(principal));
      return reply.code(201).send(success(toAnswer(rule)));
    },
  });
}

function changeRoutes(api: Api, deps: ApiDeps): void {
  const { rules } = deps.quality;

  api.route({
    method: 'PUT',
    url: `${URL}/:id`,
    config: { access: 'governance:write' },
    schema: {
      tags: ['quality'],
      summary: 'Replaces a business rule.',
      params: idParams,
      body: ruleBody,
      response: { 200: answerOf(ruleAnswer) },
    },
    handler: async (request) => {
      const principal = principalOf(request);
      const { id } = request.params;
      const draft = toDraft(request.body);
      return success(
        toAnswer(await rules.replace(principal.project, id, draft, actorOf(principal))),
      );
    },
  });

  api.route({
    method: 'DELETE',
    url: `${URL}/:id`,
    config: { access: 'governance:write' },
    schema: {
      tags: ['quality'],
      summary: 'Removes a business rule; its results stay.',
      params: idParams,
      response: { 200: answerOf(z.object({ removed: z.literal(true) })) },
    },
    handler: async (request) => {
      const principal = principalOf(request);
      await rules.remove(principal.project, request.params.id, actorOf(principal));
      return success({ removed: true as const });
    },
  });
}

export function toDraft(written: z.infer<typeof ruleBody>): RuleDraft {
  return {
    name: written.name.trim(),
    description: written.description,
    targetTraceName: written.target_trace_name,
    targetAgent: written.target_agent,
    severity: written.severity,
    enabled: written.enabled,
    definition: written.definition,
  };
}

function toAnswer(rule: QualityRule): z.infer<typeof ruleAnswer> {
  return {
    id: rule.id,
    name: rule.name,
    description: rule.description,
    target_trace_name: rule.targetTraceName,
    target_agent: rule.targetAgent,
    severity: rule.severity,
    enabled: rule.enabled,
    definition: { ...rule.definition },
    created_at: isoTime(rule.createdAtMs),
    updated_at: isoTime(rule.updatedAtMs),
  };
}
