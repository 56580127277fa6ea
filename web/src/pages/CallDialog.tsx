import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { callQuery } from '../client/approvals.ts';
import type { ToolCallRow } from '../client/approvals.ts';
import { formatCount, formatDuration, parseTimeMs } from '../format.ts';
import { indentJson } from '../indent-json.ts';
import { shortJson } from '../short-json.ts';
import { Dialog } from '../parts/Dialog.tsx';
import { Foreign, ForeignBlock } from '../parts/Foreign.tsx';
import { ErrorState } from '../parts/States.tsx';
import { Time } from '../parts/Time.tsx';
import { TraceFoot } from '../parts/TraceFoot.tsx';

const DECISIONS: Readonly<Record<string, readonly [aspect: string, words: string]>> = {
  allow: ['clear', 'Allowed'],
  deny: ['stop', 'Denied'],
  human_approval: ['caution', 'Asked a person'],
  rate_limited: ['stop', 'Too many'],
  error: ['stop', 'No decision'],
  approved: ['clear', 'Approved'],
  denied: ['stop', 'Denied by a person'],
  timeout: ['caution', 'Not decided in time'],
};

/** What was decided about a call, by a rule or by a person. */
export function DecisionTag({ call }: { readonly call: ToolCallRow }) {
  const word = call.approval_status ?? call.policy;
  const [aspect, words] = DECISIONS[word] ?? ['', word.replaceAll('_', ' ')];
  return <span className={`tag ${aspect}`}>{words}</span>;
}

/** One call whole: who called what with which arguments, what decided, and what came of it. */
export function CallDialog(props: { readonly spanId: string; readonly onClose: () => void }) {
  const found = useQuery(callQuery(props.spanId));
  const call = found.data;
  return (
    <Dialog
      title={call ? <Foreign className="mono" text={call.tool} charactersMax={120} /> : 'A call'}
      onClose={props.onClose}
      wide
    >
      {found.isError && <ErrorState error={found.error} what="The call cannot be read" />}
      {call === null && (
        <p className="quiet">
          The gateway does not hold this call any more; its span is kept as long as other spans.
        </p>
      )}
      {call !== undefined && call !== null && <Details call={call} />}
      <TraceFoot
        place={call ? { traceId: call.trace_id, spanId: call.span_id } : undefined}
        onClose={props.onClose}
      />
    </Dialog>
  );
}

function Details({ call }: { readonly call: ToolCallRow }) {
  return (
    <>
      <Facts call={call} />
      {call.error !== undefined && (
        <div className="notice stop">
          <Foreign text={call.error} charactersMax={2_000} />
        </div>
      )}
      <h3>Arguments{isCut(call.params) && ', of which the beginning was kept'}</h3>
      <ForeignBlock text={argumentsText(call.params)} />
      <h3>Answer{call.result_cut === true && ', of which the beginning was kept'}</h3>
      {call.result === undefined ? (
        <p className="faint">{call.status_code === 200 ? 'None was kept.' : 'There is none.'}</p>
      ) : (
        <ForeignBlock text={indentJson(call.result)} />
      )}
    </>
  );
}

/** For an address, where they are whole and short. */
function paramsOf({ params }: ToolCallRow): { readonly params?: string } {
  const text = JSON.stringify(params);
  return isCut(params) || text.length > 4_000 ? {} : { params: text };
}

const isCut = (params: ToolCallRow['params']): boolean => typeof params['_cut'] === 'string';

/** As they were kept: the beginning of long ones is text. */
export function argumentsText(params: unknown): string {
  const cut = (params as { readonly _cut?: unknown } | null)?._cut;
  return typeof cut === 'string' ? `${cut}…` : shortJson(params);
}

function Facts({ call }: { readonly call: ToolCallRow }) {
  const { session_id: session } = call;
  const tokens = call.estimated_input_tokens + call.estimated_output_tokens;
  return (
    <dl className="facts">
      <dt>Agent</dt>
      <dd>
        <Link className="link" to="/calls" search={{ agent: call.agent_id }}>
          <Foreign text={call.agent_id} charactersMax={100} />
        </Link>
      </dd>
      <dt>Decision</dt>
      <dd>
        <DecisionTag call={call} />{' '}
        {call.policy_rule !== '' && (
          <Link className="link" to="/calls" search={{ rule: call.policy_rule }}>
            <Foreign className="mono" text={call.policy_rule} charactersMax={100} />
          </Link>
        )}{' '}
        <Link
          className="link"
          to="/policies"
          search={{ tab: 'try', agent: call.agent_id, tool: call.tool, ...paramsOf(call) }}
        >
          try it again
        </Link>
      </dd>
      <ApprovalFact call={call} />
      <dt>Answered</dt>
      <dd>
        {call.status_code}, {formatDuration(call.latency_ms * 1e6)} ·{' '}
        <Time ms={parseTimeMs(call.timestamp)} /> · over {call.face}
        {call.gateway !== undefined && (
          <>
            {' at the gateway '}
            <Foreign text={call.gateway} charactersMax={60} />
          </>
        )}
      </dd>
      <dt>Tokens</dt>
      <dd>
        {formatCount(tokens)}{' '}
        {call.tokens_source === 'estimate' && <span className="faint">estimated</span>}
      </dd>
      {session !== undefined && (
        <>
          <dt>Session</dt>
          <dd>
            <Link className="link" to="/calls" search={{ session }}>
              <Foreign className="mono" text={session} charactersMax={100} />
            </Link>
          </dd>
        </>
      )}
    </dl>
  );
}

function ApprovalFact({ call }: { readonly call: ToolCallRow }) {
  const { approval_id: approval } = call;
  if (approval === undefined) return null;
  return (
    <>
      <dt>Approval</dt>
      <dd>
        <Link className="link mono" to="/approvals" search={{ approval }}>
          {approval}
        </Link>
        {call.approved_by !== undefined && (
          <>
            {' by '}
            <Foreign text={call.approved_by} charactersMax={100} />
          </>
        )}
        {call.approval_ms !== undefined && `, after ${formatDuration(call.approval_ms * 1e6)}`}
      </dd>
    </>
  );
}
