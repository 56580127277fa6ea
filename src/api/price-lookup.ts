import { z } from 'zod';

import { lookUpPrice, type PriceAnswer, type ShownRate } from '../analysis/costs/look-up-price.ts';
import { answerOf, isoTime, limitOf, nonEmptyText, success, text, time } from './answer.ts';
import type { Api, ApiDeps } from './api-deps.ts';
import { periodOf, periodQuery } from './cost-answer.ts';
import { principalOf } from './route-access.ts';

const shownRate = z
  .object({
    /** US dollars per million tokens, as decimal text. */
    price: z.string(),
    /** What holds for all of a call's tokens when its input is larger. */
    above: z.array(z.object({ tokens: z.int(), price: z.string() })),
  })
  .nullable();

const lookupAnswer = z
  .object({
    known: z.boolean(),
    /** `library@0.1.8`, `override:<id>@<version>`: of the price, or of the price book that has none. */
    version: z.string(),
    source: z.enum(['override', 'library']).nullable(),
    /** Who sells it and under which name or pattern, as the price book has it. */
    provider: z.string().nullable(),
    model: z.string().nullable(),
    currency: z.literal('USD'),
    prices: z
      .object({
        input: shownRate,
        output: shownRate,
        cache_read: shownRate,
        cache_write: shownRate,
        cache_write_1h: shownRate,
        reasoning: shownRate,
      })
      .nullable(),
    /** Why there is none: `unknown_model`, `unknown_tier`. */
    missing: z.string().nullable(),
    /** Known names that are most like the one asked for. */
    nearest: z.array(z.string()),
  })
  .meta({ id: 'PriceLookup' });

const unpricedAnswer = z
  .object({
    provider: z.string(),
    model: z.string(),
    missing: z.string(),
    calls: z.int(),
    input_tokens: z.number().nullable(),
    output_tokens: z.number().nullable(),
    cache_read_tokens: z.number().nullable(),
    cache_write_tokens: z.number().nullable(),
    first_seen: z.string(),
    last_seen: z.string(),
    /** Ten at most. */
    agents: z.array(z.string()),
    /** Known names that are most like it. */
    nearest: z.array(z.string()),
  })
  .meta({ id: 'UnpricedModel' });

export function priceLookupRoutes(api: Api, deps: ApiDeps): void {
  api.route({
    method: 'GET',
    url: '/api/v1/prices/lookup',
    config: { access: 'cost:read' },
    schema: {
      tags: ['prices'],
      summary: "Answers what a model's tokens cost, and by which price.",
      querystring: z.strictObject({
        model: nonEmptyText(256),
        provider: text(128).default(''),
        tier: text(64).default(''),
        /** Now when left out. */
        at: time.optional(),
      }),
      response: { 200: answerOf(lookupAnswer) },
    },
    handler: async (request) => {
      const { model, provider, tier, at } = request.query;
      const find = deps.costs.prices.find(principalOf(request).project);
      const atMs = at ?? deps.clock.now();
      return success(toLookupAnswer(lookUpPrice(find, { model, provider, tier, atMs })));
    },
  });

  api.route({
    method: 'GET',
    url: '/api/v1/prices/unpriced',
    config: { access: 'cost:read' },
    schema: {
      tags: ['prices'],
      summary: 'Lists models that were called and have no known price; most calls first.',
      description:
        'To price one, send its model and provider with prices to POST /api/v1/prices, then price the period anew.',
      querystring: z.strictObject({ ...periodQuery, limit: limitOf(100, 1_000) }),
      response: { 200: answerOf(z.array(unpricedAnswer)) },
    },
    handler: async (request) => {
      const { project } = principalOf(request);
      const period = periodOf(request.query, deps.clock);
      const models = await deps.costs.store.listUnpriced(project, period, request.query.limit);
      const find = deps.costs.prices.find(project);
      return success(
        models.map(({ provider, model, missing, calls, tokens, firstMs, lastMs, agents }) => {
          const found = lookUpPrice(find, { model, provider, tier: '', atMs: lastMs });
          return {
            provider,
            model,
            missing,
            calls,
            input_tokens: tokens.input,
            output_tokens: tokens.output,
            cache_read_tokens: tokens.cacheRead,
            cache_write_tokens: tokens.cacheWrite,
            first_seen: isoTime(firstMs),
            last_seen: isoTime(lastMs),
            agents: [...agents],
            nearest: found.known ? [] : [...found.nearest],
          };
        }),
      );
    },
  });
}

function toLookupAnswer(answer: PriceAnswer): z.infer<typeof lookupAnswer> {
  const shown = (rate: ShownRate | null) => rate && { ...rate, above: [...rate.above] };
  return {
    known: answer.known,
    version: answer.version,
    source: answer.known ? answer.source : null,
    provider: answer.known ? answer.provider : null,
    model: answer.known ? answer.model : null,
    currency: 'USD',
    prices: answer.known
      ? {
          input: shown(answer.prices.input),
          output: shown(answer.prices.output),
          cache_read: shown(answer.prices.cacheRead),
          cache_write: shown(answer.prices.cacheWrite),
          cache_write_1h: shown(answer.prices.cacheWrite1h),
          reasoning: shown(answer.prices.reasoning),
        }
      : null,
    missing: answer.known ? null : answer.missing,
    nearest: answer.known ? [] : [...answer.nearest],
  };
}
