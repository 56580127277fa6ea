import type { QueryAnswer, SeriesPoints } from '../query/metrics/metric-query.ts';
import { formatValue } from '../query/promql/literals.ts';

interface Steps {
  readonly startMs: number;
  readonly endMs: number;
  readonly stepMs: number;
}

/** An answer over time as the schema `MetricRange` says, a piece per series. */
export function* rangeBody(
  { result, hints }: QueryAnswer,
  { startMs, endMs, stepMs }: Steps,
): Iterable<string> {
  const steps = Math.floor((endMs - startMs) / stepMs) + 1;
  yield `{"success":true,"data":{"start":${startMs},"step_ms":${stepMs},"steps":${steps},"series":[`;
  let before = '';
  for (const { labels, timesMs, values } of result.kind === 'matrix' ? result.series : []) {
    const spread: (number | null)[] = Array.from({ length: steps }, () => null);
    for (let at = 0; at < values.length; at++) {
      const value = values[at]!;
      if (Number.isFinite(value)) spread[(timesMs[at]! - startMs) / stepMs] = value;
    }
    yield before + JSON.stringify({ labels: Object.fromEntries(labels), values: spread });
    before = ',';
  }
  yield `],"hints":${JSON.stringify(hints)}}}`;
}

/** An answer at one time as the schema `MetricInstant` says. */
export function* instantBody({ result, hints }: QueryAnswer, timeMs: number): Iterable<string> {
  yield `{"success":true,"data":{"kind":"${result.kind}","time":${timeMs},"series":[`;
  let before = '';
  for (const series of seriesOf(result)) {
    yield before + JSON.stringify(series);
    before = ',';
  }
  yield `],"hints":${JSON.stringify(hints)}}}`;
}

function* seriesOf(result: QueryAnswer['result']): Iterable<unknown> {
  if (result.kind === 'scalar' || result.kind === 'string') {
    const value = result.kind === 'scalar' ? formatValue(result.value) : result.value;
    yield { labels: {}, samples: [{ time: result.timeMs, value }] };
    return;
  }
  for (const { labels, timesMs, values } of result.series satisfies readonly SeriesPoints[]) {
    const samples = Array.from(values, (value, at) => ({
      time: timesMs[at]!,
      value: formatValue(value),
    }));
    yield { labels: Object.fromEntries(labels), samples };
  }
}
