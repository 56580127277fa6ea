import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';

import { AppError, type ErrorCode } from '../../errors.ts';
import { prometheusName } from '../../model/metric-name.ts';
import { parseDuration } from '../../query/promql/literals.ts';
import type { ApiDeps } from '../api-deps.ts';
import { toAppError } from '../error-response.ts';
import type { MetricQuestion } from '../metric-answers.ts';
import { goneSignal, sendJson } from '../ready-json.ts';
import { principalOf } from '../route-access.ts';

/** Below this address Prometheus' HTTP API answers (https://prometheus.io/docs/prometheus/latest/querying/api/). */
export const PROMETHEUS_PREFIX = '/prometheus';

/** Prometheus' words for what is wrong; others are named by our own code. */
const ERROR_TYPES: Readonly<Partial<Record<ErrorCode, string>>> = {
  VALIDATION_ERROR: 'bad_data',
  QUERY_FAILED: 'execution',
  QUERY_TIMEOUT: 'timeout',
  STORAGE_UNAVAILABLE: 'unavailable',
  SHUTTING_DOWN: 'unavailable',
  OVERLOADED: 'unavailable',
  NOT_FOUND: 'not_found',
  INTERNAL_ERROR: 'internal',
};

const FORM = 'application/x-www-form-urlencoded';
const FORM_BYTES_MAX = 1 << 20;
/** Years that dates can be written in. */
const TIME_MS_MAX = 8.64e15;

type Parameters = Readonly<Record<string, string | readonly string[] | undefined>>;
type Answer = (parameters: Parameters, asked: Asked) => Promise<unknown>;

interface Asked {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly project: string;
}

/** Answers as Prometheus does, so that its data source in Grafana and its other clients can ask here. */
export async function registerPrometheus(scope: FastifyInstance, deps: ApiDeps): Promise<void> {
  await scope.register(
    async (api) => {
      api.setErrorHandler(sendPrometheusError);
      api.setNotFoundHandler(async (request) => {
        const path = request.url.split('?')[0];
        throw new AppError(
          'NOT_FOUND',
          `there is no ${request.method} ${path}; see docs/metrics.md for what there is`,
        );
      });
      api.addContentTypeParser(
        FORM,
        { parseAs: 'string', bodyLimit: FORM_BYTES_MAX },
        (_request, body, done) => done(null, formOf(body.toString())),
      );
      const route = (methods: readonly ('GET' | 'POST')[], url: string, answer: Answer): void => {
        for (const method of methods) addRoute(api, { method, url, answer });
      };
      const both = ['GET', 'POST'] as const;
      route(both, '/api/v1/query', evaluated(deps, instantOf(deps)));
      route(both, '/api/v1/query_range', evaluated(deps, rangeOf));
      route(both, '/api/v1/labels', evaluated(deps, namesOf));
      route(['GET'], '/api/v1/label/:name/values', evaluated(deps, valuesOf));
      route(both, '/api/v1/series', evaluated(deps, seriesOf));
      route(['GET'], '/api/v1/metadata', metadataAnswer(deps));
      route(['GET'], '/api/v1/status/buildinfo', async () => succeeded(buildInfo(deps.version)));
    },
    { prefix: PROMETHEUS_PREFIX },
  );
}

function addRoute(
  api: FastifyInstance,
  { method, url, answer }: { method: 'GET' | 'POST'; url: string; answer: Answer },
): void {
  api.route({
    method,
    url,
    config: { access: 'monitoring:read' },
    schema: {
      tags: ['prometheus'],
      summary: `Answers as Prometheus' own ${url} does.`,
      querystring: z.looseObject({}),
      ...(method === 'POST' ? { body: z.looseObject({}).nullish() } : {}),
    },
    handler: async (request, reply) => {
      const parameters = {
        ...(request.query as Parameters),
        ...((request.body ?? {}) as Parameters),
      };
      const { project } = principalOf(request);
      return await answer(parameters, { request, reply, project });
    },
  });
}

/** Asks where questions are evaluated; the body that comes back is sent as it is. */
const evaluated =
  (deps: ApiDeps, ask: (parameters: Parameters, asked: Asked) => MetricQuestion['asked']): Answer =>
  async (parameters, asked) => {
    const { project, reply } = asked;
    const question = { project, form: 'prometheus', asked: ask(parameters, asked) } as const;
    const limits = limitsOf(parameters, goneSignal(reply));
    return sendJson(reply, await deps.metricAnswers.answer(question, limits));
  };

const instantOf =
  ({ clock }: ApiDeps) =>
  (parameters: Parameters): MetricQuestion['asked'] => ({
    what: 'instant',
    text: textOf(parameters, 'query'),
    timeMs: timeOf(parameters, 'time', clock.now()),
  });

const rangeOf = (parameters: Parameters): MetricQuestion['asked'] => ({
  what: 'range',
  text: textOf(parameters, 'query'),
  startMs: timeOf(parameters, 'start'),
  endMs: timeOf(parameters, 'end'),
  stepMs: durationOf(parameters, 'step'),
});

function seriesOf(parameters: Parameters): MetricQuestion['asked'] {
  const choice = choiceOf(parameters);
  if (choice.selectors.length > 0) return { what: 'series', choice };
  throw new AppError('VALIDATION_ERROR', 'no match[] parameter provided; name a selector');
}

