import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { approvalsQuery, decideApproval, gatewayQuery } from '../client/approvals.ts';
import type { Approval } from '../client/approvals.ts';
import { formatDuration, parseTimeMs } from '../format.ts';
import { DataTable } from '../parts/DataTable.tsx';
import type { Column } from '../parts/DataTable.tsx';
import { Foreign, ForeignBlock } from '../parts/Foreign.tsx';
import { FormDialog, TextField } from '../parts/FormDialog.tsx';
import { Page } from '../parts/Page.tsx';
import { EmptyState, ErrorState } from '../parts/States.tsx';
import { Time } from '../parts/Time.tsx';
import { say } from '../parts/Toasts.tsx';
import { useMay } from '../parts/use-may.ts';
import { useNow } from '../parts/use-now.ts';
import { NoGateway } from './NoGateway.tsx';
import './Approvals.css';

/** Tool calls that wait for a person, with the time that is left, and those that were decided. */
export function ApprovalsPage() {
  const gateway = useQuery(gatewayQuery);
  const pending = useQuery(approvalsQuery('pending'));
  if (gateway.data?.running === false) {
    return (
      <Page title="Approvals">
        <NoGateway />
      </Page>
    );
  }
  return (
    <Page
      title="Approvals"
      lead="The first decision stands; what nobody decides in time is denied."
    >
      <section className="panel" aria-label="Waiting">
        {pending.isError && (
          <ErrorState
            error={pending.error}
            what="The calls that wait cannot be read"
            onRetry={() => void pending.refetch()}
          />
        )}
        {pending.data?.data.length === 0 && <EmptyState title="No call waits for a decision" />}
        <ol className="approvals">
          {pending.data?.data.map((approval) => (
            <Waiting key={approval.id} approval={approval} />
          ))}
        </ol>
      </section>
      <Decided />
    </Page>
  );
}

function Waiting({ approval }: { readonly approval: Approval }) {
  const [deciding, setDeciding] = useState<'approve' | 'deny'>();
  const mayDecide = useMay('governance:write');
  return (
    <li>
      <div className="approval-head">
        <span>
          <b>
            <Foreign text={approval.agent} charactersMax={60} />
          </b>{' '}
          wants{' '}
          <span className="mono">
            <Foreign text={approval.tool} charactersMax={100} />
          </span>
        </span>
        {approval.injection_risk && <span className="tag stop">Injection risk</span>}
        <span className="faint num">
          <Left until={parseTimeMs(approval.expires_at)} />
        </span>
        {mayDecide && (
          <span className="toolbar">
            <button type="button" className="button small" onClick={() => setDeciding('deny')}>
              Deny
            </button>
            <button
              type="button"
              className="button small primary"
              onClick={() => setDeciding('approve')}
            >
              Approve
            </button>
          </span>
        )}
      </div>
      <ForeignBlock text={JSON.stringify(approval.params, null, 2)} />
      <p className="faint">
        Held by <Foreign text={approval.policy_rule} charactersMax={120} />
      </p>
      {deciding !== undefined && (
        <DecideDialog
          approval={approval}
          decision={deciding}
          onClose={() => setDeciding(undefined)}
        />
      )}
    </li>
  );
}

function Left({ until }: { readonly until: number | undefined }) {
  const now = useNow();
  if (until === undefined) return null;
  const ms = until - now;
  return ms <= 0 ? 'over' : `${formatDuration(Math.ceil(ms / 1000) * 1e9)} left`;
}

/** Approving asks for a reason; denying may have one. */
function DecideDialog(props: {
  readonly approval: Approval;
  readonly decision: 'approve' | 'deny';
  readonly onClose: () => void;
}) {
  const { approval, decision, onClose } = props;
  const [reason, setReason] = useState('');
  const queries = useQueryClient();
  const decide = useMutation({
    mutationFn: () => decideApproval(approval.id, decision, reason),
    onSuccess: () => {
      say(decision === 'approve' ? 'Approved: it runs this once.' : 'Denied.');
      onClose();
    },
    onSettled: () => queries.invalidateQueries({ queryKey: ['approvals'] }),
  });
  const verb = decision === 'approve' ? 'Approve' : 'Deny';
  return (
    <FormDialog
      title={`${verb} ${approval.tool}`}
      verb={verb}
      ready={decision === 'deny' || reason.trim() !== ''}
      sending={decide}
      onSend={() => decide.mutate()}
      onClose={onClose}
    >
      <p className="quiet">
        {decision === 'approve'
          ? 'Exactly this call, with these arguments, runs once.'
          : 'The agent is told that it was denied, and why.'}
      </p>
      <ForeignBlock text={JSON.stringify(approval.params, null, 2)} />
      <TextField
        label={decision === 'approve' ? 'Why it may' : 'Why not (optional)'}
        value={reason}
        first
        onChange={setReason}
      />
    </FormDialog>
  );
}

const ASPECTS: Readonly<Record<string, string>> = {
  approved: 'clear',
  denied: 'stop',
  timeout: 'caution',
};

const COLUMNS: readonly Column<Approval>[] = [
  {
    id: 'status',
    head: 'Decision',
    cell: ({ status }) => <span className={`tag ${ASPECTS[status] ?? ''}`}>{status}</span>,
  },
  {
    id: 'agent',
    head: 'Agent',
    className: 'clip cut',
    cell: ({ agent }) => <Foreign text={agent} charactersMax={60} />,
  },
  {
    id: 'tool',
    head: 'Tool',
    className: 'mono clip cut',
    cell: ({ tool, trace_id: traceId, span_id: span }) =>
      traceId === '' ? (
        <Foreign text={tool} charactersMax={80} />
      ) : (
        <Link to="/traces/$traceId" params={{ traceId }} search={{ span }} data-row-focus>
          <Foreign text={tool} charactersMax={80} />
        </Link>
      ),
  },
  {
    id: 'by',
    head: 'By',
    className: 'wide quiet',
    cell: ({ resolved_by: by }) => <Foreign text={by ?? '—'} charactersMax={60} />,
  },
  {
    id: 'why',
    head: 'Why',
    className: 'wide quiet clip cut',
    cell: ({ reasoning }) => <Foreign text={reasoning ?? ''} charactersMax={200} />,
  },
  {
    id: 'when',
    head: 'When',
    className: 'num wide quiet',
    cell: (approval) => <Time ms={parseTimeMs(approval.resolved_at)} />,
  },
];

function Decided() {
  const all = useQuery(approvalsQuery(undefined));
  return (
    <section className="panel" aria-label="Decided">
      <header>
        <h2>Decided</h2>
      </header>
      <DataTable
        what="The decisions"
        columns={COLUMNS}
        rows={all.data?.data.filter(({ status }) => status !== 'pending')}
        rowKey={({ id }) => id}
        error={all.error}
        empty={<EmptyState title="Nothing was decided yet" />}
      />
    </section>
  );
}
