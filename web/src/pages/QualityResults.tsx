import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { QualityResult } from '../client/quality.ts';
import { parseTimeMs } from '../format.ts';
import { DataTable } from '../parts/DataTable.tsx';
import type { Column } from '../parts/DataTable.tsx';
import { Foreign } from '../parts/Foreign.tsx';
import { Time } from '../parts/Time.tsx';
import './Quality.css';

const ASPECTS: Readonly<Record<string, string>> = {
  passed: 'clear',
  failed: 'stop',
  unjudged: 'caution',
};

const COLUMNS: readonly Column<QualityResult>[] = [
  {
    id: 'outcome',
    head: 'Outcome',
    cell: ({ outcome, score }) => (
      <span className={`tag ${ASPECTS[outcome] ?? ''}`}>
        {outcome === 'scored' && score !== null ? String(score) : outcome}
      </span>
    ),
  },
  {
    id: 'check',
    head: 'Check',
    className: 'mono clip cut',
    cell: ({ name }) => <Foreign text={name} charactersMax={60} />,
  },
  {
    id: 'severity',
    head: 'Severity',
    className: 'wide middle quiet',
    cell: ({ severity }) => severity.toLowerCase(),
  },
  {
    id: 'message',
    head: 'What it found',
    className: 'wide quality-message',
    cell: (result) => <Finding result={result} />,
  },
  {
    id: 'agent',
    head: 'Run',
    className: 'clip cut',
    cell: (result) => <RunOf result={result} />,
  },
  {
    id: 'at',
    head: 'When',
    className: 'num wide quiet',
    cell: ({ at }) => <Time ms={parseTimeMs(at)} />,
  },
];

/** What was found, what it rests on, and the span that shows it. */
function Finding({ result }: { readonly result: QualityResult }) {
  const { evidence, expected, actual, outcome } = result;
  const compared = outcome === 'failed' && expected !== '' && actual !== '';
  return (
    <>
      <Foreign text={result.message} charactersMax={200} />
      {result.trace_id !== null && (evidence?.span_id ?? null) !== null && (
        <>
          {' '}
          <Link
            to="/traces/$traceId"
            params={{ traceId: result.trace_id }}
            search={{ span: evidence!.span_id! }}
            className="link"
          >
            The span that shows it
          </Link>
        </>
      )}
      {compared && (
        <span className="faint evidence">
          wanted <Foreign text={expected} charactersMax={100} className="mono" />, found{' '}
          <Foreign text={actual} charactersMax={100} className="mono" />
        </span>
      )}
      {evidence !== null && evidence.value !== '' && evidence.value !== actual && (
        <span className="faint mono evidence">
          <Foreign text={evidence.value} charactersMax={120} />
        </span>
      )}
    </>
  );
}

function RunOf({ result }: { readonly result: QualityResult }) {
  const text = <Foreign text={result.agent ?? 'unattributed'} charactersMax={60} />;
  if (result.run_id === null || result.trace_id === null) return text;
  return (
    <Link
      to="/runs/$runId"
      params={{ runId: result.run_id }}
      search={{ trace: result.trace_id }}
      data-row-focus
    >
      {text}
    </Link>
  );
}

/** Results with their evidence; each leads to its run. */
export function QualityResults(props: {
  readonly results: readonly QualityResult[] | undefined;
  readonly stale?: boolean;
  readonly error?: unknown;
  readonly empty: ReactNode;
}) {
  return (
    <DataTable
      what="The results"
      columns={COLUMNS}
      rows={props.results}
      stale={props.stale ?? false}
      rowKey={({ trace_id: trace, run_id: run, source, name, key, at }) =>
        [trace, run, source, name, key, at].join(' ')
      }
      error={props.error}
      empty={props.empty}
    />
  );
}
