import { z } from 'zod';

import { AppError } from '../errors.ts';
import type { TraceFilter } from '../query/trace-query.ts';
import {
  FROM_AFTER_TO,
  inOrder,
  cursor,
  cursorPageOf,
  limitOf,
  nonEmptyText,
  oneOf,
  success,
  text,
  time,
} from './answer.ts';
import type { SpanField } from '../storage/trace-store.ts';
import { SPAN_FIELDS } from '../storage/trace-store.ts';
import type { Api, ApiDeps } from './api-deps.ts';
import { principalOf } from './route-access.ts';
import { spanAnswer } from './span-answer.ts';

const NS_PER_MS = 1_000_000;
const ATTRIBUTES_MAX = 10;
const SPANS_MAX = 200;

const traceAnswer = z
  .object({
    traceId: z.string(),
    rootName: z.string().nullable(),
    service: z.string().nullable(),
    agent: z.string().nullable(),
    startUnixNano: z.string(),
    durationNs: z.string(),
    spanCount: z.int(),
    errorCount: z.int(),
    status: z.enum(['ok', 'error']),
    models: z.array(z.string()).readonly(),
    inputTokens: z.number().nullable(),
    outputTokens: z.number().nullable(),
  })
  .meta({ id: 'TraceSummary' });

const durationMs = z.coerce.number().min(0).max(1e12);
const durationNs = z
  .string()
  .regex(/^\d{1,19}$/)
  .transform(BigInt);

/** `key=value`; repeat the parameter for several. */
const attribute = text(4_096).regex(/^[^=]+=/, 'must be key=value');

const nanoseconds = (ms: number | undefined): bigint | undefined =>
  ms === undefined ? undefined : BigInt(Math.round(ms * NS_PER_MS));

interface Durations {
  readonly min_duration_ms?: number | undefined;
  readonly max_duration_ms?: number | undefined;
  readonly min_duration_ns?: bigint | undefined;
  readonly max_duration_ns?: bigint | undefined;
}

const durationNsMin = (query: Durations): bigint | undefined =>
  query.min_duration_ns ?? nanoseconds(query.min_duration_ms);

const durationNsMax = (query: Durations): bigint | undefined =>
  query.max_duration_ns ?? nanoseconds(query.max_duration_ms);

const fieldValues = oneOf(nonEmptyText(1_024));

const fieldShape = Object.fromEntries(SPAN_FIELDS.map((field) => [field, fieldValues])) as Record<
  SpanField,
  typeof fieldValues
>;

/** What traces are searched by. */
export const traceFilterShape = {
  from: time.optional(),
  to: time.optional(),
  ...fieldShape,
  status: z.enum(['ok', 'error']).optional(),
  min_duration_ms: durationMs.optional(),
  max_duration_ms: durationMs.optional(),
  /** The same in nanoseconds. */
  min_duration_ns: durationNs.optional(),
  max_duration_ns: durationNs.optional(),
  attribute: z.union([attribute, z.array(attribute).max(ATTRIBUTES_MAX)]).optional(),
  text: nonEmptyText(256).optional(),
};

type FilterQuery = z.output<z.ZodObject<typeof traceFilterShape>>;

/** Refuses ranges the wrong way round. */
export function isRightWay<T extends z.ZodType<FilterQuery>>(query: T): T {
  return query
    .refine(({ from, to }) => inOrder(from, to), FROM_AFTER_TO)
    .refine((asked) => inOrder(durationNsMin(asked), durationNsMax(asked)), {
      path: ['min_duration_ms'],
      error: 'the least duration must not be above the greatest',
    });
}

const spanId = z
  .string()
  .regex(/^[0-9a-fA-F]{16}$/, 'must be 16 hexadecimal digits')
  .transform((id) => id.toLowerCase());

const spansQuery = z.strictObject({
  limit: limitOf(1_000, 5_000),
  cursor: cursor.optional(),
  /** Of these spans only; repeat the parameter for several. */
  span: z.union([spanId, z.array(spanId).max(SPANS_MAX)]).optional(),
});

const findQuery = isRightWay(
  z.strictObject({ ...traceFilterShape, limit: limitOf(50, 500), cursor: cursor.optional() }),
);

export const traceParams = z.strictObject({
  traceId: z
    .string()
    .regex(/^[0-9a-fA-F]{32}$/, 'must be 32 hexadecimal digits')
    .transform((id) => id.toLowerCase()),
});

export function traceRoutes(api: Api, deps: ApiDeps): void {
  api.route({
    method: 'GET',
    url: '/api/v1/traces',
    config: { access: 'monitoring:read' },
    schema: {
      tags: ['traces'],
      summary: 'Finds traces; newest first.',
      description:
        'Pages go by the newest span that fits, newest first; within a page, the trace that started last comes first.',
      querystring: findQuery,
      response: { 200: cursorPageOf(z.array(traceAnswer).readonly()) },
    },
    handler: async (request) => {
      const { project } = principalOf(request);
      const { limit, cursor: after } = request.query;
      const filter = filterOf(request.query);
      const page = await deps.traces.findTraces(project, filter, { limit, cursor: after });
      return { ...success(page.rows), meta: { limit, next_cursor: page.nextCursor } };
    },
  });

  api.route({
    method: 'GET',
    url: '/api/v1/traces/:traceId',
    config: { access: 'monitoring:read' },
    schema: {
      tags: ['traces'],
      summary: 'Answers the spans of a trace; earliest first.',
      params: traceParams,
      querystring: spansQuery,
      response: { 200: cursorPageOf(z.object({ spans: z.array(spanAnswer).readonly() })) },
    },
    handler: async (request, reply) => {
      // Held against its schema a page of spans takes longer to write than to read from the store.
      reply.serializer((page) => JSON.stringify(page));
      const { traceId } = request.params;
      const { limit, cursor: after, span } = request.query;
      const { project } = principalOf(request);
      const spanIds = span === undefined ? undefined : [span].flat();
      const page = await deps.traces.getTrace(project, traceId, { limit, cursor: after, spanIds });
      if (page === undefined) {
        const what = spanIds === undefined ? '' : ' with these spans';
        throw new AppError('NOT_FOUND', `there is no trace ${traceId}${what}`);
      }
      return { ...success({ spans: page.rows }), meta: { limit, next_cursor: page.nextCursor } };
    },
  });
}

export function filterOf(query: FilterQuery): TraceFilter {
  const { from, to, status } = query;
  const fields = SPAN_FIELDS.flatMap((field) =>
    query[field] === undefined ? [] : [[field, query[field]] as const],
  );
  return {
    ...Object.fromEntries(fields),
    fromMs: from,
    toMs: to,
    status,
    durationNsMin: durationNsMin(query),
    durationNsMax: durationNsMax(query),
    attributes: [query.attribute ?? []].flat().map((item) => {
      const at = item.indexOf('=');
      return { key: item.slice(0, at), value: item.slice(at + 1) };
    }),
    text: query.text,
  };
}
