import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useState } from 'react';
import { agentsQuery } from '../client/agents.ts';
import type { Agent } from '../client/agents.ts';
import { formatCount, formatPlural } from '../format.ts';
import { Page } from '../parts/Page.tsx';
import { ReviewDialog } from '../parts/ReviewDialog.tsx';
import type { Verdict } from '../parts/ReviewDialog.tsx';
import { SearchBox } from '../parts/SearchBox.tsx';
import { ErrorState } from '../parts/States.tsx';
import { useRowCursor } from '../parts/use-row-cursor.ts';
import { useMay } from '../parts/use-may.ts';
import { useShortcuts } from '../parts/use-shortcuts.ts';
import { QueueEmpty, QueueItem, QueueSkeleton } from './QueueItem.tsx';

const route = getRouteApi('/shell/discovery');
const QUEUE_MAX = 100;

interface Asked {
  readonly agents: readonly Agent[];
  readonly verdict: Verdict;
}

/** Which agents wait for a decision, with what is known about each, and the decision beside it. */
export function DiscoveryPage() {
  const { q } = route.useSearch();
  const navigate = route.useNavigate();
  const queue = useWaiting(q);
  const { agents, total } = queue;
  return (
    <Page
      title="Discovery"
      lead={queue.isPending ? '' : <Lead total={total} shown={agents.length} />}
      actions={
        <SearchBox
          value={q ?? ''}
          label="Search the queue"
          placeholder="Search by name"
          onChange={(value) =>
            void navigate({ search: { q: value === '' ? undefined : value }, replace: true })
          }
        />
      }
    >
      {queue.isPending && <QueueSkeleton />}
      {queue.isError && agents.length === 0 && (
        <section className="panel">
          <ErrorState
            error={queue.error}
            what="The discovery queue cannot be read"
            onRetry={queue.refetch}
          />
        </section>
      )}
      {!queue.isPending && !queue.isError && agents.length === 0 && <QueueEmpty searched={q} />}
      {agents.length > 0 && <Queue agents={agents} />}
    </Page>
  );
}

/** Agents that nobody has decided about yet, the newest first. */
function useWaiting(search: string | undefined) {
  const byNewest = { search, sort_by: 'first_seen', sort_dir: 'desc', limit: QUEUE_MAX } as const;
  const lists = [
    useQuery(agentsQuery({ status: 'UNREVIEWED', ...byNewest })),
    useQuery(agentsQuery({ status: 'PENDING_REVIEW', ...byNewest })),
  ];
  const agents = lists
    .flatMap((list) => list.data?.data ?? [])
    .sort((a, b) => Date.parse(b.first_seen) - Date.parse(a.first_seen))
    .slice(0, QUEUE_MAX);
  return {
    agents,
    total: lists.reduce((sum, list) => sum + (list.data?.meta.total ?? 0), 0),
    isPending: lists.some((list) => list.isPending),
    isError: lists.some((list) => list.isError),
    error: lists.find((list) => list.isError)?.error,
    refetch: () => {
      for (const list of lists) void list.refetch();
    },
  };
}

function Lead({ total, shown }: { readonly total: number; readonly shown: number }) {
  if (total === 0) return 'No agent waits for a decision.';
  const first = shown < total ? `; the ${formatCount(shown)} newest are shown` : '';
  return `${formatPlural(total, 'agent waits', 'agents wait')} for a decision${first}.`;
}

function Queue({ agents }: { readonly agents: readonly Agent[] }) {
  const cursor = useRowCursor<HTMLUListElement>(agents.length);
  const [picked, setPicked] = useState<ReadonlySet<string>>(new Set());
  const [asked, setAsked] = useState<Asked>();
  const pickedAgents = agents.filter((agent) => picked.has(agent.agent_id));
  const pick = (agent: Agent | undefined) => {
    if (agent === undefined) return;
    const next = new Set(picked);
    if (!next.delete(agent.agent_id)) next.add(agent.agent_id);
    setPicked(next);
  };
  const mayReview = useMay('registry:write');
  const ask = (verdict: Verdict) => {
    if (!mayReview) return;
    const one = agents[cursor.current];
    const chosen = pickedAgents.length > 0 || one === undefined ? pickedAgents : [one];
    if (chosen.length > 0) setAsked({ agents: chosen, verdict });
  };
  const group = 'Review';
  useShortcuts([
    { keys: 'a', label: 'Approve', group, run: () => ask('APPROVED') },
    { keys: 'd', label: 'Dismiss', group, run: () => ask('DISMISSED') },
    { keys: 'x', label: 'Select', group, run: () => pick(agents[cursor.current]) },
    { keys: 'Escape', label: 'Select none', group, run: () => setPicked(new Set()) },
  ]);
  return (
    <>
      {!mayReview && (
        <p className="notice">
          You may look at the queue; deciding needs the scope registry:write.
        </p>
      )}
      <QueueBar
        agents={agents}
        picked={pickedAgents}
        onPickAll={(all) => setPicked(new Set(all ? agents.map((agent) => agent.agent_id) : []))}
        onAsk={ask}
      />
      <ul className="panel queue" ref={cursor.ref} onFocus={cursor.onFocus}>
        {agents.map((agent, row) => (
          <QueueItem
            key={agent.agent_id}
            agent={agent}
            row={row}
            current={row === cursor.current}
            picked={picked.has(agent.agent_id)}
            mayReview={mayReview}
            onPick={() => pick(agent)}
            onAsk={(verdict) => setAsked({ agents: [agent], verdict })}
          />
        ))}
      </ul>
      {asked !== undefined && (
        <ReviewDialog
          agents={asked.agents}
          verdict={asked.verdict}
          onClose={(done) => {
            setAsked(undefined);
            if (done) setPicked(new Set());
          }}
        />
      )}
    </>
  );
}

function QueueBar({
  agents,
  picked,
  onPickAll,
  onAsk,
}: {
  readonly agents: readonly Agent[];
  readonly picked: readonly Agent[];
  readonly onPickAll: (all: boolean) => void;
  readonly onAsk: (verdict: Verdict) => void;
}) {
  const all = picked.length === agents.length;
  return (
    <div className="toolbar queue-bar">
      <label className="pick-all">
        <input type="checkbox" checked={all} onChange={() => onPickAll(!all)} />
        {picked.length === 0 ? 'Select all' : `${formatCount(picked.length)} selected`}
      </label>
      {picked.length > 0 ? (
        <>
          <button type="button" className="button small" onClick={() => onAsk('DISMISSED')}>
            Dismiss selected
          </button>
          <button type="button" className="button small primary" onClick={() => onAsk('APPROVED')}>
            Approve selected
          </button>
        </>
      ) : (
        <span className="faint keys-hint">
          <kbd>j</kbd> <kbd>k</kbd> move · <kbd>a</kbd> approve · <kbd>d</kbd> dismiss ·{' '}
          <kbd>x</kbd> select
        </span>
      )}
    </div>
  );
}
