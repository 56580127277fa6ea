import { z } from 'zod';

import type { CostEvent, RecordedEvent } from '../analysis/costs/cost-events.ts';
import type { DisplayCurrency } from '../analysis/costs/display-currency.ts';
import { toDisplay } from '../analysis/costs/display-currency.ts';
import { randomId } from '../base/random-id.ts';
import { AppError } from '../errors.ts';
import { toDollars } from '../model/money.ts';
import { COST_SOURCES } from '../model/run.ts';
import { agentNameOf, isAgentId } from './agent-name.ts';
import { answerOf, nonEmptyText, success, text } from './answer.ts';
import type { Api, ApiDeps } from './api-deps.ts';
import { principalOf } from './route-access.ts';

const EVENTS_MAX = 1_000;
const DAY_MS = 86_400_000;
const RUN_ID = /^[0-9a-fA-F]{16}$/;

const count = z.int().min(0).max(1e12);
const optionalText = nonEmptyText(256).nullish();

const eventBody = z
  .strictObject({
    /** Unique within the project; sent again it is the same event. One is made when it is left out. */
    event_id: nonEmptyText(128).optional(),
    /** The id or the name of an agent; one that is new is registered. */
    agent_id: optionalText,
    agent: optionalText,
    /** A run's id, or what calls belong together by. */
    job_id: optionalText,
    conversation_id: optionalText,
    user_id: optionalText,
    model: nonEmptyText(256).optional(),
    model_name: nonEmptyText(256).optional(),
    provider: text(128).optional(),
    model_provider: text(128).optional(),
    /** `chat` when left out. */
    request_type: nonEmptyText(64).optional(),
    /** All input, cached parts included. */
    input_tokens: count.nullish(),
    output_tokens: count.nullish(),
    cache_read_tokens: count.nullish(),
    cache_write_tokens: count.nullish(),
    reasoning_tokens: count.nullish(),
    /** The counts are a guess. */
    estimated: z.boolean().default(false),
    /** As you reckoned it; counts where no price is known. */
    cost_usd: z.number().min(0).max(10_000).nullish(),
    /** When the call began; now when left out. */
    at: z.iso.datetime({ offset: true }).optional(),
    timestamp: z.iso.datetime({ offset: true }).optional(),
  })
  .refine(({ model, model_name: name }) => (model ?? name) !== undefined, {
    path: ['model'],
    error: 'must name the model',
  })
  .meta({
    id: 'CostEvent',
    examples: [
      {
        event_id: 'invoice-4711-call-1',
        agent_id: 'invoice-processor',
        model: 'gpt-4o',
        provider: 'openai',
        input_tokens: 1200,
        output_tokens: 80,
        cache_read_tokens: 1024,
      },
    ],
  });

type EventBody = z.output<typeof eventBody>;

const recordedAnswer = z
  .object({
    event_id: z.string(),
    /** Null when no price is known. */
    cost_usd: z.number().nullable(),
    cost_display: z.number().nullable(),
    display_currency: z.string(),
    cost_source: z.enum(COST_SOURCES),
    price_version: z.string(),
    /** Why there is no cost; '' with one. */
    cost_missing: z.string(),
    /** It was known already; what was stored then stands. */
    repeated: z.boolean(),
  })
  .meta({
    id: 'RecordedCostEvent',
    examples: [
      {
        event_id: 'invoice-4711-call-1',
        cost_usd: 0.00252,
        cost_display: 0.00252,
        display_currency: 'USD',
        cost_source: 'library',
        price_version: 'library@0.1.8',
        cost_missing: '',
        repeated: false,
      },
    ],
  });

const batchAnswer = z.object({ events: z.array(recordedAnswer) });

/** Muster's paths and MeshAI's. */
const PATHS = ['/api/v1/costs/events', '/api/v1/telemetry/usage'] as const;

