import { useQuery } from '@tanstack/react-query';
import { Link, getRouteApi } from '@tanstack/react-router';
import { callsQuery, gatewayQuery } from '../client/approvals.ts';
import type { ToolCallRow } from '../client/approvals.ts';
import { formatDuration, parseTimeMs } from '../format.ts';
import { DataTable } from '../parts/DataTable.tsx';
import type { Column } from '../parts/DataTable.tsx';
import { TextFilter } from '../parts/filters.tsx';
import { Foreign } from '../parts/Foreign.tsx';
import { Page } from '../parts/Page.tsx';
import { EmptyState } from '../parts/States.tsx';
import { Time } from '../parts/Time.tsx';
import type { CallsSearch } from '../url-search.ts';
import { NoGateway } from './NoGateway.tsx';

const route = getRouteApi('/shell/calls');

/** Every tool call that came to the gateway, what was decided about it, and what became of it. */
export function CallsPage() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const gateway = useQuery(gatewayQuery);
  const running = gateway.data?.running === true;
  const calls = useQuery({ ...callsQuery(search), enabled: running });
  const change = (next: Partial<CallsSearch>) =>
    void navigate({ search: (before) => ({ ...before, ...next }), replace: true });
  if (gateway.data?.running === false) {
    return (
      <Page title="Calls">
        <NoGateway />
      </Page>
    );
  }
  return (
    <Page title="Calls">
      <div className="toolbar filters">
        <TextFilter label="Agent" value={search.agent} onChange={(agent) => change({ agent })} />
        <TextFilter label="Tool" value={search.tool} onChange={(tool) => change({ tool })} />
      </div>
      <section className="panel">
        <DataTable
          what="The calls"
          columns={COLUMNS}
          rows={calls.data?.data}
          rowKey={({ span_id: span, timestamp }) => `${span} ${timestamp}`}
          error={calls.error}
          onRetry={() => void calls.refetch()}
          empty={
            <EmptyState title="No call has come through">
              <p className="quiet">
                Agents reach the gateway at{' '}
                <span className="mono">{gateway.data?.url ?? 'its address'}</span>.
              </p>
            </EmptyState>
          }
        />
      </section>
    </Page>
  );
}

const DECISIONS: Readonly<Record<string, string>> = {
  allow: 'clear',
  deny: 'stop',
  human_approval: 'caution',
  rate_limited: 'stop',
  error: 'stop',
};

const COLUMNS: readonly Column<ToolCallRow>[] = [
  {
    id: 'tool',
    head: 'Tool',
    className: 'mono clip cut',
    cell: ({ tool, trace_id: traceId, span_id: span }) => (
      <Link to="/traces/$traceId" params={{ traceId }} search={{ span }} data-row-focus>
        <Foreign text={tool} charactersMax={80} />
      </Link>
    ),
  },
  {
    id: 'agent',
    head: 'Agent',
    className: 'clip cut',
    cell: ({ agent_id: agent }) => <Foreign text={agent} charactersMax={60} />,
  },
  {
    id: 'decision',
    head: 'Decision',
    cell: ({ policy, approval_status: approval }) => (
      <span className={`tag ${DECISIONS[policy] ?? ''}`}>
        {approval ?? policy.replaceAll('_', ' ')}
      </span>
    ),
  },
  {
    id: 'rule',
    head: 'Rule',
    className: 'wide middle quiet clip cut',
    cell: ({ policy_rule: rule }) => <Foreign text={rule} charactersMax={100} />,
  },
  { id: 'code', head: 'Code', className: 'num', cell: ({ status_code: code }) => code },
  {
    id: 'error',
    head: 'Error',
    className: 'wide quiet clip cut',
    cell: ({ error }) => <Foreign text={error ?? ''} charactersMax={120} />,
  },
  {
    id: 'latency',
    head: 'Took',
    className: 'num wide',
    cell: ({ latency_ms: ms }) => formatDuration(ms * 1e6),
  },
  {
    id: 'at',
    head: 'When',
    className: 'num wide quiet',
    cell: ({ timestamp }) => <Time ms={parseTimeMs(timestamp)} />,
  },
];