const namesOf = (parameters: Parameters): MetricQuestion['asked'] => ({
  what: 'label-names',
  choice: choiceOf(parameters),
});

const valuesOf = (parameters: Parameters, { request }: Asked): MetricQuestion['asked'] => {
  const { name } = request.params as { readonly name: string };
  return { what: 'label-values', label: labelName(name), choice: choiceOf(parameters) };
};

const metadataAnswer =
  (deps: ApiDeps): Answer =>
  async (parameters, { project }) => {
    const metrics = await deps.metrics.listMetrics(project, ALL_TIME);
    const wanted = one(parameters['metric']);
    const answer: Record<string, { type: string; unit: string; help: string }[]> = {};
    for (const metric of metrics) {
      const name = prometheusName(metric);
      if (wanted !== undefined && wanted !== name) continue;
      const { type, monotonic, description, unit } = metric;
      const known = (answer[name] ??= []);
      known.push({ type: metadataType(type, monotonic), unit, help: description });
    }
    return succeeded(answer);
  };

const succeeded = (data: unknown) => ({ status: 'success', data });

function metadataType(type: string, monotonic: boolean): string {
  if (type === 'sum') return monotonic ? 'counter' : 'gauge';
  return type === 'exponential_histogram' ? 'histogram' : type;
}

/** Clients ask for the version to know what they may use. */
const buildInfo = (version: string): Record<string, string> => ({
  version: '3.0.0',
  revision: `signalbox ${version}`,
  branch: '',
  buildUser: '',
  buildDate: '',
  goVersion: '',
});

function formOf(body: string): Parameters {
  const parameters: Record<string, string | string[]> = {};
  const form = new URLSearchParams(body);
  for (const key of new Set(form.keys())) {
    const values = form.getAll(key);
    parameters[key] = values.length === 1 ? values[0]! : values;
  }
  return parameters;
}

const one = (value: string | readonly string[] | undefined): string | undefined =>
  typeof value === 'string' ? value : value?.[0];

function textOf(parameters: Parameters, name: string): string {
  const value = one(parameters[name]);
  if (value === undefined || value === '') throw invalid(name, 'it is missing');
  return value;
}

function invalid(name: string, detail: string): AppError {
  return new AppError('VALIDATION_ERROR', `invalid parameter "${name}": ${detail}`);
}

/** Seconds since 1970, with or without a fraction, or a time of RFC 3339. */
function timeOf(parameters: Parameters, name: string, byDefault?: number): number {
  const value = one(parameters[name]);
  if (value === undefined || value === '') {
    if (byDefault !== undefined) return byDefault;
    throw invalid(
      name,
      'it is missing; give seconds since 1970 or a time such as 2026-11-20T12:00:00Z',
    );
  }
  const seconds = Number(value);
  const ms = Number.isNaN(seconds) ? Date.parse(value) : Math.round(seconds * 1000);
  if (!(Math.abs(ms) <= TIME_MS_MAX)) {
    throw invalid(name, `cannot parse "${value.slice(0, 64)}" to a valid timestamp`);
  }
  return ms;
}

/** Seconds, or a duration of PromQL such as `1m30s`. */
function durationOf(parameters: Parameters, name: string): number {
  const value = textOf(parameters, name);
  const ms = parseDuration(value) ?? Math.round(Number(value) * 1000);
  if (!(ms > 0 && ms <= TIME_MS_MAX)) {
    throw invalid(name, `cannot parse "${value.slice(0, 64)}" to a valid duration greater than 0`);
  }
  return ms;
}

const ALL_TIME = { fromMs: 0, toMs: 9_000_000_000_000 };

function choiceOf(parameters: Parameters) {
  const selectors = [parameters['match[]'] ?? []].flat();
  return {
    selectors,
    fromMs: timeOf(parameters, 'start', ALL_TIME.fromMs),
    toMs: timeOf(parameters, 'end', ALL_TIME.toMs),
  };
}

/** `U__gen_2e_ai`, as clients write names that are no identifiers of Prometheus', is taken as `gen.ai`. */
function labelName(name: string): string {
  if (!name.startsWith('U__')) return name;
  return name
    .slice(3)
    .replace(/__|_([0-9a-fA-F]{1,6})_/g, (_, hex?: string) =>
      hex === undefined ? '_' : String.fromCodePoint(Math.min(parseInt(hex, 16), 0x10ffff)),
    );
}

function limitsOf(parameters: Parameters, signal: AbortSignal) {
  const timeout = one(parameters['timeout']);
  return {
    signal,
    ...(timeout === undefined || timeout === ''
      ? {}
      : { timeoutMs: durationOf(parameters, 'timeout') }),
  };
}

function sendPrometheusError(
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
): unknown {
  const known = toAppError(error);
  if (known.http >= 500) request.log.error({ err: error }, known.message);
  if (known.retryAfterSeconds !== undefined) {
    reply.header('retry-after', String(known.retryAfterSeconds));
  }
  if (known.code === 'UNAUTHORIZED') reply.header('www-authenticate', 'Basic realm="signalbox"');
  const errorType = ERROR_TYPES[known.code] ?? known.code.toLowerCase();
  return reply
    .code(known.http)
    .send({ status: 'error', errorType, error: known.message, success: false, code: known.code });
}
