import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { approvalsQuery } from '../client/approvals.ts';
import type { Approval } from '../client/approvals.ts';
import { formatCount, formatPlural, parseTimeMs } from '../format.ts';
import { Foreign, ForeignBlock } from '../parts/Foreign.tsx';
import { EmptyState, ErrorState } from '../parts/States.tsx';
import { TimeLeft } from '../parts/TimeLeft.tsx';
import { useMay } from '../parts/use-may.ts';
import { useRowCursor } from '../parts/use-row-cursor.ts';
import { useShortcuts } from '../parts/use-shortcuts.ts';
import { Dangers } from './ApprovalDialog.tsx';
import { argumentsText } from './CallDialog.tsx';
import { decidableOf, isDecidable } from './decidable.ts';
import { DecideDialog } from './DecideDialog.tsx';
import { useDenyNow } from './use-deny-now.ts';
import { DecideButtons, Wish } from './WaitingCall.tsx';

interface Deciding {
  readonly decision: 'approve' | 'deny';
  readonly approvals: readonly Approval[];
}

/** The calls that wait, each with the buttons that end its waiting. */
export function WaitingCalls() {
  const pending = useQuery(approvalsQuery('pending'));
  const rows = pending.data?.data ?? [];
  const decidable = decidableOf(pending.data);
  const mayDecide = useMay('governance:write');
  const [marked, setMarked] = useState<ReadonlySet<string>>(new Set());
  const [deciding, setDeciding] = useState<Deciding>();
  const deny = useDenyNow();
  const cursor = useRowCursor<HTMLOListElement>(rows.length);
  const selected = decidable.rows.filter(({ id }) => marked.has(id));
  const toggle = (id: string) => setMarked(toggled(marked, id));
  const current = rows[cursor.current];
  const here = current !== undefined && isDecidable(current) ? [current] : [];
  const ask = (decision: Deciding['decision'], approvals: readonly Approval[]) => {
    if (mayDecide && approvals.length > 0) setDeciding({ decision, approvals });
  };
  useDecisionKeys({
    onApprove: () => ask('approve', selected.length > 0 ? selected : here),
    onDeny: () => ask('deny', selected.length > 0 ? selected : here),
    onSelect: () => here.forEach(({ id }) => toggle(id)),
  });
  return (
    <section className="panel" aria-label="Waiting">
      <WaitingHead
        rows={decidable.rows}
        total={decidable.total}
        selected={selected}
        mayDecide={mayDecide}
        onMark={(ids) => setMarked(new Set(ids))}
        onDecide={ask}
      />
      {pending.isError && (
        <ErrorState
          error={pending.error}
          what="The calls that wait cannot be read"
          onRetry={() => void pending.refetch()}
        />
      )}
      {pending.data?.data.length === 0 && <NothingWaits />}
      <ol className="approvals" ref={cursor.ref} onFocus={cursor.onFocus}>
        {rows.map((approval, at) => (
          <Waiting
            key={approval.id}
            approval={approval}
            at={at}
            current={at === cursor.current}
            marked={marked.has(approval.id)}
            mayDecide={mayDecide}
            onMark={() => toggle(approval.id)}
            onApprove={() => ask('approve', [approval])}
            onDeny={() => deny.mutate(approval)}
          />
        ))}
      </ol>
      {deciding !== undefined && (
        <DecideDialog
          decision={deciding.decision}
          approvals={deciding.approvals}
          onClose={() => {
            setDeciding(undefined);
            setMarked(new Set());
          }}
        />
      )}
    </section>
  );
}

function toggled(marked: ReadonlySet<string>, id: string): ReadonlySet<string> {
  const next = new Set(marked);
  if (!next.delete(id)) next.add(id);
  return next;
}

function NothingWaits() {
  return (
    <EmptyState title="No call waits for a decision">
      <p className="quiet">
        A rule with <span className="mono">action: human_approval</span> makes a call wait here.
      </p>
    </EmptyState>
  );
}

function useDecisionKeys(run: {
  readonly onApprove: () => void;
  readonly onDeny: () => void;
  readonly onSelect: () => void;
}) {
  const group = 'Approvals';
  useShortcuts([
    { keys: 'a', label: 'Approve', group, run: run.onApprove },
    { keys: 'd', label: 'Deny', group, run: run.onDeny },
    { keys: 'x', label: 'Select the row', group, run: run.onSelect },
  ]);
}

function WaitingHead(props: {
  readonly rows: readonly Approval[];
  readonly total: number;
  readonly selected: readonly Approval[];
  readonly mayDecide: boolean;
  readonly onMark: (ids: readonly string[]) => void;
  readonly onDecide: (decision: Deciding['decision'], approvals: readonly Approval[]) => void;
}) {
  const { rows, selected, total } = props;
  if (rows.length < 2 || !props.mayDecide) return null;
  const all = selected.length === rows.length;
  return (
    <header>
      <label className="check">
        <input
          type="checkbox"
          checked={all}
          onChange={() => props.onMark(all ? [] : rows.map(({ id }) => id))}
        />
        {selected.length === 0
          ? `${formatPlural(total, 'call')} waiting`
          : `${formatCount(selected.length)} selected`}
        {rows.length < total && <span className="faint">the newest {rows.length} are shown</span>}
      </label>
      {selected.length > 0 && (
        <span className="toolbar">
          <button
            type="button"
            className="button small"
            onClick={() => props.onDecide('deny', selected)}
          >
            Deny {formatCount(selected.length)}
          </button>
          <button
            type="button"
            className="button small primary"
            onClick={() => props.onDecide('approve', selected)}
          >
            Approve {formatCount(selected.length)}
          </button>
        </span>
      )}
    </header>
  );
}

function Waiting(props: {
  readonly approval: Approval;
  readonly at: number;
  readonly current: boolean;
  readonly marked: boolean;
  readonly mayDecide: boolean;
  readonly onMark: () => void;
  readonly onApprove: () => void;
  readonly onDeny: () => void;
}) {
  const { approval } = props;
  const mayDecide = props.mayDecide && isDecidable(approval);
  return (
    <li data-row={props.at} data-current={props.current}>
      <div className="approval-head">
        {mayDecide && (
          <input
            type="checkbox"
            aria-label={`Select ${approval.tool} by ${approval.agent}`}
            data-row-focus
            checked={props.marked}
            onChange={props.onMark}
          />
        )}
        <span className="approval-what">
          <Wish approval={approval} />
        </span>
        {approval.undecidable !== null && <span className="tag">Out of reach</span>}
        {approval.dangers.length > 0 && <span className="tag stop">Dangerous</span>}
        <span className="faint num">
          <TimeLeft until={parseTimeMs(approval.expires_at)} />
        </span>
        {mayDecide && <DecideButtons onDeny={props.onDeny} onApprove={props.onApprove} />}
      </div>
      {approval.undecidable !== null && (
        <p className="quiet">
          <Foreign text={approval.undecidable} charactersMax={300} />
        </p>
      )}
      {approval.dangers.length > 0 && <Dangers dangers={approval.dangers} />}
      <ForeignBlock text={argumentsText(approval.params)} />
      <p className="faint">
        Held by <Foreign text={approval.policy_rule} charactersMax={120} />
        {approval.gateway !== null && (
          <>
            {' '}
            at the gateway <Foreign text={approval.gateway} charactersMax={60} />
          </>
        )}
        {approval.params_cut &&
          `; all ${formatCount(approval.params_characters)} characters stand where you approve it`}
      </p>
    </li>
  );
}
