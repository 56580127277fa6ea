import { z } from 'zod';

import { AGENT_STATUSES, type AgentStatus } from '../model/agent.ts';
import { HEALTH_STATES } from '../model/health.ts';
import { answerOf, success } from './answer.ts';
import type { Api, ApiDeps } from './api-deps.ts';
import { principalOf } from './route-access.ts';

const statsAnswer = z.object({
  total: z.int(),
  by_status: z.record(z.enum(AGENT_STATUSES), z.int()),
  approved: z.int(),
  /** Agents by risk, without those that are retired or dismissed. */
  critical: z.int(),
  high: z.int(),
  medium: z.int(),
  low: z.int(),
  no_owner: z.int(),
  /** Unresolved anomalies that tell of a model other than the approved ones. */
  has_discrepancies: z.int(),
  /** Agents by health, without those that are retired or dismissed. */
  by_health: z.record(z.enum(HEALTH_STATES), z.int()),
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
      summary: 'Counts the agents by status, health and risk.',
      response: { 200: answerOf(statsAnswer) },
    },
    handler: async (request) => {
      const { project } = principalOf(request);
      const counts = await deps.store.agents.countByStatus(project);
      const byStatus = Object.fromEntries(
        AGENT_STATUSES.map((status) => [status, counts[status] ?? 0]),
      ) as Record<AgentStatus, number>;
      const { overLimit, unusableName } = deps.registry.unregistered();
      return success({
        total: Object.values(byStatus).reduce((sum, count) => sum + count, 0),
        by_status: byStatus,
        ...(await watchedStats(deps, project)),
        approved: byStatus.APPROVED,
        unregistered: { over_limit: overLimit, unusable_name: unusableName },
      });
    },
  });
}

async function watchedStats({ store, clock }: ApiDeps, project: string) {
  const one = { offset: 0, limit: 1 };
  const byName = { ...one, sort: 'name', direction: 'asc' } as const;
  const byRisk = await store.risk.countByLevel(project);
  const byHealth = await store.health.countByHealth(project, clock.now());
  const unowned = await store.agents.find(project, { noOwner: true }, byName);
  const mismatches = await store.anomalies.summarize(project);
  return {
    critical: byRisk.CRITICAL ?? 0,
    high: byRisk.HIGH ?? 0,
    medium: byRisk.MEDIUM ?? 0,
    low: byRisk.LOW ?? 0,
    no_owner: unowned.total,
    has_discrepancies: mismatches
      .filter(({ kind, status }) => kind === 'model_mismatch' && status !== 'resolved')
      .reduce((sum, { count }) => sum + count, 0),
    by_health: {
      healthy: byHealth.healthy ?? 0,
      degraded: byHealth.degraded ?? 0,
      down: byHealth.down ?? 0,
      unknown: byHealth.unknown ?? 0,
    },
  };
}
