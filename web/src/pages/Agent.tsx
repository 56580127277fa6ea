import { useQuery } from '@tanstack/react-query';
import { Link, getRouteApi } from '@tanstack/react-router';
import { useState } from 'react';
import { agentHistoryQuery, agentQuery } from '../client/agents.ts';
import type { Agent, AgentChange } from '../client/agents.ts';
import { ApiError } from '../client/http.ts';
import { agentTracesQuery } from '../client/traces.ts';
import { formatCount, parseTimeMs } from '../format.ts';
import { frameworkName } from '../framework-names.ts';
import { Foreign } from '../parts/Foreign.tsx';
import { Page } from '../parts/Page.tsx';
import { DECISIONS, ReviewDialog } from '../parts/ReviewDialog.tsx';
import type { Verdict } from '../parts/ReviewDialog.tsx';
import { EmptyState, ErrorState } from '../parts/States.tsx';
import { StatusTag } from '../parts/StatusTag.tsx';
import { Time } from '../parts/Time.tsx';
import { Words } from '../parts/Words.tsx';
import { useGoBack } from '../parts/use-go-back.ts';
import { useMay } from '../parts/use-may.ts';
import { useShortcuts } from '../parts/use-shortcuts.ts';
import { AgentAccounts, AgentQuality } from './AgentAccounts.tsx';
import { verdictsFor } from './AgentRow.tsx';
import { AgentVersions } from './AgentVersions.tsx';
import { AgentBaselines } from './BandedChart.tsx';
import { AgentChecksPanel } from './AgentChecks.tsx';
import { AgentFigures, AgentRiskPanel, AgentRuns } from './AgentInsight.tsx';
import { TraceTable } from './TraceTable.tsx';
import './Agent.css';

const route = getRouteApi('/shell/agents/$agentId');

/** Should this agent be running: what it is, what was decided and why, what it did last. */
export function AgentPage() {
  const { agentId } = route.useParams();
  const query = useQuery(agentQuery(agentId));
  if (query.data !== undefined) return <Known agent={query.data} />;
  return (
    <Page
      title={query.isError ? 'Unknown agent' : 'Agent'}
      heading={
        <>
          <Crumbs /> {query.isError ? 'Unknown agent' : 'Loading…'}
        </>
      }
    >
      <section className="panel agent-first">
        {query.isError && <Unknown error={query.error} onRetry={() => void query.refetch()} />}
      </section>
    </Page>
  );
}

function Unknown({ error, onRetry }: { readonly error: Error; readonly onRetry: () => void }) {
  const missing = error instanceof ApiError && error.status === 404;
  return missing ? (
    <ErrorState error={error} what="There is no agent with this id" />
  ) : (
    <ErrorState error={error} what="The agent cannot be read" onRetry={onRetry} />
  );
}

function Crumbs() {
  return (
    <Link to="/agents" className="crumbs">
      Agents /
    </Link>
  );
}

function Known({ agent }: { readonly agent: Agent }) {
  const [verdict, setVerdict] = useState<Verdict>();
  const mayReview = useMay('registry:write');
  const verdicts = mayReview ? verdictsFor(agent.status) : [];
  const ask = (wanted: Verdict) => {
    if (verdicts.includes(wanted)) setVerdict(wanted);
  };
  const goBack = useGoBack('/agents');
  useShortcuts([
    { keys: 'Escape', label: 'Back', group: 'Lists', run: goBack },
    { keys: 'a', label: 'Approve', group: 'Review', run: () => ask('APPROVED') },
    {
      keys: 'd',
      label: 'Dismiss or suspend',
      group: 'Review',
      run: () => ask(verdicts.includes('DISMISSED') ? 'DISMISSED' : 'SUSPENDED'),
    },
  ]);
  return (
    <Page
      title={agent.name}
      heading={
        <span className="agent-title">
          <Crumbs /> <Foreign text={agent.name} charactersMax={120} />{' '}
          <StatusTag status={agent.status} />
        </span>
      }
      actions={verdicts.map((each) => (
        <button
          key={each}
          type="button"
          className={each === 'APPROVED' ? 'button primary' : 'button'}
          onClick={() => setVerdict(each)}
        >
          {DECISIONS[each].verb}
        </button>
      ))}
    >
      <AgentFigures agent={agent} />
      <div className="agent-columns">
        <Evidence agent={agent} />
        <History agentId={agent.agent_id} />
      </div>
      <AgentRuns agent={agent.name} />
      <AgentBaselines agentId={agent.agent_id} />
      <AgentVersions agent={agent} />
      <div className="agent-columns">
        <AgentChecksPanel agentId={agent.agent_id} />
        <div className="agent-stack">
          <AgentRiskPanel agentId={agent.agent_id} />
          <AgentAccounts agent={agent} />
        </div>
      </div>
      <AgentQuality agent={agent.name} />
      <RecentTraces agent={agent.name} />
      {verdict !== undefined && (
        <ReviewDialog agents={[agent]} verdict={verdict} onClose={() => setVerdict(undefined)} />
      )}
    </Page>
  );
}