export function costEventRoutes(api: Api, deps: ApiDeps): void {
  for (const url of PATHS) {
    api.route({
      method: 'POST',
      url,
      config: { access: 'telemetry:write' },
      schema: {
        tags: ['costs'],
        summary: 'Takes in a call of a model that is not traced, and answers what it cost.',
        description:
          'Stored when it is answered. An `Idempotency-Key` header stands for `event_id`; the same event again changes nothing, and another under its id is refused (409).',
        body: eventBody,
        response: { 200: answerOf(recordedAnswer) },
      },
      handler: async (request) => {
        const { project } = principalOf(request);
        const key = request.headers['idempotency-key'];
        const body = { event_id: typeof key === 'string' ? key : undefined, ...request.body };
        const [recorded] = await record(deps, project, [body]);
        return success(recorded!);
      },
    });

    api.route({
      method: 'POST',
      url: `${url}/batch`,
      config: { access: 'telemetry:write' },
      schema: {
        tags: ['costs'],
        summary: 'Takes in several calls of models that are not traced: all or none.',
        body: z.union([
          z.strictObject({ events: z.array(eventBody).min(1).max(EVENTS_MAX) }),
          z.array(eventBody).min(1).max(EVENTS_MAX),
        ]),
        response: { 200: answerOf(batchAnswer) },
      },
      handler: async (request) => {
        const { project } = principalOf(request);
        const events = Array.isArray(request.body) ? request.body : request.body.events;
        return success({ events: await record(deps, project, events) });
      },
    });
  }
}

async function record(
  deps: ApiDeps,
  project: string,
  bodies: readonly EventBody[],
): Promise<z.infer<typeof recordedAnswer>[]> {
  const nowMs = deps.clock.now();
  const names = await agentNames(deps, project, bodies);
  const events = bodies.map((body, index) => toEvent(body, names[index]!, nowMs));
  await registerAgents(deps, project, events);
  const recorded = await deps.costs.events.record(project, events);
  const currency = deps.costs.currencies.get(project);
  return recorded.map((event) => toAnswer(event, currency));
}

/** The name of each event's agent; ids of the registry are looked up. */
async function agentNames(
  { store }: ApiDeps,
  project: string,
  bodies: readonly EventBody[],
): Promise<string[]> {
  const known = new Map<string, string>();
  for (const { agent_id: id } of bodies) {
    if (typeof id !== 'string' || !isAgentId(id) || known.has(id)) continue;
    known.set(id, await agentNameOf(store.agents, project, id));
  }
  return bodies.map(({ agent_id: id, agent }) => known.get(id ?? '') ?? id ?? agent ?? '');
}

/** As telemetry does: whoever is new waits for review. */
async function registerAgents(
  { registry }: ApiDeps,
  project: string,
  events: readonly CostEvent[],
): Promise<void> {
  const byName = new Map<string, CostEvent[]>();
  for (const event of events) {
    if (event.agent === '') continue;
    byName.set(event.agent, [...(byName.get(event.agent) ?? []), event]);
  }
  const distinct = (values: readonly string[]): string[] =>
    [...new Set(values)].filter((value) => value !== '');
  await registry.observe(
    [...byName].map(([name, own]) => ({
      project,
      name,
      seenAtMs: Math.max(...own.map(({ atMs }) => atMs)),
      runs: 0,
      services: [],
      frameworks: [],
      sdkLanguages: [],
      models: distinct(own.map(({ model }) => model)),
      providers: distinct(own.map(({ provider }) => provider)),
      tools: [],
    })),
  );
}

function toEvent(body: EventBody, agent: string, nowMs: number): CostEvent {
  const at = body.at ?? body.timestamp;
  const atMs = at === undefined ? nowMs : Date.parse(at);
  if (atMs > nowMs + DAY_MS || atMs < 0) {
    throw new AppError(
      'VALIDATION_ERROR',
      `the time ${at} is more than a day ahead or before 1970; send when the call began`,
    );
  }
  const job = body.job_id ?? '';
  return {
    id: body.event_id ?? randomId('evt'),
    agent,
    operation: body.request_type ?? 'chat',
    provider: body.provider ?? body.model_provider ?? '',
    model: (body.model ?? body.model_name)!,
    atMs,
    timed: at !== undefined,
    tokens: {
      input: body.input_tokens ?? null,
      output: body.output_tokens ?? null,
      cacheRead: body.cache_read_tokens ?? null,
      cacheWrite: body.cache_write_tokens ?? null,
      reasoning: body.reasoning_tokens ?? null,
    },
    estimated: body.estimated,
    reportedCost: body.cost_usd ?? null,
    runId: RUN_ID.test(job) ? job.toLowerCase() : '',
    conversation: body.conversation_id ?? (RUN_ID.test(job) ? '' : job),
    user: body.user_id ?? '',
  };
}

function toAnswer(
  { id, cost, repeated }: RecordedEvent,
  currency: DisplayCurrency,
): z.infer<typeof recordedAnswer> {
  return {
    event_id: id,
    cost_usd: cost.amount === null ? null : toDollars(cost.amount),
    cost_display: cost.amount === null ? null : toDisplay(cost.amount, currency),
    display_currency: currency.code,
    cost_source: cost.source,
    price_version: cost.priceVersion,
    cost_missing: cost.missing,
    repeated,
  };
}
