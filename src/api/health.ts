import { z } from 'zod';

import type { Api } from './api-deps.ts';

export function healthRoutes(api: Api): void {
  api.route({
    method: 'GET',
    url: '/health',
    config: { access: 'public' },
    schema: {
      tags: ['health'],
      summary: 'Answers once telemetry is accepted and can be read back.',
      response: { 200: z.object({ status: z.literal('ok') }) },
    },
    handler: async () => ({ status: 'ok' as const }),
  });
}
