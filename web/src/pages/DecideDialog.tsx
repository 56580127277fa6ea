import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { approvalQuery, decideApproval } from '../client/approvals.ts';
import type { Approval } from '../client/approvals.ts';
import { formatCount, formatPlural } from '../format.ts';
import { Foreign } from '../parts/Foreign.tsx';
import { FormDialog } from '../parts/FormDialog.tsx';
import { say } from '../parts/Toasts.tsx';
import { Bound, Dangers, WholeArguments } from './ApprovalDialog.tsx';

/** Asks once more, with everything that the decision is about; dangerous calls are approved with a reason alone. */
export function DecideDialog(props: {
  readonly decision: 'approve' | 'deny';
  readonly approvals: readonly Approval[];
  readonly onClose: () => void;
}) {
  const { decision, approvals, onClose } = props;
  const [reason, setReason] = useState('');
  // Of several, those are decided whose arguments stand here whole.
  const long = approvals.length > 1 && decision === 'approve' ? approvals.filter(isLong) : [];
  const about = approvals.filter((approval) => !long.includes(approval));
  const decide = useDecide(decision, about, onClose);
  const asks = decision === 'approve' && about.some(({ dangers }) => dangers.length > 0);
  const isRead = useIsRead(decision === 'approve' ? about : []);
  const verb = decision === 'approve' ? 'Approve' : 'Deny';
  return (
    <FormDialog
      title={
        about.length === 1 ? `${verb} this call?` : `${verb} ${formatPlural(about.length, 'call')}?`
      }
      verb={verb}
      ready={about.length > 0 && isRead && (!asks || reason.trim() !== '')}
      sending={decide}
      onSend={() => decide.mutate(reason)}
      onClose={onClose}
      wide
    >
      <p className="quiet">
        {decision === 'approve'
          ? 'Exactly this runs, once: another argument, tool or agent does not.'
          : 'The agent is told that it was denied, and why.'}
      </p>
      {long.length > 0 && (
        <p className="notice caution">
          {formatPlural(long.length, 'call has', 'calls have')} arguments too long to be read among
          others, and must be approved alone.
        </p>
      )}
      <ol className="decide-list">
        {about.map((approval) => (
          <li key={approval.id}>
            {decision === 'approve' ? (
              <Bound approval={approval} />
            ) : (
              <p>
                <b>
                  <Foreign text={approval.agent} charactersMax={60} />
                </b>{' '}
                <span className="mono">
                  <Foreign text={approval.tool} charactersMax={100} />
                </span>
              </p>
            )}
            {approval.dangers.length > 0 && decision === 'approve' && (
              <Dangers dangers={approval.dangers} />
            )}
            {decision === 'approve' && <WholeArguments approval={approval} />}
          </li>
        ))}
      </ol>
      <ReasonField
        label={asks ? 'Why it may run, for the audit log' : 'Why (may be empty)'}
        value={reason}
        onChange={setReason}
      />
    </FormDialog>
  );
}

const isLong = ({ params_cut: cut }: Approval): boolean => cut;

/** Whether the whole arguments of each are on the screen. */
function useIsRead(approvals: readonly Approval[]): boolean {
  const cut = approvals.find(isLong);
  const whole = useQuery({ ...approvalQuery(cut?.id ?? ''), enabled: cut !== undefined });
  return cut === undefined || whole.data !== undefined;
}

function useDecide(
  decision: 'approve' | 'deny',
  approvals: readonly Approval[],
  onClose: () => void,
) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async (reason: string) => {
      const outcomes = await Promise.allSettled(
        approvals.map(({ id }) => decideApproval(id, decision, reason)),
      );
      const failed = outcomes.filter((outcome) => outcome.status === 'rejected');
      if (failed.length === 0) return;
      const first: unknown = failed[0]!.reason;
      if (approvals.length === 1) throw first;
      const why = first instanceof Error ? first.message : String(first);
      throw new Error(`${formatCount(failed.length)} of ${approvals.length} failed: ${why}`);
    },
    onSuccess: () => {
      const one = approvals.length === 1;
      if (decision === 'deny') say(one ? 'Denied: the agent is told.' : 'Denied.');
      else say(one ? 'Approved: it runs this once.' : 'Approved: each runs this once.');
      onClose();
    },
    onSettled: () => queries.invalidateQueries({ queryKey: ['approvals'] }),
  });
}

function ReasonField(props: {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
}) {
  return (
    <div className="field">
      <label htmlFor="decide-reason">{props.label}</label>
      <input
        id="decide-reason"
        className="input"
        value={props.value}
        maxLength={2_000}
        autoComplete="off"
        data-first-focus
        onChange={(event) => props.onChange(event.target.value)}
      />
    </div>
  );
}
