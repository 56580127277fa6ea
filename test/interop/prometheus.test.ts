import { mkdirSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import path from 'node:path';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { eventually } from '../harness/eventually.ts';
import { killAll, run } from '../harness/process.ts';
import type { Running } from '../harness/process.ts';
import { freePort, startServer, temporaryFolder } from '../harness/server.ts';
import type { TestServer } from '../harness/server.ts';
import { makeSamples, toOpenMetrics, toOtlp } from './prometheus-samples.ts';
import { must } from './programs.ts';

/** Debian's Prometheus and Signalbox are asked the same about the same samples. */

let server: TestServer;
let prometheus: Running;
let prometheusUrl: string;
let folder: string;
let key: string;

/** On a whole minute, two hours ago. */
const START_MS = Math.floor(Date.now() / 60_000) * 60_000 - 2 * 3_600_000;

beforeAll(async () => {
  server = await startServer();
  const made = await server.api('POST', '/auth/api-keys', {
    label: 'prometheus',
    scopes: ['monitoring:read'],
  });
  key = (made.body.data as { secret: string }).secret;
  const samples = makeSamples(START_MS);
  const sent = await fetch(`${server.url}/v1/metrics`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${server.ingestKey}` },
    body: JSON.stringify(toOtlp(samples)),
  });
  expect(sent.status).toBe(200);
  folder = await temporaryFolder();
  const text = path.join(folder, 'samples.txt');
  const data = path.join(folder, 'data');
  mkdirSync(data);
  writeFileSync(text, toOpenMetrics(samples));
  writeFileSync(path.join(folder, 'prometheus.yml'), 'global: {}\n');
  await must('promtool', ['tsdb', 'create-blocks-from', 'openmetrics', text, data]);
  const port = await freePort();
  prometheusUrl = `http://127.0.0.1:${port}`;
  prometheus = run('prometheus', [
    `--config.file=${folder}/prometheus.yml`,
    `--storage.tsdb.path=${data}`,
    '--storage.tsdb.retention.time=10y',
    `--web.listen-address=127.0.0.1:${port}`,
    '--log.level=error',
  ]);
  await eventually('Prometheus', async () => {
    const ready = await fetch(`${prometheusUrl}/-/ready`).catch(() => undefined);
    return ready?.status === 200 ? true : undefined;
  });
  await eventually('the samples to be stored', async () => {
    const { result } = await ask(server.url + '/prometheus', 'query', {
      query: 'count({__name__=~".+_count"})',
      time: String(START_MS / 1000 + 3_600),
    });
    return result.length > 0 ? true : undefined;
  });
}, 180_000);

afterAll(async () => {
  if (prometheus !== undefined) killAll(prometheus.child);
  await prometheus?.exited;
  await server?.dispose();
  if (folder !== undefined) await rm(folder, { recursive: true, force: true });
});

interface Answer {
  readonly resultType: string;
  // Compared whole.
  readonly result: readonly unknown[];
}

async function post(
  url: string,
  what: 'query' | 'query_range',
  parameters: Readonly<Record<string, string>>,
): Promise<Response> {
  return await fetch(`${url}/api/v1/${what}`, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      authorization: `Basic ${Buffer.from(`any:${key}`).toString('base64')}`,
    },
    body: new URLSearchParams(parameters),
  });
}

async function ask(
  url: string,
  what: 'query' | 'query_range',
  parameters: Readonly<Record<string, string>>,
): Promise<Answer> {
  const answer = await post(url, what, parameters);
  const body = (await answer.json()) as { status: string; data: Answer; error?: string };
  if (body.status !== 'success') throw new Error(`${parameters['query']}: ${body.error}`);
  return body.data;
}

/** Status and kind; the words are each one's own. */
async function refusalOf(
  url: string,
  parameters: Readonly<Record<string, string>>,
): Promise<readonly unknown[]> {
  const answer = await post(url, 'query_range', parameters);
  const body = (await answer.json()) as { status: string; errorType?: string };
  return [answer.status, body.status, body.errorType];
}

