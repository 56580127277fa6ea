import { z } from 'zod';

import { AGENT_STATUSES, type AgentStatus } from '../model/agent.ts';
import { answerOf, success } from './answer.ts';
import type { Api, ApiDeps } from './api-deps.ts';
import { principalOf } from './route-access.ts';

const statsAnswer = z.object({
  total: z.int(),
  by_status: z.record(z.enum(AGENT_STATUSES), z.int()),
  /** Sightings since the server started of names that were not registered. */
  unregistered: z.object({ over_limit: z.int(), unusable_name: z.int() }),
});

export function registryStatsRoutes(api: Api, deps: ApiDeps): void {
  api.route({
    method: 'GET',
    url: '/api/v1/registry/stats',
    config: { access: 'registry:read' },
    schema: {
      tags: ['agents'],
      summary: 'Counts the agents by status.',
      response: { 200: answerOf(statsAnswer) },
    },
    handler: async (request) => {
      const counts = await deps.store.agents.countByStatus(principalOf(request).project);
      const byStatus = Object.fromEntries(
        AGENT_STATUSES.map((status) => [status, counts[status] ?? 0]),
      ) as Record<AgentStatus, number>;
      const { overLimit, unusableName } = deps.registry.unregistered();
      return success({
        total: Object.values(byStatus).reduce((sum, count) => sum + count, 0),
        by_status: byStatus,
        unregistered: { over_limit: overLimit, unusable_name: unusableName },
      });
    },
  });
}
