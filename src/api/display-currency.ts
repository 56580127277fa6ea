import { z } from 'zod';

import type { DisplayCurrency } from '../analysis/costs/display-currency.ts';
import { actorOf } from '../auth/principal.ts';
import { answerOf, isoTime, success, time } from './answer.ts';
import type { Api, ApiDeps } from './api-deps.ts';
import { principalOf } from './route-access.ts';

const currencyCode = z
  .string()
  .regex(/^[A-Z]{3}$/, 'must be a currency code of three letters, such as EUR');

const currencyBody = z
  .strictObject({
    currency: currencyCode,
    /** How many of it a US dollar is. */
    rate: z.number().positive().max(1e6),
    /** Since when the rate holds; now when left out. */
    since: time.optional(),
  })
  .refine(
    ({ currency, rate }) => currency !== 'USD' || rate === 1,
    'a US dollar is one US dollar: rate must be 1',
  )
  .meta({
    id: 'DisplayCurrency',
    example: { currency: 'EUR', rate: 0.92, since: '2026-11-20T00:00:00Z' },
  });

const currencyAnswer = z.object({
  currency: z.string(),
  rate: z.number(),
  since: z.string().nullable(),
});

export function displayCurrencyRoutes(api: Api, deps: ApiDeps): void {
  const url = '/api/v1/settings/display-currency';

  api.route({
    method: 'GET',
    url,
    config: { access: 'cost:read' },
    schema: {
      tags: ['settings'],
      summary: 'Answers the currency in which amounts are shown beside US dollars.',
      response: { 200: answerOf(currencyAnswer) },
    },
    handler: async (request) =>
      success(toAnswer(deps.costs.currencies.get(principalOf(request).project))),
  });

  api.route({
    method: 'PUT',
    url,
    config: { access: 'governance:write' },
    schema: {
      tags: ['settings'],
      summary: 'Sets the currency in which amounts are shown beside US dollars, and its rate.',
      body: currencyBody,
      response: { 200: answerOf(currencyAnswer) },
    },
    handler: async (request) => {
      const principal = principalOf(request);
      const { currency: code, rate, since } = request.body;
      const sinceMs = code === 'USD' ? null : (since ?? deps.clock.now());
      const set = await deps.costs.currencies.set(
        principal.project,
        { code, rate, sinceMs },
        actorOf(principal),
      );
      return success(toAnswer(set));
    },
  });
}

function toAnswer({ code, rate, sinceMs }: DisplayCurrency): z.infer<typeof currencyAnswer> {
  return { currency: code, rate, since: sinceMs === null ? null : isoTime(sinceMs) };
}
