import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { Run } from '../client/runs.ts';
import { agentRunsQuery } from '../client/runs.ts';
import { formatDuration, formatShortId, parseTimeMs } from '../format.ts';
import { DataTable } from '../parts/DataTable.tsx';
import type { Column } from '../parts/DataTable.tsx';
import { Foreign } from '../parts/Foreign.tsx';
import { Money } from '../parts/Money.tsx';
import { RunDot } from '../parts/RunStatus.tsx';
import { EmptyState } from '../parts/States.tsx';
import { Time } from '../parts/Time.tsx';
import { rootOf, textOf } from '../span-tree.ts';
import type { SpanTree } from '../span-tree.ts';

/** With which trace one is compared: other runs of the same agent. */
export function CompareChoice({
  traceId,
  tree,
}: {
  readonly traceId: string;
  readonly tree: SpanTree;
}) {
  const agent = textOf(tree, 'agent', rootOf(tree));
  const runs = useQuery({ ...agentRunsQuery(agent), enabled: agent !== '' });
  const others = runs.data?.filter((run) => run.trace_id !== traceId);
  return (
    <section className="panel compare-choice">
      <header>
        <h2>
          Compare <Foreign text={textOf(tree, 'name', rootOf(tree))} charactersMax={80} /> with …
        </h2>
        <span className="faint">
          {agent === '' ? 'no agent is named' : <>other runs of {<Foreign text={agent} />}</>}
        </span>
      </header>
      <DataTable
        what="The runs"
        columns={columns(traceId)}
        rows={agent === '' ? [] : others}
        rowKey={(run) => `${run.trace_id} ${run.run_id}`}
        error={runs.error}
        onRetry={() => void runs.refetch()}
        empty={
          <EmptyState title="There is no other run of this agent">
            <p className="quiet">
              In the list of traces, <kbd>x</kbd> marks any two to compare.
            </p>
            <Link to="/traces" className="button">
              Go to the traces
            </Link>
          </EmptyState>
        }
      />
    </section>
  );
}

function columns(traceId: string): readonly Column<Run>[] {
  return [
    {
      id: 'run',
      head: 'Run',
      className: 'clip',
      cell: (run) => (
        <div className="name">
          <RunDot status={run.status} />
          <Link
            to="/traces/compare"
            search={{ a: traceId, b: run.trace_id }}
            className="cut"
            data-row-focus
          >
            <Foreign text={run.name ?? formatShortId(run.run_id)} charactersMax={80} />
          </Link>
        </div>
      ),
    },
    {
      id: 'start',
      head: 'Start',
      className: 'num',
      cell: (run) => <Time ms={parseTimeMs(run.start)} ago />,
    },
    {
      id: 'duration',
      head: 'Duration',
      className: 'num',
      cell: ({ duration_ms: ms }) => (ms === null ? '—' : formatDuration(ms * 1e6)),
    },
    {
      id: 'cost',
      head: 'Cost',
      className: 'num wide',
      cell: (run) => <Money usd={run.cost_usd} unpriced={run.calls_unpriced} />,
    },
  ];
}
