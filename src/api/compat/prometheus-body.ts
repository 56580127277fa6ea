import type { QueryAnswer, SeriesPoints } from '../../query/metrics/metric-query.ts';
import { formatValue } from '../../query/promql/literals.ts';
import type { Labels } from '../../query/promql/labels.ts';

/** An answer in the JSON of Prometheus' HTTP API, a piece per series. */
export function* prometheusBody({ result, hints }: QueryAnswer): Iterable<string> {
  yield `{"status":"success","data":{"resultType":"${result.kind}","result":`;
  if (result.kind === 'scalar') {
    yield JSON.stringify([result.timeMs / 1000, formatValue(result.value)]);
  } else if (result.kind === 'string') {
    yield JSON.stringify([result.timeMs / 1000, result.value]);
  } else {
    yield* listOf(result.series, result.kind === 'vector' ? sampleOf : samplesOf);
  }
  yield hints.length === 0 ? '}}' : `},"infos":${JSON.stringify(hints)}}`;
}

/** Names, values or series. */
export function prometheusList(list: readonly unknown[]): string {
  return JSON.stringify({ status: 'success', data: list });
}

function* listOf(
  series: readonly SeriesPoints[],
  write: (one: SeriesPoints) => string,
): Iterable<string> {
  let before = '[';
  for (const one of series) {
    yield before + write(one);
    before = ',';
  }
  yield before === '[' ? '[]' : ']';
}

const metricOf = (labels: Labels): string => JSON.stringify(Object.fromEntries(labels));

const sampleOf = (series: SeriesPoints): string =>
  `{"metric":${metricOf(series.labels)},"value":${pairAt(series, 0)}}`;

function samplesOf(series: SeriesPoints): string {
  let text = `{"metric":${metricOf(series.labels)},"values":[`;
  for (let at = 0; at < series.values.length; at++) {
    if (at > 0) text += ',';
    text += pairAt(series, at);
  }
  return `${text}]}`;
}

/** A value as Prometheus writes it needs no escape. */
const pairAt = ({ timesMs, values }: SeriesPoints, at: number): string =>
  `[${timesMs[at]! / 1000},"${formatValue(values[at]!)}"]`;
