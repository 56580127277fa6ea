import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';

import { FROM_AFTER_TO, answerOf, inOrder, nonEmptyText, success, text, time } from './answer.ts';
import type { Api, ApiDeps } from './api-deps.ts';
import type { MetricQuestion } from './metric-answers.ts';
import { goneSignal, sendJson } from './ready-json.ts';
import { principalOf } from './route-access.ts';

const HOUR_MS = 3_600_000;
const QUERY_CHARACTERS_MAX = 16_384;

const metricAnswer = z
  .object({
    /** As it was sent. */
    name: z.string(),
    /** As PromQL knows it, without the suffixes of histograms. */
    prometheus_name: z.string(),
    /** Of its series, for PromQL. */
    series_names: z.array(z.string()).readonly(),
    type: z.enum(['gauge', 'sum', 'histogram', 'exponential_histogram', 'summary']),
    monotonic: z.boolean(),
    unit: z.string(),
    description: z.string(),
    services: z.array(z.string()).readonly(),
    streams: z.int(),
    points: z.int(),
    /** Of the newest point; milliseconds since 1970 UTC. */
    last: z.number(),
  })
  .meta({ id: 'Metric' });

const labels = z.record(z.string(), z.string());

const rangeAnswer = z
  .object({
    /** Milliseconds since 1970 UTC; step n is `start + n * step_ms`. */
    start: z.number(),
    step_ms: z.number(),
    steps: z.int(),
    series: z
      .array(
        z.object({
          labels,
          /** A value per step; null where there is none, or none that is a finite number. */
          values: z.array(z.number().nullable()).readonly(),
        }),
      )
      .readonly(),
    /** What may have been meant otherwise. */
    hints: z.array(z.string()).readonly(),
  })
  .meta({ id: 'MetricRange' });

const instantAnswer = z
  .object({
    kind: z.enum(['vector', 'matrix', 'scalar', 'string']),
    /** Milliseconds since 1970 UTC. */
    time: z.number(),
    /** Values as Prometheus writes them; of a range vector all samples. */
    series: z
      .array(
        z.object({
          labels,
          samples: z.array(z.object({ time: z.number(), value: z.string() })).readonly(),
        }),
      )
      .readonly(),
    hints: z.array(z.string()).readonly(),
  })
  .meta({ id: 'MetricInstant' });

const spanShape = { from: time.optional(), to: time.optional() };

const spanQuery = z
  .strictObject(spanShape)
  .refine(({ from, to }) => inOrder(from, to), FROM_AFTER_TO);

const promql = nonEmptyText(QUERY_CHARACTERS_MAX);

/** Reads metrics for the page; clients of Prometheus have an API of their own below `/prometheus`. */
export function metricRoutes(api: Api, deps: ApiDeps): void {
  const spanOf = ({ from, to }: { from?: number | undefined; to?: number | undefined }) => {
    const toMs = to ?? deps.clock.now();
    return { fromMs: from ?? toMs - HOUR_MS, toMs };
  };
  api.route({
    method: 'GET',
    url: '/api/v1/metrics',
    config: { access: 'monitoring:read' },
    schema: {
      tags: ['metrics'],
      summary: 'Lists metrics with points in a time; the last hour unless told otherwise.',
      querystring: spanQuery,
      response: { 200: answerOf(z.array(metricAnswer)) },
    },
    handler: async (request) => {
      const span = spanOf(request.query);
      const metrics = await deps.metrics.listMetrics(principalOf(request).project, span);
      return success(
        metrics.map(({ prometheusName, seriesNames, lastMs, ...metric }) => ({
          ...metric,
          prometheus_name: prometheusName,
          series_names: seriesNames,
          last: lastMs,
        })),
      );
    },
  });
  queryRoutes(api, deps, spanOf);
  completionRoutes(api, deps, spanOf);
}

type SpanOf = (query: { from?: number | undefined; to?: number | undefined }) => {
  readonly fromMs: number;
  readonly toMs: number;
};

/** Answers with a body that was written where the question was evaluated. */
const answering =
  ({ metricAnswers }: ApiDeps) =>
  async (
    request: FastifyRequest,
    reply: FastifyReply,
    asked: MetricQuestion['asked'],
  ): Promise<never> => {
    const { project } = principalOf(request);
    const question = { project, form: 'own', asked } as const;
    const body = await metricAnswers.answer(question, { signal: goneSignal(reply) });
    return sendJson(reply, body) as never;
  };

function queryRoutes(api: Api, deps: ApiDeps, spanOf: SpanOf): void {
  const answer = answering(deps);
  api.route({
    method: 'GET',
    url: '/api/v1/metrics/range',
    config: { access: 'monitoring:read' },
    schema: {
      tags: ['metrics'],
      summary: 'Answers a query in PromQL over time.',
      querystring: z.strictObject({
        ...spanShape,
        query: promql,
        step_ms: z.coerce.number().int().min(1).max(1e12),
      }),
      response: { 200: answerOf(rangeAnswer) },
    },
    handler: async (request, reply) => {
      const { query, step_ms: stepMs } = request.query;
      const { fromMs, toMs } = spanOf(request.query);
      const asked = { what: 'range', text: query, startMs: fromMs, endMs: toMs, stepMs } as const;
      return await answer(request, reply, asked);
    },
  });

  api.route({
    method: 'GET',
    url: '/api/v1/metrics/instant',
    config: { access: 'monitoring:read' },
    schema: {
      tags: ['metrics'],
      summary: 'Answers a query in PromQL at one time; now unless told otherwise.',
      querystring: z.strictObject({ query: promql, time: time.optional() }),
      response: { 200: answerOf(instantAnswer) },
    },
    handler: async (request, reply) => {
      const { query, time: at } = request.query;
      const timeMs = at ?? deps.clock.now();
      return await answer(request, reply, { what: 'instant', text: query, timeMs });
    },
  });
}

function completionRoutes(api: Api, deps: ApiDeps, spanOf: SpanOf): void {
  const answer = answering(deps);
  const selector = text(QUERY_CHARACTERS_MAX).optional();
  const choiceOf = (query: {
    from?: number | undefined;
    to?: number | undefined;
    selector?: string | undefined;
  }) => ({
    ...spanOf(query),
    selectors: query.selector === undefined || query.selector === '' ? [] : [query.selector],
  });
  api.route({
    method: 'GET',
    url: '/api/v1/metrics/labels',
    config: { access: 'monitoring:read' },
    schema: {
      tags: ['metrics'],
      summary: 'Names the labels of series that a selector fits.',
      querystring: z.strictObject({ ...spanShape, selector }),
      response: { 200: answerOf(z.array(z.string()).readonly()) },
    },
    handler: async (request, reply) =>
      await answer(request, reply, { what: 'label-names', choice: choiceOf(request.query) }),
  });

  api.route({
    method: 'GET',
    url: '/api/v1/metrics/label-values',
    config: { access: 'monitoring:read' },
    schema: {
      tags: ['metrics'],
      summary: 'Lists the values of a label among series that a selector fits.',
      querystring: z.strictObject({ ...spanShape, selector, label: nonEmptyText(256) }),
      response: { 200: answerOf(z.array(z.string()).readonly()) },
    },
    handler: async (request, reply) => {
      const { label } = request.query;
      const choice = choiceOf(request.query);
      return await answer(request, reply, { what: 'label-values', label, choice });
    },
  });
}
