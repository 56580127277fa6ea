import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { FormEvent } from 'react';
import type { AgentStatus } from '../../../src/model/agent.ts';
import { agentKeys, reviewAgents } from '../client/agents.ts';
import type { Agent, ReviewOutcome } from '../client/agents.ts';
import { formatPlural } from '../format.ts';
import { Dialog } from './Dialog.tsx';
import { Foreign } from './Foreign.tsx';
import { say } from './Toasts.tsx';

interface Decision {
  readonly verb: string;
  readonly done: string;
  readonly meaning: string;
  readonly final: boolean;
}

export const DECISIONS: Readonly<Record<Exclude<AgentStatus, 'UNREVIEWED'>, Decision>> = {
  PENDING_REVIEW: {
    verb: 'Start review',
    done: 'In review',
    meaning: 'Shows others that someone is looking at it.',
    final: false,
  },
  APPROVED: {
    verb: 'Approve',
    done: 'Approved',
    meaning: 'It may run. Its costs and quality count from now on, and it can be suspended later.',
    final: false,
  },
  SUSPENDED: {
    verb: 'Suspend',
    done: 'Suspended',
    meaning: 'Marks it as not allowed for now. It can be approved again.',
    final: false,
  },
  RETIRED: {
    verb: 'Retire',
    done: 'Retired',
    meaning: 'For an agent that has ended. This cannot be undone.',
    final: true,
  },
  DISMISSED: {
    verb: 'Dismiss',
    done: 'Dismissed',
    meaning: 'For what is not an agent of yours, such as a test. This cannot be undone.',
    final: true,
  },
};

export type Verdict = keyof typeof DECISIONS;

const NAMES_SHOWN = 6;

/** Asks for the reason, then changes the status of one agent or of several. */
export function ReviewDialog({
  agents,
  verdict,
  onClose,
}: {
  readonly agents: readonly Agent[];
  readonly verdict: Verdict;
  readonly onClose: (done: boolean) => void;
}) {
  const [reason, setReason] = useState('');
  const queries = useQueryClient();
  const decision = DECISIONS[verdict];
  const review = useMutation({
    mutationFn: () =>
      reviewAgents({ ids: agents.map((agent) => agent.agent_id), status: verdict, reason }),
    onSettled: () => queries.invalidateQueries({ queryKey: agentKeys.all }),
    onSuccess: ({ reviewed, refused }) => {
      if (reviewed.length > 0) say(<Said agents={reviewed} done={decision.done} />);
      if (refused.length === 0) onClose(true);
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!review.isPending) review.mutate();
  };
  return (
    <Dialog title={<Title agents={agents} verb={decision.verb} />} onClose={() => onClose(false)}>
      <p className="quiet">{decision.meaning}</p>
      {agents.length > 1 && <Names agents={agents} />}
      <form className="review-form" onSubmit={submit}>
        <ReasonField value={reason} onChange={setReason} />
        {review.data !== undefined && review.data.refused.length > 0 && (
          <Refused agents={agents} refused={review.data.refused} />
        )}
        {review.isError && (
          <p className="notice stop" role="alert">
            Nothing was changed: {review.error.message}
          </p>
        )}
        <div className="dialog-foot">
          <span className="faint">
            <kbd>enter</kbd> {decision.verb.toLowerCase()} · <kbd>esc</kbd> cancel
          </span>
          <button type="button" className="button" onClick={() => onClose(false)}>
            Cancel
          </button>
          <button
            type="submit"
            className={decision.final ? 'button danger' : 'button primary'}
            disabled={review.isPending}
          >
            {decision.verb}
          </button>
        </div>
      </form>
    </Dialog>
  );
}

function ReasonField(props: {
  readonly value: string;
  readonly onChange: (value: string) => void;
}) {
  return (
    <div className="field">
      <label htmlFor="review-reason">Reason, kept in the history (may be empty)</label>
      <textarea
        id="review-reason"
        className="input"
        rows={2}
        maxLength={2000}
        data-first-focus
        value={props.value}
        onChange={(event) => props.onChange(event.target.value)}
        onKeyDown={(event) => {
          if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return;
          event.preventDefault();
          event.currentTarget.form?.requestSubmit();
        }}
      />
    </div>
  );
}

/** Someone else may have decided in the meantime. */
function Refused(props: {
  readonly agents: readonly Agent[];
  readonly refused: ReviewOutcome['refused'];
}) {
  return (
    <ul className="notice stop" role="alert">
      {props.refused.slice(0, NAMES_SHOWN).map(({ id, error }) => (
        <li key={id}>
          <Foreign
            text={props.agents.find((agent) => agent.agent_id === id)?.name ?? id}
            charactersMax={60}
          />{' '}
          was left as it is: {error}
        </li>
      ))}
    </ul>
  );
}

function Title({ agents, verb }: { readonly agents: readonly Agent[]; readonly verb: string }) {
  if (agents.length !== 1) return `${verb} ${formatPlural(agents.length, 'agent')}?`;
  return (
    <>
      {verb} <Foreign text={agents[0]!.name} charactersMax={60} />?
    </>
  );
}

function Names({ agents }: { readonly agents: readonly Agent[] }) {
  return (
    <ul className="notice words">
      {agents.slice(0, NAMES_SHOWN).map((agent) => (
        <li key={agent.agent_id}>
          <Foreign text={agent.name} charactersMax={60} />
        </li>
      ))}
      {agents.length > NAMES_SHOWN && <li>and {agents.length - NAMES_SHOWN} more</li>}
    </ul>
  );
}

function Said({ agents, done }: { readonly agents: readonly Agent[]; readonly done: string }) {
  if (agents.length !== 1) return `${done}: ${formatPlural(agents.length, 'agent')}`;
  return (
    <>
      {done}: <Foreign text={agents[0]!.name} charactersMax={60} />
    </>
  );
}
