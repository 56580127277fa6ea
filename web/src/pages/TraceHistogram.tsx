import { useQuery } from '@tanstack/react-query';
import { filterOf } from '../client/trace-filter.ts';
import { traceHistogramQuery } from '../client/traces.ts';
import type { TraceHistogram as Counted } from '../client/traces.ts';
import { formatCount, formatStep } from '../format.ts';
import { TimeChart } from '../parts/TimeChart.tsx';
import { brushedRange, timeStepsOf } from '../time-steps.ts';
import type { TracesSearch } from './traces-search.ts';

/** How many traces began when, and how many of them failed; a stretch that is dragged over becomes the range. */
export function TraceHistogram(props: {
  readonly search: TracesSearch;
  readonly nowMs: number;
  readonly onChange: (next: Partial<TracesSearch>) => void;
}) {
  const { search, nowMs, onChange } = props;
  const live = search.live === true;
  // All of time has no beginning to count from.
  const wanted = search.range === 'all' && search.from === undefined ? undefined : search;
  const counted = useQuery({
    ...traceHistogramQuery(filterOf(search, nowMs), { live }),
    enabled: wanted !== undefined,
  });
  if (wanted === undefined || counted.data === undefined) return null;
  const { timesMs, fine, failed } = spread(counted.data);
  return (
    <TimeChart
      title="Traces"
      unit={`per ${formatStep(counted.data.step_seconds)}; drag to narrow the time`}
      timesMs={timesMs}
      series={[
        { label: 'Failed', color: '--stop', values: failed },
        { label: 'Fine', color: '--other', values: fine },
      ]}
      format={formatCount}
      stacked
      bars
      height={96}
      onBrush={(fromMs, toMs) => onChange(brushedRange(fromMs, toMs))}
    />
  );
}

/** Steps without traces are zeros here: nothing came, and that is known. */
function spread(counted: Counted) {
  const byStart = new Map(counted.steps.map((step) => [step.start, step]));
  const timesMs = timeStepsOf(counted);
  return {
    timesMs,
    failed: timesMs.map((at) => byStart.get(at)?.failed ?? 0),
    fine: timesMs.map((at) => (byStart.get(at)?.traces ?? 0) - (byStart.get(at)?.failed ?? 0)),
  };
}
