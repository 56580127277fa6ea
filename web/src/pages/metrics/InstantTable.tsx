import type { MetricInstant } from '../../client/metrics.ts';
import { downloadCsv } from '../../csv.ts';
import { DataTable } from '../../parts/DataTable.tsx';
import { Foreign } from '../../parts/Foreign.tsx';
import { EmptyState } from '../../parts/States.tsx';
import { Time } from '../../parts/Time.tsx';
import { unitOf } from '../../promql/series-names.ts';

type Row = MetricInstant['series'][number];

/** The answer at the end of the time on show, a row for each series. */
export function InstantTable(props: {
  readonly letter: string;
  readonly query: string;
  readonly answer: MetricInstant | undefined;
}) {
  const { answer, query } = props;
  const names = [...new Set(answer?.series.flatMap(({ labels }) => Object.keys(labels)))].sort();
  const unit = unitOf(query);
  return (
    <section className="panel">
      <header>
        <span className="faint">
          {answer === undefined ? (
            'reading'
          ) : (
            <>
              at <Time ms={answer.time} />
            </>
          )}
        </span>
        <button
          type="button"
          className="button small plain"
          disabled={answer === undefined}
          onClick={() => save(query, names, answer?.series ?? [])}
        >
          CSV
        </button>
      </header>
      <div className="scroll" tabIndex={0} role="region" aria-label={`Answer ${props.letter}`}>
        <DataTable
          what={`The answer to query ${props.letter}`}
          rows={answer?.series}
          rowKey={({ labels }) => JSON.stringify(labels)}
          columns={[
            ...names.map((name) => ({
              id: name,
              head: <Foreign text={name} charactersMax={40} />,
              cell: ({ labels }: Row) => <Foreign text={labels[name] ?? ''} charactersMax={60} />,
            })),
            {
              id: 'value of the series',
              head: 'Value',
              className: 'num',
              cell: ({ samples }: Row) => valueText(samples, unit.format),
            },
          ]}
          empty={
            <EmptyState title="No series has a value at this time">
              <p className="quiet">
                A series ends five minutes after its last point. Choose an earlier time, or a range
                in the brackets that reaches back to it.
              </p>
            </EmptyState>
          }
        />
      </div>
    </section>
  );
}

function valueText(samples: Row['samples'], format: (value: number) => string): string {
  const last = samples.at(-1);
  if (last === undefined) return '—';
  const value = Number(last.value);
  const text = Number.isFinite(value) ? format(value) : last.value;
  return samples.length > 1 ? `${samples.length} samples, last ${text}` : text;
}

function save(query: string, names: readonly string[], rows: readonly Row[]): void {
  downloadCsv(query, [
    [...names, 'time', 'value'],
    ...rows.flatMap(({ labels, samples }) =>
      samples.map(({ time, value }) => [
        ...names.map((name) => labels[name] ?? ''),
        new Date(time).toISOString(),
        value,
      ]),
    ),
  ]);
}
