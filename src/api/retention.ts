import { z } from 'zod';

import { retentionTerms } from '../analysis/retention/retention-terms.ts';
import { actorOf } from '../auth/principal.ts';
import { RETENTION_KINDS } from '../storage/retention-store.ts';
import { answerOf, isoTime, success } from './answer.ts';
import type { Api, ApiDeps } from './api-deps.ts';
import { principalOf } from './route-access.ts';

const retentionAnswer = z
  .object({
    terms: retentionTerms,
    /** Nothing is removed by these terms before. */
    in_force_from: z.string(),
    /** What is stored, oldest first, as it is removed: by days, runs by months. */
    stored: z.array(
      z.object({
        kind: z.enum(RETENTION_KINDS),
        /** When it was received; `to` is exclusive. */
        from: z.string(),
        to: z.string(),
        rows: z.int(),
        bytes: z.int(),
        /** Whether the next pass removes it. */
        due: z.boolean(),
      }),
    ),
  })
  .meta({ id: 'Retention' });

/** How long telemetry is kept. It is of the whole installation: what came at the same time lies together. */
export function retentionRoutes(api: Api, { retention }: ApiDeps): void {
  const url = '/api/v1/settings/retention';

  const answer = async (): Promise<z.infer<typeof retentionAnswer>> => ({
    terms: retention.terms(),
    in_force_from: isoTime(retention.inForceFromMs()),
    stored: (await retention.stored()).map(({ kind, fromMs, toMs, rows, bytes, due }) => ({
      kind,
      from: isoTime(fromMs),
      to: isoTime(toMs),
      rows,
      bytes,
      due,
    })),
  });

  api.route({
    method: 'GET',
    url,
    config: { access: 'governance:read' },
    schema: {
      tags: ['settings'],
      summary: 'Answers how long telemetry is kept, and what is stored.',
      response: { 200: answerOf(retentionAnswer) },
    },
    handler: async () => success(await answer()),
  });

  api.route({
    method: 'PUT',
    url,
    config: { access: 'admin' },
    schema: {
      tags: ['settings'],
      summary: 'Replaces how long telemetry is kept.',
      description:
        'Nothing is removed by new terms within the first hour. What was received in the days of a hold stays. The audit log tells of each removal.',
      body: retentionTerms,
      response: { 200: answerOf(retentionAnswer) },
    },
    handler: async (request) => {
      await retention.set(request.body, actorOf(principalOf(request)));
      return success(await answer());
    },
  });
}
