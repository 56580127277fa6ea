import { z } from 'zod';

import { actorOf } from '../auth/principal.ts';
import { formatDollars, fromDollars } from '../model/money.ts';
import type { PriceOverride, PriceTerms } from '../model/price-override.ts';
import { isRate, PRICE_KINDS, RATE_MAX } from '../model/price-override.ts';
import type { PriceVersion } from '../storage/price-store.ts';
import {
  answerOf,
  FROM_AFTER_TO,
  idParams,
  inOrder,
  isoTime,
  nonEmptyText,
  success,
  text,
  time,
} from './answer.ts';
import { jobAnswer, toJobAnswer } from './jobs.ts';
import type { Api, ApiDeps } from './api-deps.ts';
import { principalOf } from './route-access.ts';

const KIND_NAMES = {
  input: 'input',
  output: 'output',
  cacheRead: 'cache_read',
  cacheWrite: 'cache_write',
  cacheWrite1h: 'cache_write_1h',
  reasoning: 'reasoning',
} as const satisfies Record<(typeof PRICE_KINDS)[number], string>;

const rate = z
  .union([
    z
      .number()
      .min(0)
      .max(RATE_MAX)
      .transform((dollars) => formatDollars(fromDollars(dollars)!)),
    z.string().refine(isRate, `must be a decimal number such as 2.5, at most ${RATE_MAX}`),
  ])
  .nullable()
  .default(null);

/** US dollars per million tokens. A part without a price of its own costs what the whole costs. */
const ratesBody = z
  .strictObject({
    input: rate,
    output: rate,
    cache_read: rate,
    cache_write: rate,
    /** For tokens that are kept for an hour. */
    cache_write_1h: rate,
    reasoning: rate,
  })
  .refine(
    ({ input, output }) => input !== null || output !== null,
    'name a price for input, output or both; 0 is a price',
  )
  .meta({
    id: 'TokenPrices',
    example: { input: '2.5', output: '10', cache_read: '1.25' },
  });

const termsBody = z
  .strictObject({
    /** A model's name, or a pattern for several: `*` stands for any characters, `?` for one. */
    model: nonEmptyText(256),
    /** As `gen_ai.provider.name` has it; every provider when left out. */
    provider: text(128).default(''),
    /** `batch`, `flex`, `priority`, …; every tier that has no price of its own when left out. */
    tier: text(64).default(''),
    /** From when on; always when left out. */
    from: time.default(0),
    currency: z.literal('USD').default('USD'),
    prices: ratesBody,
  })
  .meta({
    id: 'PriceTerms',
    example: {
      model: 'our-model-*',
      provider: 'azure.ai.openai',
      from: '2026-11-01T00:00:00Z',
      prices: { input: '2.5', output: '10', cache_read: '1.25' },
    },
  });

const rateAnswer = z.string().nullable();
const ratesAnswer = z.object({
  input: rateAnswer,
  output: rateAnswer,
  cache_read: rateAnswer,
  cache_write: rateAnswer,
  cache_write_1h: rateAnswer,
  reasoning: rateAnswer,
});

const PART_NAMES = ['cache_read', 'cache_write', 'cache_write_1h', 'reasoning'] as const;

const priceAnswer = z
  .object({
    id: z.string(),
    /** Grows by one with every change; costs name the version that they were computed with. */
    version: z.int(),
    model: z.string(),
    provider: z.string(),
    tier: z.string(),
    from: z.string(),
    currency: z.literal('USD'),
    /** US dollars per million tokens, as decimal text. */
    prices: ratesAnswer,
    /** The kinds of tokens without a price here that cost something all the same, and as what: a cache write as `input`, say. */
    billed_as: z.partialRecord(z.enum(PART_NAMES), z.enum(['input', 'output', 'cache_write'])),
  })
  .meta({
    id: 'Price',
    examples: [
      {
        id: 'prc_4f1d2c',
        version: 1,
        model: 'our-model-*',
        provider: 'azure.ai.openai',
        tier: '',
        from: '2026-11-01T00:00:00.000Z',
        currency: 'USD',
        prices: {
          input: '2.5',
          output: '10',
          cache_read: '1.25',
          cache_write: null,
          cache_write_1h: null,
          reasoning: null,
        },
        billed_as: { cache_write: 'input', cache_write_1h: 'input', reasoning: 'output' },
      },
    ],
  });

const versionAnswer = priceAnswer
  .extend({ removed: z.boolean(), set_at: z.string(), set_by: z.string() })
  .meta({ id: 'PriceVersion' });

export function priceRoutes(api: Api, deps: ApiDeps): void {
  api.route({
    method: 'GET',
    url: '/api/v1/prices',
    config: { access: 'cost:read' },
    schema: {
      tags: ['prices'],
      summary: 'Lists the prices that the project set, which go before the list prices.',
      response: { 200: answerOf(z.array(priceAnswer)) },
    },
    handler: async (request) =>
      success(deps.costs.prices.list(principalOf(request).project).map(toAnswer)),
  });

  api.route({
    method: 'GET',
    url: '/api/v1/prices/:id/history',
    config: { access: 'cost:read' },
    schema: {
      tags: ['prices'],
      summary: 'Answers every version of a price, the newest first.',
      params: idParams,
      response: { 200: answerOf(z.array(versionAnswer)) },
    },
    handler: async (request) => {
      const { project } = principalOf(request);
      return success(
        (await deps.costs.prices.listVersions(project, request.params.id)).map(toVersionAnswer),
      );
    },
  });
  changingRoutes(api, deps);
  repricingRoute(api, deps);
}

