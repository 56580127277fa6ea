import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import type { Agent } from '../client/agents.ts';
import { budgetsQuery } from '../client/costs.ts';
import type { Budget } from '../client/costs.ts';
import { QUALITY_DAYS, heatmapQuery } from '../client/quality.ts';
import { formatDollars, formatShare } from '../format.ts';
import { Foreign } from '../parts/Foreign.tsx';
import { Meter } from '../parts/Meter.tsx';
import { EmptyState } from '../parts/States.tsx';
import { useMay } from '../parts/use-may.ts';
import { AgentDetailsDialog } from './AgentDetailsDialog.tsx';
import { HeatMap } from './HeatMap.tsx';

/** Whose it is, and what it and its team may spend this month. */
export function AgentAccounts({ agent }: { readonly agent: Agent }) {
  const [editing, setEditing] = useState(false);
  const mayEdit = useMay('registry:write');
  const budgets = useQuery(budgetsQuery).data?.filter((budget) => isOf(budget, agent));
  return (
    <section className="panel agent-accounts" aria-label="Owner and budgets">
      <header>
        <h2>Owner and budgets</h2>
        <span className="toolbar">
          <Link to="/costs" className="link">
            All budgets
          </Link>
          {mayEdit && (
            <button type="button" className="button small" onClick={() => setEditing(true)}>
              Edit
            </button>
          )}
        </span>
      </header>
      <dl className="facts">
        <dt>Owner</dt>
        <dd>
          {agent.owner === null ? (
            <span className="faint">nobody</span>
          ) : (
            <Foreign text={agent.owner} charactersMax={120} />
          )}
        </dd>
        <dt>Team</dt>
        <dd>
          {agent.team === null ? (
            <span className="faint">none</span>
          ) : (
            <Foreign text={agent.team} charactersMax={120} />
          )}
        </dd>
        <dt>Purpose</dt>
        <dd>
          {agent.description === null ? (
            <span className="faint">nobody said</span>
          ) : (
            <Foreign text={agent.description} charactersMax={2_000} />
          )}
        </dd>
        {budgets?.map((budget) => (
          <BudgetFact key={budget.id} budget={budget} />
        ))}
      </dl>
      {budgets?.length === 0 && (
        <EmptyState title="No budget holds it">
          <p className="quiet">
            One of the agent, of its team or of everything is set on{' '}
            <Link to="/costs" className="link">
              the page of costs
            </Link>
            .
          </p>
        </EmptyState>
      )}
      {editing && <AgentDetailsDialog agent={agent} onClose={() => setEditing(false)} />}
    </section>
  );
}

function isOf({ scope, subject }: Budget, { name, team }: Agent): boolean {
  if (scope === 'project') return true;
  return scope === 'agent' ? subject === name : subject === team;
}

const SCOPES: Readonly<Record<Budget['scope'], string>> = {
  agent: 'Its budget',
  team: 'Its team’s',
  project: 'Of everything',
};

function BudgetFact({ budget }: { readonly budget: Budget }) {
  const { scope, spent_percent: percent } = budget;
  const share = percent === null ? null : percent / 100;
  return (
    <>
      <dt>{SCOPES[scope]}</dt>
      <dd>
        {formatDollars(budget.spent_usd)} of {formatDollars(budget.amount_usd)} (
        {formatShare(share)}), forecast {formatDollars(budget.forecast_usd)}
        <Meter share={share} label={`Spent of ${SCOPES[scope].toLowerCase()} budget`} />
      </dd>
    </>
  );
}

/** How its runs did in the checks, day by day. */
export function AgentQuality({ agent }: { readonly agent: string }) {
  const map = useQuery(heatmapQuery(QUALITY_DAYS)).data;
  const agents = map?.agents.filter((row) => row.agent === agent) ?? [];
  return map === undefined || agents.length === 0 ? null : <HeatMap map={{ ...map, agents }} />;
}
