import { z } from 'zod';

import type { TraceOverview } from '../query/outline-traces.ts';
import { answerOf, limitOf, nonEmptyText, success, text, time } from './answer.ts';
import type { Api } from './api-deps.ts';
import { principalOf } from './route-access.ts';

const valueCount = z.object({ value: z.string(), count: z.int() }).meta({ id: 'ValueCount' });
export const valueCounts = z.array(valueCount).readonly();

/** What completion is asked: values that contain `q`. */
export const completionShape = { q: text(256).default(''), limit: limitOf(20, 200) };

/** Keys and values of attributes, for who types a filter. */
export function attributeRoutes(
  api: Api,
  of: {
    readonly url: string;
    readonly tag: string;
    readonly attributes: readonly [one: string, many: string];
    /** Among which they are looked for. */
    readonly newest: string;
    readonly source: Pick<TraceOverview, 'findAttributeKeys' | 'findAttributeValues'>;
  },
): void {
  const { url, tag, newest, source } = of;
  const [one, many] = of.attributes;
  const shape = { from: time.optional(), ...completionShape };
  api.route({
    method: 'GET',
    url,
    config: { access: 'monitoring:read' },
    schema: {
      tags: [tag],
      summary: `Finds keys of ${many}, among the newest ${newest}.`,
      querystring: z.strictObject(shape),
      response: { 200: answerOf(valueCounts) },
    },
    handler: async (request) => {
      const { from: fromMs, q: part, limit } = request.query;
      const query = { fromMs, part, limit };
      return success(await source.findAttributeKeys(principalOf(request).project, query));
    },
  });

  api.route({
    method: 'GET',
    url: `${url}/values`,
    config: { access: 'monitoring:read' },
    schema: {
      tags: [tag],
      summary: `Finds values of ${one}, among the newest ${newest}.`,
      querystring: z.strictObject({ ...shape, key: nonEmptyText(256) }),
      response: { 200: answerOf(valueCounts) },
    },
    handler: async (request) => {
      const { from: fromMs, q: part, key, limit } = request.query;
      const query = { fromMs, key, part, limit };
      return success(await source.findAttributeValues(principalOf(request).project, query));
    },
  });
}
