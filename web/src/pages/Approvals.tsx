import { useQuery } from '@tanstack/react-query';
import { Link, getRouteApi } from '@tanstack/react-router';
import { approvalsQuery, gatewayQuery } from '../client/approvals.ts';
import type { Approval, GatewayElsewhere } from '../client/approvals.ts';
import { parseTimeMs } from '../format.ts';
import { DataTable } from '../parts/DataTable.tsx';
import type { Column } from '../parts/DataTable.tsx';
import { Foreign } from '../parts/Foreign.tsx';
import { Page } from '../parts/Page.tsx';
import { EmptyState } from '../parts/States.tsx';
import { Time } from '../parts/Time.tsx';
import { ApprovalDialog, ApprovalTag } from './ApprovalDialog.tsx';
import { NoGateway } from './NoGateway.tsx';
import { WaitingCalls } from './WaitingCalls.tsx';
import './Approvals.css';

const route = getRouteApi('/shell/approvals');

/** Tool calls that wait for a person, with the time that is left, and those that were decided. */
export function ApprovalsPage() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const gateway = useQuery(gatewayQuery);
  const all = useQuery(approvalsQuery(undefined));
  const decided = all.data?.data.filter(({ status }) => status !== 'pending');
  const elsewhere = gateway.data?.elsewhere ?? [];
  const runs = gateway.data?.running !== false || elsewhere.length > 0;
  return (
    <Page
      title="Approvals"
      lead={runs ? 'The first decision stands; what nobody decides in time is denied.' : undefined}
    >
      {elsewhere.some(({ connected }) => !connected) && <AwayGateways gateways={elsewhere} />}
      {runs ? <WaitingCalls /> : <NoGateway />}
      {(runs || (decided?.length ?? 0) > 0) && (
        <section className="panel" aria-label="Decided">
          <header>
            <h2>Decided</h2>
          </header>
          <DataTable
            what="The decisions"
            columns={COLUMNS}
            rows={decided}
            rowKey={({ id }) => id}
            error={all.error}
            onRetry={() => void all.refetch()}
            cursor={false}
            empty={<EmptyState title="Nothing was decided yet" />}
          />
        </section>
      )}
      {search.approval !== undefined && (
        <ApprovalDialog id={search.approval} onClose={() => void navigate({ search: {} })} />
      )}
    </Page>
  );
}

function AwayGateways({ gateways }: { readonly gateways: readonly GatewayElsewhere[] }) {
  return (
    <ul className="notice caution away-gateways">
      {gateways
        .filter(({ connected }) => !connected)
        .map(({ name, heard_at: heardAt, url }) => (
          <li key={name}>
            The gateway{' '}
            <b>
              <Foreign text={name} charactersMax={60} />
            </b>{' '}
            is not connected; it was last heard <Time ms={parseTimeMs(heardAt)} ago />. If it runs,
            its calls are decided{' '}
            {url === '' ? (
              'there'
            ) : (
              <>
                at <Foreign className="mono" text={url} charactersMax={120} />
              </>
            )}
            .
          </li>
        ))}
    </ul>
  );
}

const COLUMNS: readonly Column<Approval>[] = [
  {
    id: 'tool',
    head: 'Call',
    className: 'mono clip cut two-line',
    cell: ({ id, tool, agent }) => (
      <>
        <Link to="/approvals" search={{ approval: id }} data-row-focus>
          <Foreign text={tool} charactersMax={80} />
        </Link>
        <span className="second-line">
          <Foreign text={agent} charactersMax={60} />
        </span>
      </>
    ),
  },
  {
    id: 'agent',
    head: 'Agent',
    className: 'clip cut wide',
    cell: ({ agent }) => <Foreign text={agent} charactersMax={60} />,
  },
  {
    id: 'status',
    head: 'Decision',
    cell: ({ status }) => <ApprovalTag status={status} />,
  },
  {
    id: 'by',
    head: 'By',
    className: 'quiet clip cut',
    cell: ({ resolved_by: by, status }) =>
      status === 'timeout' ? (
        <span className="faint">nobody</span>
      ) : (
        <Foreign text={by ?? '—'} charactersMax={60} />
      ),
  },
  {
    id: 'why',
    head: 'Why',
    className: 'wide quiet clip cut',
    cell: ({ reasoning }) => <Foreign text={reasoning ?? ''} charactersMax={200} />,
  },
  {
    id: 'became',
    head: 'What became of it',
    className: 'wide middle quiet',
    cell: (approval) => executionOf(approval),
  },
  {
    id: 'when',
    head: 'When',
    className: 'num wide quiet',
    cell: (approval) => <Time ms={parseTimeMs(approval.resolved_at)} />,
  },
];

function executionOf({ status, execution }: Approval): string {
  if (status !== 'approved') return 'it did not run';
  return {
    none: 'it was not called again',
    executing: 'it runs',
    done: 'it ran',
    failed: 'it ran and failed',
    interrupted: 'interrupted, and not run again',
  }[execution];
}
