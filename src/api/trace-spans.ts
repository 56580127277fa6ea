import { z } from 'zod';

import { AppError } from '../errors.ts';
import type { ModelCall } from '../model/run.ts';
import { answerOf, cursor, cursorPageOf, limitOf, nonEmptyText, success } from './answer.ts';
import type { Api, ApiDeps } from './api-deps.ts';
import { principalOf } from './route-access.ts';
import { callAnswer, toCallAnswer } from './run-answer.ts';
import { traceParams } from './traces.ts';

const OUTLINE_ROWS_MAX = 25_000;
const MATCHES_MAX = 10_000;
const EVENTS_MAX = 10_000;

const whole = z.array(z.int()).readonly();

const outlineAnswer = z
  .object({
    trace_start_unix_nano: z.string(),
    words: z
      .array(z.string())
      .readonly()
      .describe(
        'The texts of this page, which the columns name by their place; the first is empty.',
      ),
    span_id: z.array(z.string()).readonly(),
    start_ns: z.array(z.number()).readonly().describe('Nanoseconds after the start of the trace.'),
    duration_ns: z.array(z.number()).readonly().describe('Negative where a span has no end.'),
    kind: whole,
    status: whole.describe('0 unset, 1 ok, 2 error.'),
    parent_span_id: whole,
    name: whole,
    service: whole,
    agent: whole,
    operation: whole,
    request_model: whole,
    response_model: whole,
    tool: whole,
    error_type: whole,
    conversation: whole,
  })
  .meta({ id: 'TraceOutline' });

const traceCallAnswer = callAnswer
  .omit({ start: true, start_unix_nano: true, duration_ms: true })
  .meta({ id: 'TraceCall' });

const matchesAnswer = z
  .object({
    span_ids: z.array(z.string()).readonly(),
    /** More spans match than are listed. */
    more: z.boolean(),
  })
  .meta({ id: 'TraceMatches' });

const eventsAnswer = z
  .object({
    events: z
      .array(
        z.object({
          span_id: z.string(),
          /** Empty where the sender gave none. */
          time_unix_nano: z.string(),
          name: z.string(),
          /** Of an exception, where it is told. */
          exception_type: z.string().nullable(),
          exception_message: z.string().nullable(),
        }),
      )
      .readonly(),
    /** There are more than are listed. */
    more: z.boolean(),
  })
  .meta({ id: 'TraceEvents' });

/** What the page of a trace shows of all its spans, however many. */
export function traceSpanRoutes(api: Api, deps: ApiDeps): void {
  api.route({
    method: 'GET',
    url: '/api/v1/traces/:traceId/outline',
    config: { access: 'monitoring:read' },
    schema: {
      tags: ['traces'],
      summary: 'Answers what lists show of the spans of a trace, by column; earliest first.',
      description:
        'For traces of many spans: some fifty bytes a span. Each column has an entry per span of the page.',
      params: traceParams,
      querystring: z.strictObject({
        limit: limitOf(10_000, OUTLINE_ROWS_MAX),
        cursor: cursor.optional(),
      }),
      response: { 200: cursorPageOf(outlineAnswer) },
    },
    handler: async (request, reply) => {
      // As for whole spans: held against its schema a page takes longer to write than to read.
      reply.serializer((page) => JSON.stringify(page));
      const { traceId } = request.params;
      const { project } = principalOf(request);
      const page = await deps.traces.outlineSpans(project, traceId, request.query);
      if (page === undefined) throw new AppError('NOT_FOUND', `there is no trace ${traceId}`);
      const { outline } = page;
      const data = {
        trace_start_unix_nano: page.traceStartUnixNano,
        words: outline.words,
        span_id: outline.spanIds,
        start_ns: outline.startNs,
        duration_ns: outline.durationNs,
        kind: outline.kinds,
        status: outline.statusCodes,
        parent_span_id: outline.parents,
        name: outline.names,
        service: outline.services,
        agent: outline.agents,
        operation: outline.operations,
        request_model: outline.requestModels,
        response_model: outline.responseModels,
        tool: outline.tools,
        error_type: outline.errorTypes,
        conversation: outline.conversations,
      };
      return {
        ...success(data),
        meta: { limit: request.query.limit, next_cursor: page.nextCursor },
      };
    },
  });

  callsRoute(api, deps);
  eventRoute(api, deps);
  matchRoute(api, deps);
}

function toTraceCall(call: ModelCall): z.infer<typeof traceCallAnswer> {
  const { start: _, start_unix_nano: __, duration_ms: ___, ...rest } = toCallAnswer(call);
  return rest;
}

function callsRoute(api: Api, deps: ApiDeps): void {
  api.route({
    method: 'GET',
    url: '/api/v1/traces/:traceId/calls',
    config: { access: 'monitoring:read' },
    schema: {
      tags: ['traces'],
      summary:
        'Answers the calls of models in a trace that count, each once, with tokens and cost.',
      description:
        'A call stands at the span that tells most of it; the spans around it that repeat its tokens are not listed. Runs and costs are sums of these.',
      params: traceParams,
      response: { 200: answerOf(z.array(traceCallAnswer).readonly()) },
    },
    handler: async (request, reply) => {
      reply.serializer((page) => JSON.stringify(page));
      const { project } = principalOf(request);
      const calls = await deps.runs.listCalls(project, request.params.traceId);
      return success(calls.map(toTraceCall));
    },
  });
}

function eventRoute(api: Api, deps: ApiDeps): void {
  api.route({
    method: 'GET',
    url: '/api/v1/traces/:traceId/events',
    config: { access: 'monitoring:read' },
    schema: {
      tags: ['traces'],
      summary: 'Lists the events of the spans of a trace, in no order.',
      description:
        'Names and times, and what exceptions say; names and messages may be cut. All of an event is with its span.',
      params: traceParams,
      querystring: z.strictObject({ limit: limitOf(1_000, EVENTS_MAX) }),
      response: { 200: answerOf(eventsAnswer) },
    },
    handler: async (request) => {
      const { limit } = request.query;
      const { project } = principalOf(request);
      const found = await deps.traces.listEvents(project, request.params.traceId, limit + 1);
      const events = found.slice(0, limit).map((event) => ({
        span_id: event.spanId,
        time_unix_nano: event.timeUnixNano,
        name: event.name,
        exception_type: event.exceptionType || null,
        exception_message: event.exceptionMessage || null,
      }));
      return success({ events, more: found.length > limit });
    },
  });
}

function matchRoute(api: Api, deps: ApiDeps): void {
  api.route({
    method: 'GET',
    url: '/api/v1/traces/:traceId/matches',
    config: { access: 'monitoring:read' },
    schema: {
      tags: ['traces'],
      summary: 'Finds the spans of a trace in which a text stands.',
      description:
        'In the name, the status message or the value of an attribute, however long; case does not matter.',
      params: traceParams,
      querystring: z.strictObject({
        text: nonEmptyText(256),
        limit: limitOf(1_000, MATCHES_MAX),
      }),
      response: { 200: answerOf(matchesAnswer) },
    },
    handler: async (request) => {
      const { text, limit } = request.query;
      const { project } = principalOf(request);
      const found = await deps.traces.findSpans(project, request.params.traceId, {
        text,
        limit: limit + 1,
      });
      return success({ span_ids: found.slice(0, limit), more: found.length > limit });
    },
  });
}
