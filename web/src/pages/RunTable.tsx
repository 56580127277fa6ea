import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { Run } from '../client/runs.ts';
import { formatCompact, formatCount, formatDuration, parseTimeMs } from '../format.ts';
import { DataTable } from '../parts/DataTable.tsx';
import type { Column } from '../parts/DataTable.tsx';
import { Foreign } from '../parts/Foreign.tsx';
import { Money } from '../parts/Money.tsx';
import { RunDot } from '../parts/RunStatus.tsx';
import { Time } from '../parts/Time.tsx';
import { Words } from '../parts/Words.tsx';

const COLUMNS: readonly Column<Run>[] = [
  {
    id: 'run',
    head: 'Run',
    className: 'two-line clip',
    cell: (run) => (
      <>
        <div className="name">
          <RunDot status={run.status} />
          <RunLink run={run} />
        </div>
        <span className="second-line">
          <Time ms={parseTimeMs(run.start)} ago /> ·{' '}
          {run.duration_ms === null ? 'running' : formatDuration(run.duration_ms * 1e6)} ·{' '}
          <RunCost run={run} />
        </span>
      </>
    ),
  },
  {
    id: 'name',
    head: 'Root span',
    className: 'wide quiet clip cut',
    cell: ({ name }) => (name === null ? '—' : <Foreign text={name} charactersMax={80} />),
  },
  {
    id: 'models',
    head: 'Models',
    className: 'wide middle quiet clip cut',
    cell: ({ models }) => <Words values={models} shownMax={1} mono />,
  },
  {
    id: 'start',
    sort: 'start',
    head: 'Start',
    className: 'num wide quiet',
    cell: (run) => <Time ms={parseTimeMs(run.start)} />,
  },
  {
    id: 'duration',
    sort: 'duration',
    head: 'Duration',
    className: 'num wide',
    cell: ({ duration_ms: ms }) => (ms === null ? '—' : formatDuration(ms * 1e6)),
  },
  {
    id: 'calls',
    sort: 'model_calls',
    head: 'Model calls',
    className: 'num wide middle',
    cell: (run) => formatCount(run.model_calls),
  },
  {
    id: 'tools',
    sort: 'tool_calls',
    head: 'Tool calls',
    className: 'num wide middle',
    cell: (run) => formatCount(run.tool_calls),
  },
  {
    id: 'errors',
    sort: 'errors',
    head: 'Errors',
    className: 'num wide middle',
    cell: ({ error_count: errors }) => (
      <span className={errors > 0 ? 'stop-text' : 'faint'}>{formatCount(errors)}</span>
    ),
  },
  {
    id: 'tokens',
    sort: 'tokens',
    head: 'Tokens',
    className: 'num wide',
    cell: ({ tokens }) => tokensText(tokens.input, tokens.output),
  },
  {
    id: 'cost',
    sort: 'cost',
    head: 'Cost',
    className: 'num',
    cell: (run) => <RunCost run={run} />,
  },
];

/** A run without model calls has no cost to tell of. */
function RunCost({ run }: { readonly run: Run }) {
  if (run.model_calls === 0 && run.cost_usd === 0) return '—';
  return <Money usd={run.cost_usd} unpriced={run.calls_unpriced} />;
}

export function tokensText(input: number | null, output: number | null): string {
  if (input === null && output === null) return '—';
  return `${formatCompact(input)} → ${formatCompact(output)}`;
}

export function RunLink({ run }: { readonly run: Run }) {
  return (
    <Link
      to="/runs/$runId"
      params={{ runId: run.run_id }}
      search={{ trace: run.trace_id }}
      className="cut"
      data-row-focus
    >
      <Foreign text={run.agent ?? 'unattributed'} charactersMax={80} />
    </Link>
  );
}

export function RunTable(props: {
  readonly runs: readonly Run[] | undefined;
  readonly stale?: boolean;
  readonly error?: unknown;
  readonly onRetry?: () => void;
  readonly empty: ReactNode;
  /** What the list is sorted by, where it can be. */
  readonly sorted?: string;
  readonly onSort?: (by: string) => void;
}) {
  return (
    <DataTable
      what="The runs"
      columns={COLUMNS}
      rows={props.runs}
      stale={props.stale ?? false}
      rowKey={(run) => `${run.trace_id} ${run.run_id}`}
      error={props.error}
      {...(props.onRetry === undefined ? {} : { onRetry: props.onRetry })}
      empty={props.empty}
      {...(props.sorted === undefined ? {} : { sorted: props.sorted })}
      {...(props.onSort === undefined ? {} : { onSort: props.onSort })}
    />
  );
}
