import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';

import { AppError, type ErrorCode } from '../../errors.ts';
import { prometheusName } from '../../model/metric-name.ts';
import type { QueryAnswer, SeriesPoints } from '../../query/metrics/metric-query.ts';
import { parseDuration, formatValue } from '../../query/promql/literals.ts';
import type { Labels } from '../../query/promql/labels.ts';
import type { ApiDeps } from '../api-deps.ts';
import { toAppError } from '../error-response.ts';
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
  readonly project: string;
  /** Aborts when the client goes away. */
  readonly signal: AbortSignal;
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
      route(both, '/api/v1/query', queryAnswer(deps));
      route(both, '/api/v1/query_range', rangeAnswer(deps));
      route(both, '/api/v1/labels', async (parameters, { project }) =>
        deps.metrics.listLabelNames(project, choiceOf(parameters)),
      );
      route(['GET'], '/api/v1/label/:name/values', async (parameters, { request, project }) => {
        const { name } = request.params as { readonly name: string };
        return deps.metrics.listLabelValues(project, labelName(name), choiceOf(parameters));
      });
      route(both, '/api/v1/series', async (parameters, { project }) => {
        const choice = choiceOf(parameters);
        if (choice.selectors.length === 0) {
          throw new AppError('VALIDATION_ERROR', 'no match[] parameter provided; name a selector');
        }
        const found = await deps.metrics.findSeries(project, choice);
        return found.map((labels) => Object.fromEntries(labels));
      });
      route(['GET'], '/api/v1/metadata', metadataAnswer(deps));
      route(['GET'], '/api/v1/status/buildinfo', async () => buildInfo(deps.version));
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
      const gone = new AbortController();
      reply.raw.once('close', () => gone.abort());
      const parameters = {
        ...(request.query as Parameters),
        ...((request.body ?? {}) as Parameters),
      };
      const answered = await answer(parameters, {
        request,
        project: principalOf(request).project,
        signal: gone.signal,
      });
      return answered instanceof WithHints
        ? { status: 'success', data: answered.data, infos: answered.hints }
        : { status: 'success', data: answered };
    },
  });
}

class WithHints {
  readonly data: unknown;
  readonly hints: readonly string[];

  constructor(data: unknown, hints: readonly string[]) {
    this.data = data;
    this.hints = hints;
  }
}

const queryAnswer =
  (deps: ApiDeps): Answer =>
  async (parameters, { project, signal }) => {
    const answer = await deps.metrics.instant(project, {
      text: textOf(parameters, 'query'),
      timeMs: timeOf(parameters, 'time', deps.clock.now()),
      ...limitsOf(parameters, signal),
    });
    return withHints(answer);
  };

const rangeAnswer =
  (deps: ApiDeps): Answer =>
  async (parameters, { project, signal }) => {
    const answer = await deps.metrics.range(project, {
      text: textOf(parameters, 'query'),
      startMs: timeOf(parameters, 'start'),
      endMs: timeOf(parameters, 'end'),
      stepMs: durationOf(parameters, 'step'),
      ...limitsOf(parameters, signal),
    });
    return withHints(answer);
  };

function withHints({ result, hints }: QueryAnswer): unknown {
  const data = dataOf(result);
  return hints.length === 0 ? data : new WithHints(data, hints);
}

function dataOf(result: QueryAnswer['result']): unknown {
  switch (result.kind) {
    case 'scalar':
      return { resultType: 'scalar', result: [result.timeMs / 1000, formatValue(result.value)] };
    case 'string':
      return { resultType: 'string', result: [result.timeMs / 1000, result.value] };
    case 'vector':
      return {
        resultType: 'vector',
        result: result.series.map((series) => ({
          metric: metricOf(series.labels),
          value: pairAt(series, 0),
        })),
      };
    case 'matrix':
      return {
        resultType: 'matrix',
        result: result.series.map((series) => ({
          metric: metricOf(series.labels),
          values: Array.from(series.values, (_, at) => pairAt(series, at)),
        })),
      };
  }
}

const metricOf = (labels: Labels): Record<string, string> => Object.fromEntries(labels);

const pairAt = ({ timesMs, values }: SeriesPoints, at: number): readonly [number, string] => [
  timesMs[at]! / 1000,
  formatValue(values[at]!),
];

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
    return answer;
  };

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
