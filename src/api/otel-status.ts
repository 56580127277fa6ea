import { z } from 'zod';

import { answerOf, isoTimeOrNull, success } from './answer.ts';
import type { Api, ApiDeps } from './api-deps.ts';
import { principalOf } from './route-access.ts';

const DAY_MS = 86_400_000;

const statusAnswer = z.object({
  /** `waiting` until an agent was seen, `receiving` when one was seen within a day, `quiet` after that. */
  status: z.enum(['waiting', 'receiving', 'quiet']),
  /** Runs received in the last 24 hours that no other run started. */
  executions_24h: z.int(),
  last_received: z.string().nullable(),
  /** The endpoint for exporters that speak gRPC; null when the server does not listen for it. */
  grpc_endpoint: z.string().nullable(),
  /** What to set in an agent's environment; the key takes the place of `<key>`. */
  env: z.object({
    OTEL_EXPORTER_OTLP_ENDPOINT: z.string(),
    OTEL_EXPORTER_OTLP_HEADERS: z.string(),
    OTEL_EXPORTER_OTLP_PROTOCOL: z.string(),
  }),
});

export function otelStatusRoutes(api: Api, deps: ApiDeps): void {
  api.route({
    method: 'GET',
    url: '/api/v1/otel/status',
    config: { access: 'monitoring:read' },
    schema: {
      tags: ['telemetry'],
      summary: 'Tells whether telemetry arrives, and how to send it here.',
      response: { 200: answerOf(statusAnswer) },
    },
    handler: async (request) => {
      const { project } = principalOf(request);
      const nowMs = deps.clock.now();
      const lastMs = await deps.store.agents.getLastSeen(project);
      const runs = await deps.runs.countRunsByAgent(project, nowMs - DAY_MS);
      return success({
        status: statusOf(lastMs, nowMs),
        executions_24h: runs.reduce((sum, { roots }) => sum + roots, 0),
        last_received: isoTimeOrNull(lastMs),
        grpc_endpoint: grpcEndpointOf(deps.addresses().grpc),
        env: {
          OTEL_EXPORTER_OTLP_ENDPOINT: deps.addresses().http,
          // Values are percent-encoded: https://opentelemetry.io/docs/specs/otel/protocol/exporter/
          OTEL_EXPORTER_OTLP_HEADERS: 'Authorization=Bearer%20<key>',
          OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf',
        },
      });
    },
  });
}

const grpcEndpointOf = (address: string): string | null =>
  address === 'off' ? null : `http://${address}`;

function statusOf(lastMs: number | undefined, nowMs: number): 'waiting' | 'receiving' | 'quiet' {
  if (lastMs === undefined) return 'waiting';
  return nowMs - lastMs < DAY_MS ? 'receiving' : 'quiet';
}