function Evidence({ agent }: { readonly agent: Agent }) {
  const named: readonly (readonly [string, readonly string[]])[] = [
    ['Services', agent.services],
    ['Frameworks', agent.frameworks.map(frameworkName)],
    ['Languages', agent.sdk_languages],
    ['Models', agent.models],
    ['Providers', agent.providers],
    ['Tools', agent.tools],
  ];
  return (
    <section className="panel agent-first">
      <header>
        <h2>What telemetry says</h2>
      </header>
      <dl className="facts">
        <dt>First seen</dt>
        <dd>
          <Time ms={parseTimeMs(agent.first_seen)} />
        </dd>
        <dt>Last seen</dt>
        <dd>
          <Time ms={parseTimeMs(agent.last_seen)} ago />
        </dd>
        <dt>Runs in 24 h</dt>
        <dd>{formatCount(agent.runs_24h)}</dd>
        {named.map(([label, values]) => (
          <Fact key={label} label={label} values={values} />
        ))}
      </dl>
    </section>
  );
}

function Fact({ label, values }: { readonly label: string; readonly values: readonly string[] }) {
  return (
    <>
      <dt>{label}</dt>
      <dd>
        <Words
          values={values}
          shownMax={24}
          mono={label !== 'Frameworks' && label !== 'Languages'}
        />
      </dd>
    </>
  );
}

function History({ agentId }: { readonly agentId: string }) {
  const history = useQuery(agentHistoryQuery(agentId));
  return (
    <section className="panel">
      <header>
        <h2>History</h2>
      </header>
      {history.isError && <ErrorState error={history.error} what="The history cannot be read" />}
      {history.data?.length === 0 && (
        <EmptyState title="Nothing was decided yet">
          <p className="quiet">Each decision stays here for good: who, when and why.</p>
        </EmptyState>
      )}
      <ol className="history">
        {history.data?.map((change) => (
          <Change key={change.sequence} change={change} />
        ))}
      </ol>
    </section>
  );
}

function Change({ change }: { readonly change: AgentChange }) {
  return (
    <li>
      {change.action === 'agent.registered' ? (
        <span className="tag">First seen</span>
      ) : change.to === null ? (
        <span className="tag">Edited</span>
      ) : (
        <StatusTag status={change.to} />
      )}
      <div>
        <span>
          {change.actor === '' ? '' : 'by '}
          <Foreign text={change.actor} charactersMax={80} />
        </span>
        {change.reason !== null && change.reason !== '' && (
          <p className="quiet">
            “<Foreign text={change.reason} charactersMax={1000} />”
          </p>
        )}
      </div>
      <span className="faint num">
        <Time ms={parseTimeMs(change.at)} />
      </span>
    </li>
  );
}

function RecentTraces({ agent }: { readonly agent: string }) {
  const traces = useQuery(agentTracesQuery(agent));
  return (
    <section className="panel">
      <header>
        <h2>Recent traces</h2>
        <Link to="/traces" search={{ agent, range: 'all' }} className="link">
          All of its traces
        </Link>
      </header>
      {traces.isError ? (
        <ErrorState error={traces.error} what="Its traces cannot be read" />
      ) : (
        <TraceTable
          traces={traces.data}
          empty={
            <EmptyState title="No trace names this agent">
              <p className="quiet">
                What it did may be inside traces of other agents, or older than what is kept.
              </p>
            </EmptyState>
          }
        />
      )}
    </section>
  );
}
