import { z } from 'zod';

import type { HeartbeatDesk } from '../analysis/health/heartbeat-desk.ts';
import { answerOf, isoTime, nonEmptyText, success, text } from './answer.ts';
import type { Api, ApiDeps } from './api-deps.ts';
import { toAppError } from './error-response.ts';
import { principalOf } from './route-access.ts';

const heartbeat = z.strictObject({
  /** The agent's id or name. */
  agent_id: nonEmptyText(256),
  /** As the agent puts it, e.g. `healthy`; shown, and not judged by. */
  status: text(64).optional(),
  version: text(128).optional(),
  metadata: z.record(z.string(), z.unknown()).optional(),
});

const beacon = z
  .looseObject({
    agent_id: nonEmptyText(256),
    version: text(128).optional(),
    framework: nonEmptyText(128).optional(),
    model: nonEmptyText(256).optional(),
    status: text(64).optional(),
  })
  .meta({
    id: 'AgentBeacon',
    examples: [{ agent_id: 'invoice-processor', version: '1.4.0', framework: 'LANGGRAPH' }],
  });

const beatAnswer = z.object({ agent_id: z.string(), received_at: z.string() });

/** Signs of life. They need a key, as telemetry does: anyone could say that a dead agent lives. */
export function heartbeatRoutes(api: Api, { heartbeatDesk, clock }: ApiDeps): void {
  api.route({
    method: 'POST',
    url: '/api/v1/telemetry/heartbeat',
    config: { access: 'telemetry:write' },
    schema: {
      tags: ['health'],
      summary: 'Tells that an agent is alive. A name that is not registered yet is.',
      body: heartbeat.meta({
        id: 'Heartbeat',
        examples: [{ agent_id: 'invoice-processor', status: 'healthy' }],
      }),
      response: { 200: answerOf(beatAnswer) },
    },
    handler: async (request) => {
      const { agent_id: agent, status = null, version = null } = request.body;
      const { project } = principalOf(request);
      const id = await heartbeatDesk.beat(project, { agent, status, version });
      return success({ agent_id: id, received_at: isoTime(clock.now()) });
    },
  });

  api.route({
    method: 'POST',
    url: '/api/v1/agents/beacon',
    config: { access: 'telemetry:write' },
    schema: {
      tags: ['health'],
      summary: 'Tells that an agent is alive and what it is. A name that is not registered yet is.',
      body: beacon,
      response: { 200: answerOf(beatAnswer) },
    },
    handler: async (request) => {
      const { agent_id: agent, status = null, version = null, framework, model } = request.body;
      const { project } = principalOf(request);
      const beat = { agent, status, version, framework, model };
      const id = await heartbeatDesk.beat(project, beat);
      return success({ agent_id: id, received_at: isoTime(clock.now()) });
    },
  });

  batchRoute(api, heartbeatDesk);
}

function batchRoute(api: Api, heartbeatDesk: Pick<HeartbeatDesk, 'beat'>): void {
  api.route({
    method: 'POST',
    url: '/api/v1/telemetry/heartbeats',
    config: { access: 'telemetry:write' },
    schema: {
      tags: ['health'],
      summary: 'Tells that several agents are alive; what is refused does not hinder the rest.',
      body: z.strictObject({ heartbeats: z.array(heartbeat).min(1).max(1_000) }),
      response: {
        200: answerOf(
          z.object({
            accepted: z.int(),
            refused: z.array(
              z.object({ agent_id: z.string(), code: z.string(), error: z.string() }),
            ),
          }),
        ),
      },
    },
    handler: async (request) => {
      const { project } = principalOf(request);
      const refused: { agent_id: string; code: string; error: string }[] = [];
      for (const { agent_id: agent, status = null, version = null } of request.body.heartbeats) {
        try {
          await heartbeatDesk.beat(project, { agent, status, version });
        } catch (error) {
          const { code, message, http } = toAppError(error);
          if (http >= 500) throw error;
          refused.push({ agent_id: agent, code, error: message });
        }
      }
      return success({ accepted: request.body.heartbeats.length - refused.length, refused });
    },
  });
}
