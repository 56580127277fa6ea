import { z } from 'zod';

import {
  ROOT_SPAN_PATTERN_LENGTH_MAX,
  ROOT_SPAN_PATTERNS_MAX,
} from '../analysis/root-span-patterns.ts';
import { actorOf } from '../auth/principal.ts';
import { answerOf, nonEmptyText, success } from './answer.ts';
import type { Api, ApiDeps } from './api-deps.ts';
import { principalOf } from './route-access.ts';

/** Parts of span names that mark the root span of a run, beside those which are built in. */
const patterns = z.strictObject({
  patterns: z.array(nonEmptyText(ROOT_SPAN_PATTERN_LENGTH_MAX)).max(ROOT_SPAN_PATTERNS_MAX),
});

export function rootSpanPatternRoutes(api: Api, deps: ApiDeps): void {
  const url = '/api/v1/settings/root-span-patterns';

  api.route({
    method: 'GET',
    url,
    config: { access: 'registry:read' },
    schema: {
      tags: ['settings'],
      summary: 'Answers the added names of root spans.',
      response: { 200: answerOf(patterns) },
    },
    handler: async (request) =>
      success({ patterns: [...deps.rootSpanPatterns.get(principalOf(request).project)] }),
  });

  api.route({
    method: 'PUT',
    url,
    config: { access: 'registry:write' },
    schema: {
      tags: ['settings'],
      summary: 'Replaces the added names of root spans.',
      body: patterns,
      response: { 200: answerOf(patterns) },
    },
    handler: async (request) => {
      const principal = principalOf(request);
      const set = await deps.rootSpanPatterns.set(
        principal.project,
        request.body.patterns,
        actorOf(principal),
      );
      return success({ patterns: [...set] });
    },
  });
}
