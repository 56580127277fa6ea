import {
  type MetricIdentity,
  type MetricPart,
  partsOf,
  prometheusName,
  seriesName,
} from '../../model/metric-name.ts';
import type { Matcher } from '../promql/ast.ts';
import { NAME } from '../promql/labels.ts';
import { compileMatcher } from '../promql/match-series.ts';

/** Series of one name: a part of a metric's points. */
export interface Family<Metric extends MetricIdentity = MetricIdentity> {
  readonly metric: Metric;
  readonly part: MetricPart;
  readonly name: string;
}

export const TARGET_INFO = 'target_info';

/** All series names of metrics, in Prometheus' spelling. */
export function familiesOf<Metric extends MetricIdentity>(
  metrics: readonly Metric[],
): Family<Metric>[] {
  return metrics.flatMap((metric) => {
    const base = prometheusName(metric);
    return partsOf(metric.type).map((part) => ({ metric, part, name: seriesName(base, part) }));
  });
}

/**
 * The families that a selector's name fits: by Prometheus' spelling, or, when it is named as it is, by
 * OpenTelemetry's, as in `{"gen_ai.client.token.usage_sum"}`.
 */
export function matchFamilies<Metric extends MetricIdentity>(
  metrics: readonly Metric[],
  matchers: readonly Matcher[],
): Family<Metric>[] {
  const tests = matchers.filter(({ name }) => name === NAME).map(compileMatcher);
  const fits = (name: string): boolean => tests.every((test) => test(name));
  const named = matchers.some(({ name, op }) => name === NAME && op === '=');
  return familiesOf(metrics).flatMap((family) => {
    if (fits(family.name)) return [family];
    const raw = seriesName(family.metric.name, family.part);
    return named && fits(raw) ? [{ ...family, name: raw }] : [];
  });
}

/** What to ask for when a selector names a histogram or a summary as a whole; undefined for other names. */
export function hintFor(
  metrics: readonly MetricIdentity[],
  matchers: readonly Matcher[],
): string | undefined {
  const name = matchers.find((matcher) => matcher.name === NAME && matcher.op === '=')?.value;
  const metric = metrics.find(
    (each) =>
      (each.type === 'histogram' || each.type === 'exponential_histogram') &&
      (each.name === name || prometheusName(each) === name),
  );
  if (metric === undefined || name === undefined) return undefined;
  return `${name} is a histogram and has the series ${name}_bucket, ${name}_sum and ${name}_count`;
}
