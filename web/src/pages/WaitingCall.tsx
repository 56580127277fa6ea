import type { Approval } from '../client/approvals.ts';
import { Foreign } from '../parts/Foreign.tsx';

/** Who wants which tool. */
export function Wish({ approval }: { readonly approval: Approval }) {
  return (
    <>
      <b>
        <Foreign text={approval.agent} charactersMax={60} />
      </b>{' '}
      wants{' '}
      <span className="mono">
        <Foreign text={approval.tool} charactersMax={100} />
      </span>
    </>
  );
}

/** The buttons that end a call's waiting. */
export function DecideButtons(props: {
  readonly onDeny: () => void;
  readonly onApprove: () => void;
}) {
  return (
    <span className="toolbar">
      <button type="button" className="button small" onClick={props.onDeny}>
        Deny
      </button>
      <button type="button" className="button small primary" onClick={props.onApprove}>
        Approve…
      </button>
    </span>
  );
}
