import type { Metric } from '../client/metrics.ts';

/** Questions that are ready to be asked, and the one that fits a metric. */

export interface ReadyQuery {
  readonly title: string;
  /** The metric that it is about, as it was sent. */
  readonly needs: string;
  /** `WINDOW` stands for a range that fits the time on show. */
  readonly query: string;
}

export interface ReadyGroup {
  readonly title: string;
  readonly queries: readonly ReadyQuery[];
}

const TOKENS = 'gen_ai.client.token.usage';
const DURATION = 'gen_ai.client.operation.duration';

export const READY_QUERIES: readonly ReadyGroup[] = [
  {
    title: 'Model calls',
    queries: [
      {
        title: 'Tokens a minute by model',
        needs: TOKENS,
        query: 'sum by (gen_ai_request_model) (rate(gen_ai_client_token_usage_sum[WINDOW])) * 60',
      },
      {
        title: 'Tokens in and out',
        needs: TOKENS,
        query: 'sum by (gen_ai_token_type) (increase(gen_ai_client_token_usage_sum[WINDOW]))',
      },
      {
        title: 'Time of calls by model, 95th percentile',
        needs: DURATION,
        query:
          'histogram_quantile(0.95, sum by (le, gen_ai_request_model) (rate(gen_ai_client_operation_duration_seconds_bucket[WINDOW])))',
      },
      {
        title: 'Calls a minute by service',
        needs: DURATION,
        query:
          'sum by (service_name) (rate(gen_ai_client_operation_duration_seconds_count[WINDOW])) * 60',
      },
    ],
  },
  {
    title: 'Coding agents',
    queries: [
      {
        title: 'Cost by model',
        needs: 'claude_code.cost.usage',
        query: 'sum by (model) (increase(claude_code_cost_usage_USD_total[WINDOW]))',
      },
      {
        title: 'Tokens by kind',
        needs: 'claude_code.token.usage',
        query: 'sum by (type) (increase(claude_code_token_usage_tokens_total[WINDOW]))',
      },
      {
        title: 'Lines of code by person',
        needs: 'claude_code.lines_of_code.count',
        query:
          'sum by (user_email, type) (increase(claude_code_lines_of_code_count_total[WINDOW]))',
      },
      {
        title: 'Time at work by person',
        needs: 'claude_code.active_time.total',
        query: 'sum by (user_email) (increase(claude_code_active_time_seconds_total[WINDOW]))',
      },
    ],
  },
];

const WINDOWS: readonly (readonly [uptoMs: number, window: string])[] = [
  [3_600_000, '5m'],
  [6 * 3_600_000, '10m'],
  [24 * 3_600_000, '30m'],
  [7 * 24 * 3_600_000, '2h'],
];

/** A range for rates that neither hides what happens nor falls between samples. */
export function windowFor(spanMs: number): string {
  return WINDOWS.find(([upto]) => spanMs <= upto)?.[1] ?? '12h';
}

export const fill = (query: string, spanMs: number): string =>
  query.replaceAll('WINDOW', windowFor(spanMs));

/** The question that most people have about a metric of this type. */
export function queryFor(
  metric: Pick<Metric, 'type' | 'monotonic' | 'prometheus_name'>,
  spanMs: number,
): string {
  const name = metric.prometheus_name;
  const window = windowFor(spanMs);
  switch (metric.type) {
    case 'histogram':
    case 'exponential_histogram':
      return `histogram_quantile(0.95, sum by (le, service_name) (rate(${name}_bucket[${window}])))`;
    case 'sum':
      return metric.monotonic
        ? `sum by (service_name) (rate(${name}[${window}]))`
        : `sum by (service_name) (${name})`;
    case 'gauge':
    case 'summary':
      return name;
  }
}

const STEPS_S = [1, 5, 15, 30, 60, 120, 300, 600, 1_800, 3_600, 7_200, 21_600, 86_400];
const STEPS_WANTED = 240;

/** A step that gives a chart about as many points as it has room for; milliseconds. */
export function stepFor(spanMs: number): number {
  const wanted = spanMs / 1000 / STEPS_WANTED;
  return (STEPS_S.find((step) => step >= wanted) ?? 86_400) * 1000;
}