/** Series in the order of their labels, values as numbers. */
function comparable({ resultType, result }: Answer): unknown {
  const read = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(read);
    const isNumber = typeof value === 'string' && value !== '' && Number.isFinite(Number(value));
    return isNumber ? Number(value) : value;
  };
  if (resultType === 'scalar' || resultType === 'string') return read(result);
  return (result as { metric: Record<string, string>; value?: unknown; values?: unknown }[])
    .map(({ metric, value, values }) => [
      JSON.stringify(
        Object.keys(metric)
          .sort()
          .map((name) => [name, metric[name]]),
      ),
      read(value ?? values),
    ])
    .sort(([a], [b]) => (String(a) < String(b) ? -1 : 1));
}

/** `given` with the numbers of `wanted` in the place of those that are the same to ten figures. */
function aligned(given: unknown, wanted: unknown): unknown {
  if (Array.isArray(given) && Array.isArray(wanted)) {
    return given.map((each, at) => aligned(each, wanted[at]));
  }
  if (typeof given !== 'number' || typeof wanted !== 'number') return given;
  const largest = Math.max(Math.abs(given), Math.abs(wanted), 1e-2);
  return Math.abs(given - wanted) <= largest * 1e-10 ? wanted : given;
}

function expectSame(given: Answer, wanted: Answer): void {
  const right = comparable(wanted);
  expect(aligned(comparable(given), right)).toEqual(right);
}

