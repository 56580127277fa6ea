import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { otelStatusQuery } from '../../client/connect.ts';
import type { Metric } from '../../client/metrics.ts';
import { formatCount } from '../../format.ts';
import { CodeBlock } from '../../parts/CodeBlock.tsx';
import { DataTable } from '../../parts/DataTable.tsx';
import type { Column } from '../../parts/DataTable.tsx';
import { Foreign } from '../../parts/Foreign.tsx';
import { SearchBox } from '../../parts/SearchBox.tsx';
import { EmptyState } from '../../parts/States.tsx';
import { Time } from '../../parts/Time.tsx';
import { Words } from '../../parts/Words.tsx';
import type { MetricsSearch } from '../metrics-search.ts';

const TYPE_NAMES: Readonly<Record<Metric['type'], string>> = {
  gauge: 'gauge',
  sum: 'sum',
  histogram: 'histogram',
  exponential_histogram: 'exponential histogram',
  summary: 'summary',
};

/** What was measured in the time on show; a metric opens the question that fits its type. */
export function MetricList(props: {
  readonly metrics: readonly Metric[] | undefined;
  readonly error: unknown;
  readonly find: string;
  readonly onFind: (find: string) => void;
  readonly searchOf: (metric: Metric) => MetricsSearch;
  readonly onRetry: () => void;
}) {
  const { metrics, find } = props;
  const wanted = find.toLowerCase();
  const rows = metrics?.filter(({ name, prometheus_name: other }) =>
    [name, other].some((each) => each.toLowerCase().includes(wanted)),
  );
  return (
    <section className="panel metric-list">
      {metrics !== undefined && metrics.length > 0 && (
        <header>
          <h2>Metrics</h2>
          <SearchBox
            value={find}
            label="Search metrics"
            placeholder="Search names"
            onChange={props.onFind}
          />
        </header>
      )}
      <DataTable
        what="The metrics"
        rows={rows}
        rowKey={({ name, type, unit, monotonic }) => `${name} ${type} ${unit} ${monotonic}`}
        columns={columnsOf(props.searchOf)}
        error={props.error}
        onRetry={props.onRetry}
        empty={find === '' ? <NoMetrics /> : <EmptyState title="No metric has such a name" />}
      />
    </section>
  );
}

function columnsOf(searchOf: (metric: Metric) => MetricsSearch): readonly Column<Metric>[] {
  return [
    {
      id: 'name',
      head: 'Name',
      className: 'two-line',
      cell: (metric) => (
        <>
          <span className="name">
            <Link to="/metrics" search={searchOf(metric)} data-row-focus className="mono">
              <Foreign text={metric.name} charactersMax={80} />
            </Link>
          </span>
          <span className="second-line faint">
            {typeOf(metric)} · {formatCount(metric.streams)} series
          </span>
        </>
      ),
    },
    { id: 'type', head: 'Type', className: 'wide', cell: typeOf },
    {
      id: 'unit',
      head: 'Unit',
      className: 'wide',
      cell: ({ unit }) =>
        unit === '' ? '—' : <Foreign text={unit.replace(/^\{(.*)\}$/, '$1')} charactersMax={20} />,
    },
    {
      id: 'description',
      head: 'Description',
      className: 'extra clip',
      cell: ({ description }) =>
        description === '' ? '—' : <Foreign text={description} charactersMax={90} />,
    },
    {
      id: 'services',
      head: 'Services',
      className: 'middle clip',
      cell: ({ services }) => <Words values={services.filter((service) => service !== '')} />,
    },
    {
      id: 'streams',
      head: 'Series',
      className: 'num wide',
      cell: ({ streams }) => formatCount(streams),
    },
    {
      id: 'last',
      head: 'Last point',
      className: 'num',
      cell: ({ last }) => <Time ms={last} ago />,
    },
  ];
}

const typeOf = ({ type, monotonic }: Metric): string =>
  type === 'sum' && monotonic ? 'counter' : TYPE_NAMES[type];

function NoMetrics() {
  const status = useQuery(otelStatusQuery);
  const endpoint = status.data?.env.OTEL_EXPORTER_OTLP_ENDPOINT ?? location.origin;
  return (
    <EmptyState title="No metric has a point in this time">
      <p className="quiet">
        Every OpenTelemetry SDK sends metrics beside traces. Claude Code does with these lines; a
        key is made on the page Connect.
      </p>
      <CodeBlock label="Lines for Claude Code" code={claudeCodeLines(endpoint)} />
      <div className="state-actions">
        <Link to="/connect" className="button">
          Show the lines for others
        </Link>
      </div>
    </EmptyState>
  );
}

const claudeCodeLines = (endpoint: string): string =>
  [
    'export CLAUDE_CODE_ENABLE_TELEMETRY=1',
    'export OTEL_METRICS_EXPORTER=otlp',
    'export OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf',
    `export OTEL_EXPORTER_OTLP_ENDPOINT=${endpoint}`,
  ].join('\n');
