import { z } from 'zod';

import { actorOf } from '../auth/principal.ts';
import type { ToolPin } from '../model/approval.ts';
import { answerOf, isoTime, nonEmptyText, success, text } from './answer.ts';
import type { Api, ApiDeps } from './api-deps.ts';
import { deciderOf } from './approvals.ts';
import { gatewayOf } from './gateway-calls.ts';
import { principalOf } from './route-access.ts';

const pinAnswer = z
  .object({
    server: z.string(),
    tool: z.string(),
    digest: z.string(),
    definition: z.unknown(),
    pinned_at: z.string(),
    /** The changed definition that waits for review; null when none does. */
    held: z.object({ digest: z.string(), definition: z.unknown(), since: z.string() }).nullable(),
  })
  .meta({ id: 'ToolPin' });

const acceptBody = z.strictObject({
  server: text(64),
  tool: text(512),
  /** Of the definition that was looked at. */
  digest: text(64),
  reason: nonEmptyText(2_000).optional(),
});

/** What agents read of tools: as it was accepted, and as it waits to be. */
export function toolPinRoutes(api: Api, deps: ApiDeps): void {
  api.route({
    method: 'GET',
    url: '/api/v1/tool-pins',
    config: { access: 'governance:read' },
    schema: {
      tags: ['gateway'],
      summary: 'Lists the definitions of tools as they were accepted, and changed ones that wait.',
      response: { 200: answerOf(z.array(pinAnswer)) },
    },
    handler: async () => success(((await deps.gateway?.pins.list()) ?? []).map(toPinAnswer)),
  });

  api.route({
    method: 'POST',
    url: '/api/v1/tool-pins/accept',
    config: { access: 'governance:write' },
    schema: {
      tags: ['gateway'],
      summary: 'Accepts the changed definition of a tool, which is refused until then.',
      body: acceptBody,
      response: { 200: answerOf(pinAnswer) },
    },
    handler: async (request) => {
      const principal = deciderOf(principalOf(request));
      const { reason, ...which } = request.body;
      const { pins } = gatewayOf(deps);
      return success(toPinAnswer(await pins.accept(which, actorOf(principal), reason)));
    },
  });
}

const toPinAnswer = ({ server, tool, digest, definitionJson, pinnedAtMs, held }: ToolPin) => ({
  server,
  tool,
  digest,
  definition: JSON.parse(definitionJson) as unknown,
  pinned_at: isoTime(pinnedAtMs),
  held: held && {
    digest: held.digest,
    definition: JSON.parse(held.definitionJson) as unknown,
    since: isoTime(held.sinceMs),
  },
});
