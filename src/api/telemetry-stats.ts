import { z } from 'zod';

import { answerOf, success } from './answer.ts';
import type { Api, ApiDeps } from './api-deps.ts';
import { principalOf } from './route-access.ts';

const statsAnswer = z.object({ spans: z.int(), log_records: z.int(), metric_points: z.int() });

export function telemetryStatsRoutes(api: Api, deps: ApiDeps): void {
  api.route({
    method: 'GET',
    url: '/api/v1/stats',
    config: { access: 'monitoring:read' },
    schema: {
      tags: ['telemetry'],
      summary: 'Counts what is stored.',
      response: { 200: answerOf(statsAnswer) },
    },
    handler: async (request) => {
      const stored = await deps.telemetryStats.countStored(principalOf(request).project);
      return success({
        spans: stored.spans,
        log_records: stored.logRecords,
        metric_points: stored.metricPoints,
      });
    },
  });
}