const QUERIES = [
  'queue_depth',
  'queue_depth{model=~"o.*|haiku", type!="in"}',
  'gappy',
  'queue_depth offset 7m',
  `queue_depth @ ${START_MS / 1000 + 1_800}`,
  'sum(tokens_total)',
  'sum by (model) (rate(tokens_total[5m]))',
  'sum without (model, instance) (increase(tokens_total[10m]))',
  'irate(tokens_total[5m])',
  'delta(queue_depth[5m])',
  'idelta(queue_depth[5m])',
  'deriv(queue_depth[10m])',
  'predict_linear(queue_depth[10m], 600)',
  'resets(tokens_total[30m])',
  'changes(queue_depth[5m])',
  'avg_over_time(queue_depth[5m])',
  'min_over_time(queue_depth[5m])',
  'max_over_time(queue_depth[5m])',
  'sum_over_time(queue_depth[5m])',
  'count_over_time(gappy[5m])',
  'quantile_over_time(0.9, queue_depth[10m])',
  'stddev_over_time(queue_depth[10m])',
  'last_over_time(gappy[20m])',
  'present_over_time(gappy[5m])',
  'absent(nothing{a="b"})',
  'absent_over_time(gappy[1m])',
  'holt_winters(queue_depth[10m], 0.5, 0.3)',
  'avg by (type) (queue_depth)',
  'min(queue_depth)',
  'max by (model) (queue_depth)',
  'count by (type) (queue_depth > 5)',
  'group by (model) (queue_depth)',
  'stddev(queue_depth)',
  'stdvar by (type) (queue_depth)',
  'quantile by (type) (0.3, queue_depth)',
  'topk(2, queue_depth)',
  'bottomk by (type) (1, queue_depth)',
  'count_values("v", round(queue_depth, 10))',
  'histogram_quantile(0.95, sum by (le) (rate(wait_seconds_bucket[5m])))',
  'histogram_quantile(0.5, rate(wait_seconds_bucket[10m]))',
  'histogram_quantile(1.1, wait_seconds_bucket)',
  'rate(wait_seconds_sum[5m]) / rate(wait_seconds_count[5m])',
  'queue_depth + on (model) group_left model_limit',
  'model_limit * on (model) group_right queue_depth{type="in"}',
  'queue_depth{type="in"} - ignoring (type) queue_depth{type="out"}',
  'queue_depth > 3 and queue_depth < 20',
  'queue_depth > bool 3',
  'queue_depth unless on (model) model_limit',
  'queue_depth{type="in"} or model_limit',
  '3 - queue_depth ^ 2 % 7',
  '-queue_depth',
  'queue_depth / 0',
  'abs(queue_depth)',
  'ceil(queue_depth) + floor(queue_depth)',
  'round(queue_depth, 0.5)',
  'clamp(queue_depth, -2, 8)',
  'clamp_min(queue_depth, 0)',
  'sqrt(queue_depth)',
  'ln(queue_depth)',
  'sgn(queue_depth)',
  'exp(queue_depth / 10)',
  'sin(queue_depth) atan2 queue_depth',
  'timestamp(queue_depth)',
  'time()',
  'vector(2) ^ vector(3)',
  'scalar(gappy)',
  'hour(vector(time())) * 100 + minute() + day_of_week() + days_in_month()',
  'label_replace(queue_depth, "m", "$1-x", "model", "(.*)u.*")',
  'label_join(queue_depth, "both", "/", "model", "type")',
  'max_over_time(sum(queue_depth)[10m:1m])',
  'rate(sum(tokens_total)[10m:30s] offset 5m)',
  'avg_over_time(rate(tokens_total[2m])[10m:])',
  `sum(rate(tokens_total[5m] @ ${START_MS / 1000 + 1_800}))`,
  'sum(rate(tokens_total[5m] @ start() offset -30m))',
  // Matchers
  '{__name__=~"queue_.*|gappy", model!~"o.*", type!="out"}',
  'queue_depth{nothing="", model!=""}',
  'count by (__name__) ({__name__=~".+", __name__!~"wait.*|target_info"})',
  // Moved in time
  'queue_depth offset -5m',
  'queue_depth @ end() offset 15m',
  'queue_depth @ start() offset -10m',
  'rate(tokens_total[5m] offset 10m) - rate(tokens_total[5m])',
  `sum_over_time(queue_depth[5m] @ ${START_MS / 1000 + 1_800} offset 3m)`,
  // Subqueries
  'min_over_time((queue_depth > 3)[15m:30s])',
  'max_over_time(deriv(queue_depth[5m])[10m:1m] offset 2m)',
  'count_over_time(queue_depth[10m:3m])',
  'sum_over_time(max_over_time(queue_depth[3m])[10m:2m])',
  `avg_over_time((sum by (model) (queue_depth))[20m:5m] @ ${START_MS / 1000 + 2_411})`,
  'irate(tokens_total[6m:45s])',
  'stdvar_over_time(queue_depth[10m:90s])',
  // Ranges
  'increase(tokens_total[7m])',
  'rate(tokens_total[90s])',
  'delta(gappy[10m])',
  'changes(gappy[20m])',
  'resets(queue_depth[10m])',
  'quantile_over_time(0, queue_depth[10m])',
  'quantile_over_time(2, queue_depth[10m])',
  'predict_linear(gappy[15m], -60)',
  // Labels
  'label_replace(queue_depth, "kind", "${name}!$$", "type", "(?P<name>i.*|o.*)")',
  'label_replace(queue_depth, "kind", "$9$1", "nothing", "(.*)")',
  'label_replace(queue_depth, "type", "", "nothing", "x")',
  'label_join(queue_depth, "type", "-", "type", "nothing", "model")',
  'sum by (kind) (label_replace(tokens_total, "kind", "$1", "model", "(.).*"))',
  // Sets
  'queue_depth or on (model) model_limit',
  'queue_depth and on (model) model_limit > 10',
  'tokens_total unless on (model, type) queue_depth > 10',
  'queue_depth{type="in"} or queue_depth{type="out"} or gappy or vector(7)',
  '(queue_depth > 10 or queue_depth < 5) and ignoring (type) queue_depth{type="in"}',
  // Comparisons
  'queue_depth == bool 3',
  '3 >= queue_depth',
  '1 < bool 2',
  'queue_depth{type="in"} >= bool ignoring (type) queue_depth{type="out"}',
  'queue_depth <= bool on (model) group_left model_limit',
  'queue_depth < on (model) group_left () model_limit',
  'count(queue_depth != queue_depth) or vector(0)',
  // Pairs
  'queue_depth * on (model) group_left (host) label_replace(model_limit, "host", "h-$1", "model", "(.*)")',
  'sum by (model) (queue_depth) / on (model) group_right () queue_depth',
  'queue_depth % on (model, type) group_left tokens_total',
  // Aggregations
  'count_values by (type) ("v", ceil(queue_depth / 5))',
  'topk by (type) (2, -queue_depth)',
  'bottomk(3, queue_depth)',
  'quantile(0.5, queue_depth) by (model)',
  'quantile without (type) (-1, queue_depth)',
  'avg without (type) (queue_depth)',
  'sum by () (queue_depth)',
  'max(queue_depth) by (model, nothing)',
  'group without (model) (tokens_total)',
  'stddev without (type) (queue_depth)',
  // Absence, scalars and times
  'absent(nothing{a="b", c=~"d", e="f", e="g"})',
  'absent(sum(nothing))',
  'absent_over_time(nothing{a="b"}[5m])',
  'scalar(sum(queue_depth)) + queue_depth',
  'vector(scalar(queue_depth))',
  'time() - timestamp(queue_depth)',
  'day_of_month(queue_depth * 86400) + month(queue_depth * 86400 * 30) * 100 + year(queue_depth * 1e8)',
  'day_of_week(queue_depth * 86400) * 1000 + day_of_year(queue_depth * 86400)',
  // Arithmetic
  '2 ^ 3 ^ 2 + queue_depth',
  '-2 ^ 2 * queue_depth',
  'queue_depth % -3',
  '1e3 - 0x1F * queue_depth',
  'queue_depth * Inf',
  'clamp_max(queue_depth, scalar(sum(queue_depth)) / 4)',
  'log2(queue_depth) + log10(queue_depth) + deg(queue_depth) + rad(queue_depth)',
  'acos(queue_depth / 100) + cosh(queue_depth / 50) + tanh(queue_depth) + pi()',
  // Histograms
  'histogram_quantile(0, rate(wait_seconds_bucket[10m]))',
  'histogram_quantile(1, rate(wait_seconds_bucket[10m]))',
  'histogram_quantile(-1, wait_seconds_bucket)',
  'histogram_quantile(0.9, sum without (instance) (increase(wait_seconds_bucket[10m])))',
  'histogram_quantile(0.5, wait_seconds_bucket{le!="+Inf"})',
  'histogram_quantile(scalar(vector(0.25)), wait_seconds_bucket offset 3m)',
];

