import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { approvalQuery } from '../client/approvals.ts';
import type { Approval } from '../client/approvals.ts';
import { formatCount, parseTimeMs } from '../format.ts';
import { Dialog } from '../parts/Dialog.tsx';
import { Foreign } from '../parts/Foreign.tsx';
import { ErrorState } from '../parts/States.tsx';
import { shortJson } from '../short-json.ts';
import { Time } from '../parts/Time.tsx';
import { TimeLeft } from '../parts/TimeLeft.tsx';
import { TraceFoot } from '../parts/TraceFoot.tsx';

const ASPECTS: Readonly<Record<string, readonly [aspect: string, words: string]>> = {
  pending: ['caution', 'Waits'],
  approved: ['clear', 'Approved'],
  denied: ['stop', 'Denied'],
  timeout: ['caution', 'Not in time'],
};

export function ApprovalTag({ status }: { readonly status: Approval['status'] }) {
  const [aspect, words] = ASPECTS[status] ?? ['', status];
  return <span className={`tag ${aspect}`}>{words}</span>;
}

/** One approval whole: what was asked, who decided, when and why. */
export function ApprovalDialog(props: { readonly id: string; readonly onClose: () => void }) {
  const found = useQuery(approvalQuery(props.id));
  const approval = found.data;
  return (
    <Dialog
      title={
        approval === undefined ? (
          'An approval'
        ) : (
          <Foreign className="mono" text={approval.tool} charactersMax={120} />
        )
      }
      onClose={props.onClose}
      wide
    >
      {found.isError && <ErrorState error={found.error} what="The approval cannot be read" />}
      {approval !== undefined && (
        <>
          <Bound approval={approval}>
            <Decision approval={approval} />
          </Bound>
          <WholeArguments approval={approval} />
        </>
      )}
      <TraceFoot
        place={
          approval === undefined || approval.trace_id === ''
            ? undefined
            : { traceId: approval.trace_id, spanId: approval.span_id }
        }
        onClose={props.onClose}
      />
    </Dialog>
  );
}

function Decision({ approval }: { readonly approval: Approval }) {
  const { status, resolved_by: by, resolved_at: at, reasoning, confidence } = approval;
  return (
    <>
      <dt>Decision</dt>
      <dd>
        <ApprovalTag status={status} />{' '}
        {status === 'pending' ? (
          <TimeLeft until={parseTimeMs(approval.expires_at)} />
        ) : (
          <>
            {by !== null && status !== 'timeout' && (
              <>
                by <Foreign text={by} charactersMax={100} />,{' '}
              </>
            )}
            <Time ms={parseTimeMs(at)} />
            {confidence !== null && `, with a confidence of ${confidence}`}
          </>
        )}
      </dd>
      {approval.undecidable !== null && (
        <>
          <dt>Deciding</dt>
          <dd>
            <Foreign text={approval.undecidable} charactersMax={300} />
          </dd>
        </>
      )}
      {reasoning !== null && (
        <>
          <dt>Why</dt>
          <dd>
            <Foreign text={reasoning} charactersMax={4_000} />
          </dd>
        </>
      )}
    </>
  );
}

/** Everything that a decision binds: nothing that differs in any of it may use the approval. */
export function Bound(props: { readonly approval: Approval; readonly children?: ReactNode }) {
  const { approval } = props;
  return (
    <dl className="facts">
      {props.children}
      <dt>Agent</dt>
      <dd>
        <Foreign text={approval.agent} charactersMax={200} />
      </dd>
      <dt>Tool</dt>
      <dd className="mono">
        <Foreign text={approval.tool} charactersMax={300} />
      </dd>
      <dt>Arguments</dt>
      <dd>
        <span className="faint">SHA-256</span>{' '}
        <span className="mono digest">{approval.arguments_sha256}</span>
      </dd>
      {approval.gateway !== null && (
        <>
          <dt>Gateway</dt>
          <dd>
            <Foreign text={approval.gateway} charactersMax={100} />
          </dd>
        </>
      )}
      <dt>Held by</dt>
      <dd>
        <Foreign className="mono" text={approval.policy_rule} charactersMax={200} />
        <span className="faint"> in version </span>
        <span className="mono">{approval.policy_version}</span>
      </dd>
    </dl>
  );
}

/** All the arguments, however long: what is approved must have been there to read. */
export function WholeArguments({ approval }: { readonly approval: Approval }) {
  const whole = useQuery({ ...approvalQuery(approval.id), enabled: approval.params_cut });
  const shown = approval.params_cut ? whole.data : approval;
  if (whole.isError) {
    return <ErrorState error={whole.error} what="The whole arguments cannot be read" />;
  }
  if (shown === undefined) return <p className="faint">Reading the whole arguments…</p>;
  const text = shortJson(shown.params);
  return (
    <div className="whole-arguments">
      <div
        className="foreign mono text"
        dir="auto"
        tabIndex={0}
        role="group"
        aria-label="Arguments"
      >
        <Foreign text={text} charactersMax={text.length} />
      </div>
      {approval.params_characters > 1_000 && (
        <p className="faint">
          All {formatCount(approval.params_characters)} characters stand here
          {text.includes('[REDACTED:') ? ', but for secrets' : ''}.
        </p>
      )}
    </div>
  );
}

/** Why it takes a reason to approve. */
export function Dangers({ dangers }: { readonly dangers: readonly string[] }) {
  return (
    <ul className="notice stop">
      {dangers.map((danger) => (
        <li key={danger}>{danger}</li>
      ))}
    </ul>
  );
}
