import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { agentRiskQuery, agentRunsQuery } from '../client/agent-insight.ts';
import type { Agent } from '../client/agents.ts';
import { runStatsQuery } from '../client/overview.ts';
import {
  formatCompact,
  formatCount,
  formatDollars,
  formatDuration,
  formatShare,
} from '../format.ts';
import { Figure, Figures } from '../parts/Figures.tsx';
import { Foreign } from '../parts/Foreign.tsx';
import { EmptyState } from '../parts/States.tsx';
import { RunTable } from './RunTable.tsx';

const WEEK_HOURS = 7 * 24;

/** Its last week in figures; each opens the runs that it is made of. */
export function AgentFigures({ agent }: { readonly agent: Agent }) {
  const total = useQuery(runStatsQuery(WEEK_HOURS, agent.name)).data?.total;
  const ended = total === undefined ? 0 : total.runs - total.running;
  const search = { agent: agent.name, range: '7d' } as const;
  return (
    <Figures label="The last seven days">
      <Figure
        label="Runs in 7 days"
        value={
          <Link to="/runs" search={search}>
            {formatCount(total?.runs)}
          </Link>
        }
      >
        {formatCount(agent.runs_24h)} in 24 h
      </Figure>
      <Figure
        label="Cost"
        value={
          <Link to="/runs" search={{ ...search, sort: 'cost' }}>
            {formatDollars(total?.cost_usd)}
          </Link>
        }
      >
        {total !== undefined && total.unpriced_calls > 0
          ? `${formatCount(total.unpriced_calls)} calls unpriced`
          : 'all calls priced'}
      </Figure>
      <Figure label="Tokens" value={formatCompact(total?.input_tokens)}>
        in, {formatCompact(total?.output_tokens)} out
      </Figure>
      <Figure
        label="Failed"
        value={
          <Link to="/runs" search={{ ...search, status: 'error' }}>
            {ended === 0 ? '—' : formatShare((total?.failed ?? 0) / ended)}
          </Link>
        }
      >
        {formatCount(total?.retries)} calls tried again
      </Figure>
      <Figure
        label="p95 duration"
        value={
          <Link to="/runs" search={{ ...search, sort: 'duration' }}>
            {formatDuration(total?.p95_ms === null ? null : (total?.p95_ms ?? Number.NaN) * 1e6)}
          </Link>
        }
      >
        {formatCount(total?.tool_calls)} tool calls
      </Figure>
    </Figures>
  );
}

const LEVELS = { LOW: '', MEDIUM: 'caution', HIGH: 'stop', CRITICAL: 'stop' } as const;

/** How risky it is, and why. */
export function AgentRiskPanel({ agentId }: { readonly agentId: string }) {
  const risk = useQuery(agentRiskQuery(agentId)).data;
  if (risk === undefined) return null;
  return (
    <section className="panel" aria-label="Risk">
      <header>
        <h2>Risk</h2>
        <span className={`tag ${LEVELS[risk.level]}`}>
          {risk.level.toLowerCase()} · {risk.score}
        </span>
      </header>
      {risk.reasons.length === 0 ? (
        <EmptyState title="Nothing speaks against it" />
      ) : (
        <ul className="risk-reasons">
          {risk.reasons.map(({ rule, points, because }) => (
            <li key={rule}>
              <span className="num">{points > 0 ? `+${points}` : points}</span>
              <Foreign text={because} charactersMax={200} />
              <span className="faint mono">{rule}</span>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

export function AgentRuns({ agent }: { readonly agent: string }) {
  const runs = useQuery(agentRunsQuery(agent));
  return (
    <section className="panel">
      <header>
        <h2>Recent runs</h2>
        <Link to="/runs" search={{ agent, range: 'all' }} className="link">
          All of its runs
        </Link>
      </header>
      <RunTable
        runs={runs.data}
        error={runs.error}
        empty={
          <EmptyState title="No run of this agent is stored">
            <p className="quiet">
              It was seen, and did not run, or its runs are older than what is kept.
            </p>
          </EmptyState>
        }
      />
    </section>
  );
}
