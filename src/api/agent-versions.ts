import { z } from 'zod';

import type { AgentVersion } from '../analysis/baselines/agent-versions.ts';
import { AppError } from '../errors.ts';
import { answerOf, idParams, isoTime, success } from './answer.ts';
import type { Api, ApiDeps } from './api-deps.ts';
import { principalOf } from './route-access.ts';

const names = z.array(z.string());

const versionAnswer = z
  .object({
    version: z.string(),
    runs: z.int(),
    first_run: z.string(),
    last_run: z.string(),
    /** Failed runs as a share. */
    error_rate: z.number().nullable(),
    median_duration_s: z.number().nullable(),
    median_cost_usd: z.number().nullable(),
    models: names,
    tools: names,
    /** Against the version before it; null of the first. Where nothing is named, the prompt or framework changed. */
    changed: z
      .object({
        models_added: names,
        models_removed: names,
        tools_added: names,
        tools_removed: names,
      })
      .nullable(),
  })
  .meta({ id: 'AgentVersion' });

export function agentVersionRoutes(api: Api, { store, series }: ApiDeps): void {
  api.route({
    method: 'GET',
    url: '/api/v1/agents/:id/versions',
    config: { access: 'monitoring:read' },
    schema: {
      tags: ['agents'],
      summary:
        'Answers the versions of an agent that ran in the last ninety days and what changed with each, the latest first.',
      description:
        'Of its newest four thousand runs. A version is what was observed of models, tools, system prompt and framework.',
      params: idParams,
      response: { 200: answerOf(z.array(versionAnswer)) },
    },
    handler: async (request) => {
      const { project } = principalOf(request);
      const { id } = request.params;
      const agent = await store.agents.get(project, id);
      if (agent === undefined) throw new AppError('NOT_FOUND', `there is no agent ${id}`);
      return success((await series.listVersions(project, agent.name)).map(toAnswer));
    },
  });
}

function toAnswer(version: AgentVersion): z.infer<typeof versionAnswer> {
  const { changed } = version;
  return {
    version: version.version,
    runs: version.runs,
    first_run: isoTime(version.firstMs),
    last_run: isoTime(version.lastMs),
    error_rate: version.errorRate,
    median_duration_s: version.durationS,
    median_cost_usd: version.cost,
    models: [...version.models],
    tools: [...version.tools],
    changed: changed && {
      models_added: [...changed.modelsAdded],
      models_removed: [...changed.modelsRemoved],
      tools_added: [...changed.toolsAdded],
      tools_removed: [...changed.toolsRemoved],
    },
  };
}
