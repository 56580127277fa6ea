import { Link } from '@tanstack/react-router';
import type { Agent } from '../client/agents.ts';
import { parseTimeMs } from '../format.ts';
import { frameworkName } from '../framework-names.ts';
import { CodeBlock } from '../parts/CodeBlock.tsx';
import { Foreign } from '../parts/Foreign.tsx';
import type { Verdict } from '../parts/ReviewDialog.tsx';
import { EmptyState } from '../parts/States.tsx';
import { StatusTag } from '../parts/StatusTag.tsx';
import { Time } from '../parts/Time.tsx';
import { Words } from '../parts/Words.tsx';
import { demoCommand } from '../snippets.ts';
import './Discovery.css';

/** One agent in the queue: what it is, when it was seen, what it used, and the two buttons. */
export function QueueItem({
  agent,
  row,
  current,
  picked,
  mayReview,
  onPick,
  onAsk,
}: {
  readonly agent: Agent;
  readonly row: number;
  readonly current: boolean;
  readonly picked: boolean;
  readonly mayReview: boolean;
  readonly onPick: () => void;
  readonly onAsk: (verdict: Verdict) => void;
}) {
  const kinds = [...agent.frameworks.map(frameworkName), ...agent.sdk_languages];
  return (
    <li className="queue-item" data-row={row} data-current={current}>
      <input
        type="checkbox"
        aria-label={`Select ${agent.name.slice(0, 80)}`}
        checked={picked}
        onChange={onPick}
      />
      <div className="what">
        <div className="headline">
          <Link
            to="/agents/$agentId"
            params={{ agentId: agent.agent_id }}
            className="agent-name"
            data-row-focus
          >
            <Foreign text={agent.name} charactersMax={120} />
          </Link>
          {agent.status === 'PENDING_REVIEW' && <StatusTag status={agent.status} />}
          {kinds.length > 0 && (
            <span className="quiet kind">
              <Words values={kinds} shownMax={3} />
            </span>
          )}
        </div>
        <Evidence agent={agent} />
      </div>
      {mayReview && (
        <div className="decide">
          <button type="button" className="button" onClick={() => onAsk('DISMISSED')}>
            Dismiss
          </button>
          <button type="button" className="button primary" onClick={() => onAsk('APPROVED')}>
            Approve
          </button>
        </div>
      )}
    </li>
  );
}

function Evidence({ agent }: { readonly agent: Agent }) {
  return (
    <dl className="evidence">
      <div>
        <dt>First seen</dt>
        <dd>
          <Time ms={parseTimeMs(agent.first_seen)} />
        </dd>
      </div>
      <div>
        <dt>Last seen</dt>
        <dd>
          <Time ms={parseTimeMs(agent.last_seen)} ago />
        </dd>
      </div>
      <div>
        <dt>Models</dt>
        <dd>
          <Words values={agent.models} shownMax={3} charactersMax={36} mono />
        </dd>
      </div>
      <div>
        <dt>Tools</dt>
        <dd>
          <Words values={agent.tools} shownMax={6} charactersMax={36} mono />
        </dd>
      </div>
      <div>
        <dt>Services</dt>
        <dd>
          <Words values={agent.services} shownMax={2} charactersMax={36} mono />
        </dd>
      </div>
    </dl>
  );
}

export function QueueSkeleton() {
  return (
    <>
      <div className="toolbar queue-bar" aria-hidden="true" />
      <ul className="panel queue" aria-hidden="true">
        {[0, 1, 2, 3, 0].map((width, index) => (
          // Bones have no identity but their place.
          <li key={index} className="queue-item">
            <span />
            <div className="what">
              <span className={`bone w${width}`} />
              <span className={`bone w${(width + 2) % 4}`} />
            </div>
          </li>
        ))}
      </ul>
    </>
  );
}

export function QueueEmpty({ searched }: { readonly searched: string | undefined }) {
  return (
    <section className="panel">
      {searched !== undefined ? (
        <EmptyState title="No waiting agent matches">
          <p className="quiet">
            Agents that were decided on are under{' '}
            <Link to="/agents" search={{ q: searched }} className="link">
              Agents
            </Link>
            .
          </p>
        </EmptyState>
      ) : (
        <EmptyState title="Nothing waits for you">
          <p className="quiet">
            An agent appears here by itself the first time its telemetry arrives. Its name is the
            span’s <code>gen_ai.agent.name</code> or <code>agent.name</code>, else the{' '}
            <code>service.name</code>.
          </p>
          <p className="quiet">To see a living queue in a minute:</p>
          <CodeBlock code={demoCommand(window.location.origin)} label="The demonstration" />
          <Link to="/connect" className="button">
            Connect an agent of your own
          </Link>
        </EmptyState>
      )}
    </section>
  );
}
