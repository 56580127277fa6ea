import { useMemo } from 'react';
import type { MetricRange } from '../../client/metrics.ts';
import { formatStep } from '../../format.ts';
import { TimeChart } from '../../parts/TimeChart.tsx';
import type { ChartSeries } from '../../parts/TimeChart.tsx';
import { nameSeries, unitOf } from '../../promql/series-names.ts';
import { visibleText } from '../../visible-text.ts';

const COLORS = Array.from({ length: 8 }, (_, at) => `--series-${at + 1}`);
/** More lines than this tell nobody anything, and cost seconds to draw. */
const SERIES_DRAWN_MAX = 24;

export function QueryChart(props: {
  readonly letter: string;
  readonly query: string;
  readonly answer: MetricRange | undefined;
  readonly onBrush: (fromMs: number, toMs: number) => void;
}) {
  const { answer, query } = props;
  const drawn = useMemo(() => chartOf(answer, query), [answer, query]);
  const unit = unitOf(query);
  if (answer === undefined || drawn === undefined) {
    return <div className="panel chart-wait" aria-busy="true" />;
  }
  if (drawn.series.length === 0) {
    return (
      <p className="panel query-empty quiet">
        No series has a value in this time. Widen the time, or the range in the brackets; names and
        labels complete as you type.
      </p>
    );
  }
  const step = `a point every ${formatStep(answer.step_ms / 1000)}`;
  return (
    <>
      <TimeChart
        title={`${props.letter}  ${visibleText(query, 90)}`}
        unit={[unit.name, step, 'drag to narrow the time'].filter((part) => part !== '').join('; ')}
        timesMs={drawn.timesMs}
        series={drawn.series}
        format={unit.format}
        height={220}
        onBrush={props.onBrush}
      />
      {drawn.total > drawn.series.length && (
        <p className="notice">
          {drawn.series.length} of {drawn.total} series are drawn, those with the greatest values.
          Aggregate with sum by (…), or pick with topk(10, …).
        </p>
      )}
    </>
  );
}

function chartOf(
  answer: MetricRange | undefined,
  query: string,
): { timesMs: number[]; series: ChartSeries[]; total: number } | undefined {
  if (answer === undefined) return undefined;
  const { start, step_ms: stepMs, steps } = answer;
  const greatest = (values: readonly (number | null)[]): number =>
    values.reduce<number>((most, value) => Math.max(most, Math.abs(value ?? 0)), 0);
  const all =
    answer.series.length <= SERIES_DRAWN_MAX
      ? answer.series
      : answer.series
          .map((series) => ({ series, most: greatest(series.values) }))
          .sort((a, b) => b.most - a.most)
          .slice(0, SERIES_DRAWN_MAX)
          .map(({ series }) => series);
  const names = nameSeries(
    all.map(({ labels }) => labels),
    query,
  );
  return {
    timesMs: Array.from({ length: steps }, (_, at) => start + at * stepMs),
    total: answer.series.length,
    series: all.map(({ values }, at) => ({
      label: names[at]!,
      color: COLORS[at % COLORS.length]!,
      values,
    })),
  };
}
