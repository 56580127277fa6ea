import { Link } from '@tanstack/react-router';
import { AGENT_TRANSITIONS } from '../../../src/model/agent.ts';
import type { AgentStatus } from '../../../src/model/agent.ts';
import type { Agent } from '../client/agents.ts';
import { formatCount, parseTimeMs } from '../format.ts';
import { frameworkName } from '../framework-names.ts';
import { Foreign } from '../parts/Foreign.tsx';
import { DECISIONS } from '../parts/ReviewDialog.tsx';
import type { Verdict } from '../parts/ReviewDialog.tsx';
import { HealthDot, StatusTag } from '../parts/StatusTag.tsx';
import { Time } from '../parts/Time.tsx';
import { Words } from '../parts/Words.tsx';

/** The decisions that may follow a status, the one that lets it run last. */
export function verdictsFor(status: AgentStatus): Verdict[] {
  return (AGENT_TRANSITIONS[status] ?? [])
    .filter((each): each is Verdict => each !== 'UNREVIEWED' && each !== 'PENDING_REVIEW')
    .sort((a, b) => Number(a === 'APPROVED') - Number(b === 'APPROVED'));
}

export function AgentRow({
  agent,
  row,
  current,
  mayReview,
  onAsk,
}: {
  readonly agent: Agent;
  readonly row: number;
  readonly current: boolean;
  readonly mayReview: boolean;
  readonly onAsk: (verdict: Verdict) => void;
}) {
  return (
    <tr data-row={row} data-current={current}>
      <td className="two-line clip">
        <div className="name">
          <HealthDot health={agent.health.status} />
          <Link
            to="/agents/$agentId"
            params={{ agentId: agent.agent_id }}
            className="cut"
            data-row-focus
          >
            <Foreign text={agent.name} charactersMax={120} />
          </Link>
        </div>
        <span className="second-line">
          <Time ms={parseTimeMs(agent.last_seen)} ago />
        </span>
      </td>
      <td>
        <StatusTag status={agent.status} />
      </td>
      <td className="wide quiet clip cut">
        <Words values={agent.frameworks.map(frameworkName)} shownMax={1} />
      </td>
      <td className="wide middle quiet clip cut">
        <Words values={agent.models} shownMax={1} mono />
      </td>
      <td className="wide extra quiet clip cut">
        <Words values={present(agent.owner)} />
      </td>
      <td className="num wide middle">{formatCount(agent.runs_24h)}</td>
      <td className="num wide extra quiet">
        <Time ms={parseTimeMs(agent.first_seen)} />
      </td>
      <td className="num wide quiet">
        <Time ms={parseTimeMs(agent.last_seen)} ago />
      </td>
      <td className={agent.status === 'APPROVED' ? 'wide num row-actions' : 'wide num'}>
        {(mayReview ? verdictsFor(agent.status) : []).map((verdict) => (
          <button
            key={verdict}
            type="button"
            className="button small plain"
            onClick={() => onAsk(verdict)}
          >
            {DECISIONS[verdict].verb}
          </button>
        ))}
      </td>
    </tr>
  );
}

function present(owner: string | null): string[] {
  return owner === null || owner === '' ? [] : [owner];
}
