import { z } from 'zod';

import { nonEmptyText } from './answer.ts';
import type { Api, ApiDeps } from './api-deps.ts';
import { putScores, scoreBody } from './pushed-quality.ts';
import { principalOf } from './route-access.ts';

const ITEMS_MAX = 1_000;
const MESSAGE_CHARACTERS_MAX = 1_000;

const item = z
  .object({
    /** Of the item, by which its outcome is told. */
    id: nonEmptyText(200),
    type: nonEmptyText(100),
    body: z.unknown(),
  })
  .loose();

const batchBody = z
  .object({ batch: z.array(item).max(ITEMS_MAX) })
  .loose()
  .meta({
    id: 'LangfuseBatch',
    example: {
      batch: [
        {
          id: '7f3c1a52-0001',
          type: 'score-create',
          timestamp: '2026-11-20T12:00:00Z',
          body: { traceId: '0af7651916cd43dd8448eb211c80319c', name: 'helpfulness', value: 0.9 },
        },
      ],
    },
  });

const batchAnswer = z
  .object({
    successes: z.array(z.object({ id: z.string(), status: z.int() })),
    errors: z.array(z.object({ id: z.string(), status: z.int(), message: z.string() })),
  })
  .meta({
    id: 'LangfuseBatchAnswer',
    examples: [{ successes: [{ id: '7f3c1a52-0001', status: 201 }], errors: [] }],
  });

export function langfuseIngestionRoutes(api: Api, deps: ApiDeps): void {
  api.route({
    method: 'POST',
    url: '/api/public/ingestion',
    config: { access: 'telemetry:write' },
    schema: {
      tags: ['quality'],
      summary: 'Takes a batch of scores as clients of Langfuse send it, and answers for each item.',
      description:
        'Items of the type `score-create` are taken in; what else a batch holds is refused item by item, for traces come over OTLP. Sign in with a key, as Bearer or as the password of Basic.',
      body: batchBody,
      response: { 207: batchAnswer },
    },
    handler: async (request, reply) => {
      const { project } = principalOf(request);
      const scores: z.output<typeof scoreBody>[] = [];
      const successes: { id: string; status: number }[] = [];
      const errors: { id: string; status: number; message: string }[] = [];
      for (const { id, type, body } of request.body.batch) {
        const { score, fault } = readItem(type, body);
        if (score === undefined) {
          errors.push({ id, status: 400, message: fault.slice(0, MESSAGE_CHARACTERS_MAX) });
          continue;
        }
        scores.push(score);
        successes.push({ id, status: 201 });
      }
      // All at once: each by itself would be a part that the engine has to merge.
      if (scores.length > 0) await putScores(deps, project, scores);
      return reply.code(207).send({ successes, errors });
    },
  });
}

type Item =
  | { readonly score: z.output<typeof scoreBody>; readonly fault?: never }
  | { readonly score?: never; readonly fault: string };

function readItem(type: string, body: unknown): Item {
  if (type !== 'score-create') {
    return {
      fault: `items of the type ${JSON.stringify(type)} are not taken in here; send scores, and traces over OTLP to /v1/traces`,
    };
  }
  const score = scoreBody.safeParse(body);
  return score.success ? { score: score.data } : { fault: z.prettifyError(score.error) };
}