describe('questions in PromQL', () => {
  /** Prometheus 3 names what 2 called holt_winters. */
  const ours = (query: string): string =>
    query.replace('holt_winters', 'double_exponential_smoothing');

  test.each(QUERIES)('%s is answered as Prometheus does', async (query) => {
    // From before the beginning of the samples to behind their end; never on a whole minute, where subqueries have
    // their steps: ranges are open to the left since Prometheus 3, and Debian's is older.
    const range = {
      start: String(START_MS / 1000 - 53),
      end: String(START_MS / 1000 + 3_900),
      step: '60',
    };
    const wanted = await ask(prometheusUrl, 'query_range', { query, ...range });
    const given = await ask(`${server.url}/prometheus`, 'query_range', {
      query: ours(query),
      ...range,
    });
    expect(wanted.result.length).toBeGreaterThan(0);
    expectSame(given, wanted);
    const time = String(START_MS / 1000 + 1_811);
    const at = await ask(prometheusUrl, 'query', { query, time });
    const now = await ask(`${server.url}/prometheus`, 'query', { query: ours(query), time });
    expectSame(now, at);
  });

  test.each([
    'queue_depth + on (model) tokens_total',
    'queue_depth + on (model) group_left queue_depth',
    'label_replace(queue_depth, "type", "x", "", ".*") + 0',
    'label_replace(queue_depth, "a", "x", "model", "(")',
    'label_join(queue_depth, "type", "-")  * 1',
    'sum(1)',
    'rate(queue_depth)',
    'queue_depth[5m]',
    'max_over_time(queue_depth[5m:1m])[5m]',
    '{}',
    '{model=~".*"}',
    'queue_depth{model=~"("}',
    'queue_depth and 1',
    '1 == 1',
    'queue_depth bool 1',
    'queue_depth + bool 1',
    'unknown(queue_depth)',
    'topk("a", queue_depth)',
    'count_values(1, queue_depth)',
    'queue_depth offset 5m offset 5m',
    'queue_depth @ 1 @ 2',
    'sum by (model queue_depth)',
    '1 + on (model) group_left queue_depth',
    'queue_depth and on (model) group_left model_limit',
    'queue_depth * on (model) group_left (model) model_limit',
    'clamp(queue_depth, 1)',
    'sum(queue_depth',
    '"text" + 1',
    '-"text"',
    'queue_depth[0s]',
  ])('%s is refused as Prometheus does', async (query) => {
    const time = String(START_MS / 1000 + 1_811);
    const range = { start: time, end: String(START_MS / 1000 + 1_871), step: '60' };
    const wanted = await refusalOf(prometheusUrl, { query, ...range });
    expect(wanted).toEqual([expect.any(Number), 'error', expect.any(String)]);
    expect(await refusalOf(`${server.url}/prometheus`, { query, ...range })).toEqual(wanted);
  });
});
