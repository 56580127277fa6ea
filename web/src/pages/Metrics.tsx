import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { metricsQuery } from '../client/metrics.ts';
import type { Metric, MetricSpan } from '../client/metrics.ts';
import { formatStep } from '../format.ts';
import { RangeChoice } from '../parts/filters.tsx';
import { Page } from '../parts/Page.tsx';
import { useNow } from '../parts/use-now.ts';
import { fill, queryFor, stepFor } from '../promql/queries.ts';
import { rangeLengthMs, TIME_RANGES } from '../search-values.ts';
import type { RangeSearch, TimeRange } from '../search-values.ts';
import { MetricList } from './metrics/MetricList.tsx';
import { QueryPanel } from './metrics/QueryPanel.tsx';
import { ReadyQueries } from './metrics/ReadyQueries.tsx';
import { METRIC_STEPS, QUERIES_MAX, queriesOf } from './metrics-search.ts';
import type { MetricsSearch, MetricStep } from './metrics-search.ts';
import './Metrics.css';

const route = getRouteApi('/shell/metrics');
const DEFAULT_METRIC_RANGE: TimeRange = '1h';
const RANGES = TIME_RANGES.filter((range) => range !== 'all');
/** Ranges that count back from now move on in steps, so that the same question is not asked anew each second. */
const RANGE_STEP_MS = 15_000;

const STEP_MS: Readonly<Record<MetricStep, number>> = {
  '5s': 5_000,
  '15s': 15_000,
  '1m': 60_000,
  '5m': 300_000,
  '15m': 900_000,
  '1h': 3_600_000,
  '6h': 21_600_000,
  '1d': 86_400_000,
};

/** Questions in PromQL with their charts, and the metrics that there are. */
export function MetricsPage() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const { span, stepMs } = useSpan(search);
  const metrics = useQuery(metricsQuery(span));
  const queries = queriesOf(search);
  const spanMs = span.toMs - span.fromMs;
  const change = (next: Partial<MetricsSearch>, replace = true) =>
    void navigate({ search: (before) => ({ ...before, ...next }), replace });
  const setQueries = (next: readonly string[]) =>
    change({ q: next.length === 0 ? undefined : next.length === 1 ? next[0] : next }, false);
  const open = (query: string) => setQueries([query]);
  const isEmpty = metrics.data?.length === 0;
  return (
    <Page title="Metrics" className="metrics">
      <div className="toolbar filters">
        <RangeChoice
          search={search}
          ranges={RANGES}
          byDefault={DEFAULT_METRIC_RANGE}
          onChange={change}
        />
        <StepChoice search={search} autoMs={stepFor(spanMs)} onChange={change} />
        <Views search={search} onChange={change} />
      </div>
      {(!isEmpty || queries.length > 0) && (
        <Queries
          queries={queries}
          metrics={metrics.data ?? []}
          shown={{ span, stepMs, view: search.view }}
          onChange={setQueries}
          onBrush={(fromMs, toMs) => change(brushed(fromMs, toMs), false)}
        />
      )}
      {queries.length === 0 && metrics.data !== undefined && (
        <ReadyQueries metrics={metrics.data} onOpen={(query) => open(fill(query, spanMs))} />
      )}
      <MetricList
        metrics={metrics.data}
        error={metrics.error}
        find={search.find ?? ''}
        onFind={(find) => change({ find: find === '' ? undefined : find })}
        searchOf={(metric) => ({ ...search, q: queryFor(metric, spanMs) })}
        onRetry={() => void metrics.refetch()}
      />
    </Page>
  );
}

const brushed = (fromMs: number, toMs: number): Partial<MetricsSearch> => ({
  range: undefined,
  from: new Date(fromMs).toISOString(),
  to: new Date(toMs).toISOString(),
});

/** The time on show, its ends at multiples of the step. */
function useSpan(search: MetricsSearch): { span: MetricSpan; stepMs: number } {
  const now = Math.floor(useNow() / RANGE_STEP_MS) * RANGE_STEP_MS;
  const toMs = search.to === undefined ? now : Date.parse(search.to);
  const lengthMs = rangeLengthMs(search.range ?? DEFAULT_METRIC_RANGE) ?? 86_400_000;
  const fromMs = search.from === undefined ? toMs - lengthMs : Date.parse(search.from);
  const spanMs = Math.max(1_000, toMs - fromMs);
  const wanted = search.step === undefined ? stepFor(spanMs) : STEP_MS[search.step];
  // As many steps as the server answers with.
  const stepMs = Math.max(wanted, Math.ceil(spanMs / 10_000 / 1000) * 1000);
  const start = Math.floor(fromMs / stepMs) * stepMs;
  const end = Math.max(start, Math.floor(toMs / stepMs) * stepMs);
  return { span: { fromMs: start, toMs: end }, stepMs };
}

function Queries(props: {
  readonly queries: readonly string[];
  readonly metrics: readonly Metric[];
  readonly shown: {
    readonly span: MetricSpan;
    readonly stepMs: number;
    readonly view: MetricsSearch['view'];
  };
  readonly onChange: (queries: readonly string[]) => void;
  readonly onBrush: (fromMs: number, toMs: number) => void;
}) {
  const { queries, onChange } = props;
  // An empty field to begin with.
  const fields = queries.length === 0 ? [''] : queries;
  return (
    <>
      {fields.map((query, at) => (
        <QueryPanel
          // A question's place is its identity: what is typed must not lose its field.
          key={at}
          letter={String.fromCodePoint(97 + at)}
          query={query}
          metrics={props.metrics}
          shown={props.shown}
          onBrush={props.onBrush}
          onChange={(next) =>
            onChange(
              next === ''
                ? queries.filter((_, other) => other !== at)
                : fields.map((each, other) => (other === at ? next : each)),
            )
          }
          {...(at === fields.length - 1 && queries.length > 0 && queries.length < QUERIES_MAX
            ? { onAdd: () => onChange([...queries, queries.at(-1)!]) }
            : {})}
        />
      ))}
    </>
  );
}

function Views({ search, onChange }: ChoiceProps) {
  return (
    <div className="segments" role="group" aria-label="View">
      <button
        type="button"
        aria-pressed={search.view === undefined}
        onClick={() => onChange({ view: undefined })}
      >
        Over time
      </button>
      <button
        type="button"
        aria-pressed={search.view === 'now'}
        onClick={() => onChange({ view: 'now' })}
      >
        Latest
      </button>
    </div>
  );
}

interface ChoiceProps {
  readonly search: MetricsSearch;
  readonly onChange: (next: Partial<MetricsSearch & RangeSearch>) => void;
}

function StepChoice({ search, autoMs, onChange }: ChoiceProps & { readonly autoMs: number }) {
  return (
    <select
      className="input range"
      aria-label="Step"
      value={search.step ?? ''}
      onChange={(event) =>
        onChange({ step: METRIC_STEPS.find((step) => step === event.target.value) })
      }
    >
      <option value="">Step: auto, {formatStep(autoMs / 1000)}</option>
      {METRIC_STEPS.map((step) => (
        <option key={step} value={step}>
          Step: {step}
        </option>
      ))}
    </select>
  );
}
