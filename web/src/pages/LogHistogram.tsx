import { useQuery } from '@tanstack/react-query';
import type { SeverityLevel } from '../../../src/model/severity.ts';
import { logHistogramQuery } from '../client/logs.ts';
import type { LogHistogram as Counted } from '../client/logs.ts';
import { formatCount, formatStep } from '../format.ts';
import { TimeChart } from '../parts/TimeChart.tsx';
import { brushedRange, timeStepsOf } from '../time-steps.ts';
import type { LogsSearch } from './logs-search.ts';

const SERIES: readonly (readonly [
  label: string,
  color: string,
  levels: readonly SeverityLevel[],
])[] = [
  ['Errors', '--stop', ['error', 'fatal']],
  ['Warnings', '--caution', ['warn']],
  ['Info', '--other', ['info']],
  ['Debug and others', '--line-strong', ['debug', 'trace', 'unset']],
];

/** How many records came when, by level; a stretch that is dragged over becomes the range. */
export function LogHistogram(props: {
  readonly search: LogsSearch;
  readonly nowMs: number;
  readonly onChange: (next: Partial<LogsSearch>) => void;
}) {
  const { search, nowMs, onChange } = props;
  // All of time has no beginning to count from.
  const endless = search.range === 'all' && search.from === undefined;
  const counted = useQuery({ ...logHistogramQuery(search, nowMs), enabled: !endless }).data;
  if (endless) return null;
  if (counted === undefined) return <div className="panel logs-chart-bone" aria-hidden="true" />;
  const timesMs = timeStepsOf(counted);
  return (
    <TimeChart
      title="Records"
      unit={`per ${formatStep(counted.step_seconds)}; drag to narrow the time`}
      timesMs={timesMs}
      series={SERIES.map(([label, color, levels]) => ({
        label,
        color,
        values: spread(counted, timesMs, levels),
      }))}
      format={formatCount}
      stacked
      bars
      height={72}
      onBrush={(fromMs, toMs) => onChange(brushedRange(fromMs, toMs))}
    />
  );
}

/** Steps without records are zeros here: nothing came, and that is known. */
function spread(
  counted: Counted,
  timesMs: readonly number[],
  levels: readonly SeverityLevel[],
): number[] {
  const byStart = new Map<number, number>();
  for (const { start, level, count } of counted.steps) {
    if (levels.includes(level)) byStart.set(start, (byStart.get(start) ?? 0) + count);
  }
  return timesMs.map((at) => byStart.get(at) ?? 0);
}
