import { z } from 'zod';

import type { CheckOverride } from '../analysis/quality/check-setting.ts';
import type { CheckParams } from '../analysis/quality/checks.ts';
import { CHECKS, paramsSchemaOf } from '../analysis/quality/checks.ts';
import { actorOf } from '../auth/principal.ts';
import { AppError } from '../errors.ts';
import { answerOf, idParams, success } from './answer.ts';
import type { Api, ApiDeps } from './api-deps.ts';
import { checkId, settingAnswer, severity, toSettingAnswer } from './quality-answer.ts';
import { principalOf } from './route-access.ts';

const catalogueEntry = z
  .object({
    check_id: checkId,
    severity,
    summary: z.string(),
    /** Made on every agent unless switched off; the others wait for a reason. */
    on_by_default: z.boolean(),
    /** JSON Schema of the parameters. */
    params: z.record(z.string(), z.unknown()),
  })
  .meta({ id: 'QualityCheck' });

const override = z.strictObject({
  check_id: checkId,
  enabled: z.boolean().optional(),
  severity: severity.optional(),
  params: z.record(z.string(), z.unknown()).optional(),
});

/** Checks that are not named are left to inference and defaults. */
const overridesBody = z.strictObject({ checks: z.array(override).max(CHECKS.length) }).meta({
  id: 'AgentCheckOverrides',
  example: {
    checks: [
      { check_id: 'latency_within_sla', params: { max_ms: 5_000 } },
      { check_id: 'no_pii_in_output', enabled: false },
    ],
  },
});

const agentChecks = z
  .object({
    agent: z.string(),
    checks: z.array(settingAnswer),
    /** What people decided, as it is sent to replace it. */
    overrides: z.array(override),
  })
  .meta({ id: 'AgentChecks' });

function catalogueRoute(api: Api): void {
  api.route({
    method: 'GET',
    url: '/api/v1/quality/checks',
    config: { access: 'monitoring:read' },
    schema: {
      tags: ['quality'],
      summary: 'Lists the checks that are made on runs.',
      response: { 200: answerOf(z.array(catalogueEntry)) },
    },
    handler: async () =>
      success(
        CHECKS.map((check) => ({
          check_id: check.id,
          severity: check.severity,
          summary: check.summary,
          on_by_default: check.onByDefault,
          params: paramsSchemaOf(check),
        })),
      ),
  });
}

export function qualityCheckRoutes(api: Api, deps: ApiDeps): void {
  catalogueRoute(api);
  const { quality, store } = deps;
  const url = '/api/v1/agents/:id/checks';

  const nameOf = async (project: string, id: string): Promise<string> => {
    const agent = await store.agents.get(project, id);
    if (agent === undefined) throw new AppError('NOT_FOUND', `there is no agent ${id}`);
    return agent.name;
  };
  const answer = (project: string, agent: string) =>
    success({
      agent,
      checks: quality.checks.settingsOf(project, agent).map(toSettingAnswer),
      overrides: quality.checks.overridesOf(project, agent).map(toOverrideAnswer),
    });

  api.route({
    method: 'GET',
    url,
    config: { access: 'monitoring:read' },
    schema: {
      tags: ['quality'],
      summary: 'Answers which checks are made on the agent’s runs, and why.',
      params: idParams,
      response: { 200: answerOf(agentChecks) },
    },
    handler: async (request) => {
      const { project } = principalOf(request);
      return answer(project, await nameOf(project, request.params.id));
    },
  });

  api.route({
    method: 'PUT',
    url,
    config: { access: 'governance:write' },
    schema: {
      tags: ['quality'],
      summary: 'Replaces what people decided about the agent’s checks.',
      description:
        'A check may be switched on or off, given another severity, and parameters of its own. An empty list leaves all to inference.',
      params: idParams,
      body: overridesBody,
      response: { 200: answerOf(agentChecks) },
    },
    handler: async (request) => {
      const principal = principalOf(request);
      const { project } = principal;
      const agent = await nameOf(project, request.params.id);
      const overrides = request.body.checks.map(toOverride);
      await quality.checks.setOverrides(project, agent, overrides, actorOf(principal));
      return answer(project, agent);
    },
  });
}

function toOverride(written: z.infer<typeof override>): CheckOverride {
  const { enabled, severity: level, params } = written;
  return {
    checkId: written.check_id,
    ...(enabled === undefined ? {} : { enabled }),
    ...(level === undefined ? {} : { severity: level }),
    ...(params === undefined ? {} : { params: params as CheckParams }),
  };
}

function toOverrideAnswer(given: CheckOverride): z.infer<typeof override> {
  const { enabled, severity: level, params } = given;
  return {
    check_id: given.checkId,
    ...(enabled === undefined ? {} : { enabled }),
    ...(level === undefined ? {} : { severity: level }),
    ...(params === undefined ? {} : { params }),
  };
}