function changingRoutes(api: Api, deps: ApiDeps): void {
  api.route({
    method: 'POST',
    url: '/api/v1/prices',
    config: { access: 'governance:write' },
    schema: {
      tags: ['prices'],
      summary: 'Sets a price for a model, or for those that fit a pattern.',
      description:
        'It holds for calls that are priced from now on. For calls of the past, price the period anew.',
      body: termsBody,
      response: { 201: answerOf(priceAnswer) },
    },
    handler: async (request, reply) => {
      const principal = principalOf(request);
      const terms = toTerms(request.body);
      const created = await deps.costs.prices.create(principal.project, terms, actorOf(principal));
      return reply.code(201).send(success(toAnswer(created)));
    },
  });

  api.route({
    method: 'PUT',
    url: '/api/v1/prices/:id',
    config: { access: 'governance:write' },
    schema: {
      tags: ['prices'],
      summary: 'Changes a price; what it was stays in its history.',
      params: idParams,
      body: termsBody,
      response: { 200: answerOf(priceAnswer) },
    },
    handler: async (request) => {
      const principal = principalOf(request);
      const changed = await deps.costs.prices.change(
        principal.project,
        request.params.id,
        toTerms(request.body),
        actorOf(principal),
      );
      return success(toAnswer(changed));
    },
  });

  api.route({
    method: 'DELETE',
    url: '/api/v1/prices/:id',
    config: { access: 'governance:write' },
    schema: {
      tags: ['prices'],
      summary: 'Takes a price away; the list price holds again. Its history stays.',
      params: idParams,
      response: { 200: answerOf(z.object({ id: z.string() })) },
    },
    handler: async (request) => {
      const principal = principalOf(request);
      const { id } = request.params;
      await deps.costs.prices.remove(principal.project, id, actorOf(principal));
      return success({ id });
    },
  });
}

const repriceBody = z
  .strictObject({ from: time, to: time })
  .refine(({ from, to }) => inOrder(from, to), FROM_AFTER_TO)
  .meta({ example: { from: '2026-11-01T00:00:00Z', to: '2026-12-01T00:00:00Z' } });

function repricingRoute(api: Api, deps: ApiDeps): void {
  api.route({
    method: 'POST',
    url: '/api/v1/prices/reprice',
    config: { access: 'governance:write' },
    schema: {
      tags: ['prices'],
      summary: 'Prices every call of a period anew at the prices that are set now, as a job.',
      description: 'GET /api/v1/jobs/{id} tells how far it is.',
      body: repriceBody,
      response: { 202: answerOf(jobAnswer) },
    },
    handler: async (request, reply) => {
      const { project } = principalOf(request);
      const { from: fromMs, to: toMs } = request.body;
      const job = deps.jobs.start({ project, kind: 'prices.reprice' }, (progress) =>
        deps.costs.reprice(deps.rebuild, project, { fromMs, toMs }, progress),
      );
      return reply.code(202).send(success(toJobAnswer(job)));
    },
  });
}

function toTerms(body: z.output<typeof termsBody>): PriceTerms {
  return {
    modelPattern: body.model.trim().toLowerCase(),
    provider: body.provider.trim().toLowerCase(),
    tier: body.tier.trim().toLowerCase(),
    fromMs: body.from,
    prices: {
      input: body.prices.input,
      output: body.prices.output,
      cacheRead: body.prices.cache_read,
      cacheWrite: body.prices.cache_write,
      cacheWrite1h: body.prices.cache_write_1h,
      reasoning: body.prices.reasoning,
    },
  };
}

function toAnswer(override: PriceOverride): z.infer<typeof priceAnswer> {
  return {
    id: override.id,
    version: override.version,
    model: override.modelPattern,
    provider: override.provider,
    tier: override.tier,
    from: isoTime(override.fromMs),
    currency: 'USD',
    prices: Object.fromEntries(
      PRICE_KINDS.map((kind) => [KIND_NAMES[kind], override.prices[kind]]),
    ) as z.infer<typeof ratesAnswer>,
    billed_as: billedAs(override.prices),
  };
}

/** As `amountOf` has it: a part without a price of its own costs what it is a part of. */
function billedAs(prices: PriceOverride['prices']): z.infer<typeof priceAnswer>['billed_as'] {
  const input =
    prices.input === null ? {} : ({ cache_read: 'input', cache_write: 'input' } as const);
  const hour = prices.cacheWrite === null ? input.cache_write : 'cache_write';
  return {
    ...(prices.cacheRead === null && input.cache_read ? { cache_read: input.cache_read } : {}),
    ...(prices.cacheWrite === null && input.cache_write ? { cache_write: input.cache_write } : {}),
    ...(prices.cacheWrite1h === null && hour ? { cache_write_1h: hour } : {}),
    ...(prices.reasoning === null && prices.output !== null
      ? { reasoning: 'output' as const }
      : {}),
  };
}

function toVersionAnswer(version: PriceVersion): z.infer<typeof versionAnswer> {
  return {
    ...toAnswer(version.override),
    removed: version.removed,
    set_at: isoTime(version.atMs),
    set_by: version.by,
  };
}
