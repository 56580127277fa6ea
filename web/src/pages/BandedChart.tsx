import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { agentSeriesQuery, anomalySeriesQuery } from '../client/anomalies.ts';
import type { Anomaly, BandedSeries, SeriesMetric } from '../client/anomalies.ts';
import {
  formatCount,
  formatDollars,
  formatDuration,
  formatPlural,
  formatShare,
} from '../format.ts';
import { EmptyState, ErrorState } from '../parts/States.tsx';
import { TimeChart } from '../parts/TimeChart.tsx';
import type { TimeMark } from '../parts/time-band.ts';
import './Anomalies.css';

const NS_PER_S = 1e9;

interface MetricWords {
  readonly title: string;
  readonly unit: string;
  readonly format: (value: number) => string;
}

const twoDigits = (value: number): string => value.toPrecision(2);

const WORDS: Readonly<Record<SeriesMetric, MetricWords>> = {
  cost: { title: 'Cost of a run', unit: 'median of the newest runs', format: formatDollars },
  dearest_run: { title: 'Dearest run', unit: 'of the newest hundred', format: formatDollars },
  duration: {
    title: 'Duration of a run',
    unit: 'median of the newest runs',
    format: (seconds) => formatDuration(seconds * NS_PER_S),
  },
  error_rate: { title: 'Failed runs', unit: 'share of the newest runs', format: formatShare },
  tool_mix: {
    title: 'Tool mix',
    unit: 'how far the newest runs’ tools are from the usual ones, 0 to 1',
    format: twoDigits,
  },
  runs_per_day: { title: 'Runs', unit: 'of 24 hours', format: formatCount },
  cost_per_day: { title: 'Cost', unit: 'of 24 hours', format: formatDollars },
  check: { title: 'Runs that pass the check', unit: 'share of two days', format: formatShare },
};

/** A figure over time, and the band of what was usual at each moment. */
function BandedChart(props: { readonly series: BandedSeries; readonly mark?: TimeMark }) {
  const { points, metric } = props.series;
  const words = WORDS[metric];
  if (!points.some(({ value }) => value !== null)) {
    return (
      <EmptyState title="Nothing ran in this time">
        <p className="quiet">The figure is drawn from the runs that are stored.</p>
      </EmptyState>
    );
  }
  return (
    <TimeChart
      title={words.title}
      unit={words.unit}
      timesMs={points.map(({ at }) => Date.parse(at))}
      series={[{ label: words.title, color: '--agent', values: points.map(({ value }) => value) }]}
      band={{
        label: 'usual then, and what is not told of',
        usual: points.map(({ usual }) => usual),
        low: points.map(({ low }) => low),
        high: points.map(({ high }) => high),
      }}
      mark={props.mark}
      format={words.format}
    />
  );
}

/** The figure of an anomaly around the time in which it was found. */
export function AnomalyCourse({ anomaly }: { readonly anomaly: Anomaly }) {
  const series = useQuery(anomalySeriesQuery(anomaly));
  const { from, to } = anomaly.evidence.window;
  if (series.isError) return <ErrorState error={series.error} what="The course cannot be read" />;
  if (series.data === undefined) return <div className="bone w0" aria-hidden="true" />;
  if (series.data === null) return null;
  return (
    <BandedChart series={series.data} mark={{ fromMs: Date.parse(from), toMs: Date.parse(to) }} />
  );
}

const OF_AGENT = [
  ['duration', 'Duration'],
  ['cost', 'Cost'],
  ['error_rate', 'Failures'],
  ['tool_mix', 'Tools'],
  ['runs_per_day', 'Runs a day'],
  ['cost_per_day', 'Cost a day'],
] as const satisfies readonly (readonly [SeriesMetric, string])[];

const RUN_HOURS = 7 * 24;
const DAY_HOURS = 30 * 24;

/** What is usual of an agent, metric by metric. */
export function AgentBaselines({ agentId }: { readonly agentId: string }) {
  const [metric, setMetric] = useState<SeriesMetric>('duration');
  const hours = metric.endsWith('per_day') ? DAY_HOURS : RUN_HOURS;
  const series = useQuery(agentSeriesQuery(agentId, metric, hours));
  return (
    <section className="panel" aria-label="Baselines">
      <header>
        <h2>What is usual</h2>
        <span className="faint">{formatPlural(hours / 24, 'day')}</span>
      </header>
      <div className="segments banded-metrics" role="group" aria-label="Metric">
        {OF_AGENT.map(([id, name]) => (
          <button key={id} type="button" aria-pressed={id === metric} onClick={() => setMetric(id)}>
            {name}
          </button>
        ))}
      </div>
      {series.isError && <ErrorState error={series.error} what="The baseline cannot be read" />}
      {series.data !== undefined && <BandedChart series={series.data} />}
      {series.data?.points.every(({ usual }) => usual === null) === true && (
        <p className="banded-note faint">
          There is no band yet: a baseline takes twenty runs beside the newest ten and the last
          hour’s; days take a week.
        </p>
      )}
    </section>
  );
}
