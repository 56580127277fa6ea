import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { agentsQuery } from '../client/agents.ts';
import type { Agent } from '../client/agents.ts';
import { openAnomaliesQuery } from '../client/anomalies.ts';
import { registryStatsQuery } from '../client/connect.ts';
import { costSummaryQuery, budgetsQuery } from '../client/costs.ts';
import type { CostSummary } from '../client/costs.ts';
import { runStatsQuery } from '../client/overview.ts';
import type { RunStats } from '../client/overview.ts';
import {
  formatCompact,
  formatCount,
  formatDollars,
  formatDuration,
  formatPlural,
  formatShare,
  parseTimeMs,
} from '../format.ts';
import { DataTable } from '../parts/DataTable.tsx';
import type { Column } from '../parts/DataTable.tsx';
import { Figure, Figures } from '../parts/Figures.tsx';
import { Foreign } from '../parts/Foreign.tsx';
import { Page } from '../parts/Page.tsx';
import { EmptyState } from '../parts/States.tsx';
import { HealthDot, StatusTag } from '../parts/StatusTag.tsx';
import { Time } from '../parts/Time.tsx';
import { TimeChart } from '../parts/TimeChart.tsx';
import { WaitingForYou } from './WaitingForYou.tsx';
import './Overview.css';

/** What needs me, what does it cost, is anything wrong? */
export function OverviewPage() {
  const today = useQuery(runStatsQuery(24));
  return (
    <Page title="Overview">
      <Today stats={today.data} />
      <AgentsAndSpend />
      <div className="overview-columns">
        <RunsChart stats={today.data} />
        <WaitingForYou />
      </div>
      <Agents stats={today.data} />
    </Page>
  );
}

function Today({ stats }: { readonly stats: RunStats | undefined }) {
  const spend = useQuery(costSummaryQuery(1)).data;
  const month = useQuery(costSummaryQuery(30)).data;
  const budget = useQuery(budgetsQuery).data?.find(({ scope }) => scope === 'project');
  const total = stats?.total;
  const ended = total === undefined ? 0 : total.runs - total.running;
  const cached =
    total === undefined || !total.input_tokens || total.cache_read_tokens === null
      ? undefined
      : total.cache_read_tokens / total.input_tokens;
  const tokens = total !== undefined && hasTokens(total) ? total : undefined;
  return (
    <Figures label="The last day">
      <Figure
        label="Spend today"
        value={<Link to="/costs">{formatDollars(spend?.all_cost_usd)}</Link>}
      >
        {budget === undefined
          ? `${formatDollars(month?.all_cost_usd)} in 30 days`
          : `${formatShare((budget.spent_percent ?? 0) / 100)} of ${formatDollars(budget.amount_usd)} this month`}
      </Figure>
      <Figure label="Runs in 24 h" value={<Link to="/runs">{formatCount(total?.runs)}</Link>}>
        {runsNote(stats)}
      </Figure>
      <Figure
        label="Failed"
        value={
          <Link to="/runs" search={{ status: 'error' }}>
            {ended === 0 ? '—' : formatShare((total?.failed ?? 0) / ended)}
          </Link>
        }
      >
        {ended === 0
          ? 'no run has ended'
          : `${formatCount(total?.failed)} of ${formatPlural(ended, 'run')}`}
      </Figure>
      <Figure
        label="p95 duration"
        value={
          <Link to="/runs" search={{ sort: 'duration' }}>
            {formatDuration(nanoseconds(total?.p95_ms))}
          </Link>
        }
      >
        {ended > 0 && `half of them within ${formatDuration(nanoseconds(total?.p50_ms))}`}
      </Figure>
      <Figure label="Cached input" value={formatShare(cached)}>
        {tokens === undefined
          ? 'no tokens were told of'
          : `${formatCompact(tokens.input_tokens)} in, ${formatCompact(tokens.output_tokens)} out`}
      </Figure>
    </Figures>
  );
}

/** For so long traces may wait to be looked at before the figures are said to be behind. */
const BEHIND_SECONDS = 5;

function runsNote(stats: RunStats | undefined): string {
  if (stats === undefined) return '';
  const { traces, more, seconds } = stats.behind;
  if (seconds < BEHIND_SECONDS && !more) return `${formatCount(stats.total.running)} running`;
  if (traces === 0) return 'catching up';
  return `catching up on ${more ? 'over ' : ''}${formatPlural(traces, 'trace')}`;
}

/** Which agents there are and how they are, what weeks and months cost, and what is not as usual. */
function AgentsAndSpend() {
  const registry = useQuery(registryStatsQuery).data;
  const week = useQuery(costSummaryQuery(7)).data;
  const month = useQuery(costSummaryQuery(30)).data;
  const anomalies = useQuery(openAnomaliesQuery).data;
  const { by_status: status, by_health: health } = registry ?? {};
  const toReview = status && status.UNREVIEWED + status.PENDING_REVIEW;
  return (
    <Figures label="Agents, weeks and months">
      <Figure
        label="Approved agents"
        value={
          <Link to="/agents" search={{ status: 'APPROVED' }}>
            {formatCount(status?.APPROVED)}
          </Link>
        }
      >
        <Link to="/discovery">{formatCount(toReview)} to review</Link>,{' '}
        <Link to="/agents" search={{ status: 'SUSPENDED' }}>
          {formatCount(status?.SUSPENDED)} suspended
        </Link>
      </Figure>
      <Figure label="Healthy" value={<Link to="/agents">{formatCount(health?.healthy)}</Link>}>
        {formatCount(health?.degraded)} degraded, {formatCount(health?.down)} down
      </Figure>
      <Figure
        label="Spend in 7 days"
        value={
          <Link to="/costs" search={{ days: 7 }}>
            {formatDollars(week?.all_cost_usd)}
          </Link>
        }
      >
        {byApproved(week)}
      </Figure>
      <Figure
        label="Spend in 30 days"
        value={<Link to="/costs">{formatDollars(month?.all_cost_usd)}</Link>}
      >
        {byApproved(month)}
      </Figure>
      <Figure
        label="Open anomalies"
        value={
          <Link to="/anomalies" className={(anomalies ?? 0) > 0 ? 'stop-text' : ''}>
            {formatCount(anomalies)}
          </Link>
        }
      >
        {anomalies === 0 ? 'all is as usual' : 'not as usual'}
      </Figure>
    </Figures>
  );
}

/** How much of what was spent is of agents that may run. */
function byApproved(spend: CostSummary | undefined): string {
  if (spend === undefined) return '';
  if (spend.total_cost_usd === spend.all_cost_usd) return 'by approved agents';
  return `${formatDollars(spend.total_cost_usd)} approved`;
}

interface Told {
  readonly input_tokens: number | null;
  readonly output_tokens: number | null;
}

const hasTokens = (told: Told): boolean => (told.input_tokens ?? 0) + (told.output_tokens ?? 0) > 0;

/** What has called no model has cost nothing that is known: it has a dash, not a zero. */
const costText = (stats: RunStats['agents'][number] | undefined): string =>
  stats === undefined || (stats.cost_usd === 0 && !hasTokens(stats))
    ? '—'
    : formatDollars(stats.cost_usd);

const nanoseconds = (ms: number | null | undefined): number | undefined =>
  ms === null || ms === undefined ? undefined : ms * 1e6;

function RunsChart({ stats }: { readonly stats: RunStats | undefined }) {
  if (stats === undefined) return <section className="panel overview-chart" aria-busy="true" />;
  const stepMs = stats.step_seconds * 1000;
  const from = Date.parse(stats.from);
  const to = Date.parse(stats.to);
  const byStart = new Map(stats.steps.map((step) => [step.start, step]));
  const timesMs: number[] = [];
  for (let at = Math.floor(from / stepMs) * stepMs; at < to; at += stepMs) timesMs.push(at);
  const value = (at: number, of: (step: RunStats['steps'][number]) => number): number => {
    const step = byStart.get(at);
    return step === undefined ? 0 : of(step);
  };
  return (
    <TimeChart
      title="Runs"
      unit="per half hour"
      timesMs={timesMs}
      series={[
        {
          label: 'Failed',
          color: '--stop',
          values: timesMs.map((at) => value(at, (s) => s.failed)),
        },
        {
          label: 'Others',
          color: '--agent',
          values: timesMs.map((at) => value(at, (s) => s.runs - s.failed)),
        },
      ]}
      format={formatCount}
      stacked
      bars
      height={210}
    />
  );
}

interface AgentRow {
  readonly agent: Agent;
  readonly stats: RunStats['agents'][number] | undefined;
}

const COLUMNS: readonly Column<AgentRow>[] = [
  {
    id: 'agent',
    head: 'Agent',
    className: 'two-line clip',
    cell: ({ agent, stats }) => (
      <>
        <div className="name">
          <HealthDot health={agent.health.status} />
          <Link
            to="/agents/$agentId"
            params={{ agentId: agent.agent_id }}
            className="cut"
            data-row-focus
          >
            <Foreign text={agent.name} charactersMax={80} />
          </Link>
        </div>
        <span className="second-line">
          {formatPlural(stats?.runs ?? 0, 'run')} · {costText(stats)}
        </span>
      </>
    ),
  },
  { id: 'review', head: 'Review', cell: ({ agent }) => <StatusTag status={agent.status} /> },
  {
    id: 'last',
    head: 'Last seen',
    className: 'wide quiet',
    cell: ({ agent }) => <Time ms={parseTimeMs(agent.last_seen)} ago />,
  },
  {
    id: 'runs',
    head: 'Runs 24 h',
    className: 'num wide',
    cell: ({ stats }) => formatCount(stats?.runs ?? 0),
  },
  {
    id: 'tokens',
    head: 'Tokens',
    className: 'num wide middle',
    cell: ({ stats }) =>
      stats === undefined || !hasTokens(stats)
        ? '—'
        : formatCompact((stats.input_tokens ?? 0) + (stats.output_tokens ?? 0)),
  },
  {
    id: 'p95',
    head: 'p95',
    className: 'num wide',
    cell: ({ stats }) => formatDuration(nanoseconds(stats?.p95_ms)),
  },
  {
    id: 'failed',
    head: 'Failed',
    className: 'num wide',
    cell: ({ stats }) =>
      stats === undefined || stats.runs === 0 ? (
        '—'
      ) : (
        <span className={stats.failed / stats.runs > 0.05 ? 'stop-text' : ''}>
          {formatShare(stats.failed / stats.runs)}
        </span>
      ),
  },
  {
    id: 'cost',
    head: 'Cost 24 h',
    className: 'num wide',
    cell: ({ stats }) => costText(stats),
  },
];

function Agents({ stats }: { readonly stats: RunStats | undefined }) {
  const agents = useQuery(agentsQuery({ sort_by: 'last_seen', sort_dir: 'desc', limit: 25 }));
  const byAgent = new Map(stats?.agents.map((row) => [row.agent, row]));
  return (
    <section className="panel">
      <header>
        <h2>Agents</h2>
        <Link to="/agents" className="link">
          All {formatCount(agents.data?.meta.total)}
        </Link>
      </header>
      <DataTable
        what="The agents"
        columns={COLUMNS}
        rows={agents.data?.data.map((agent) => ({ agent, stats: byAgent.get(agent.name) }))}
        rowKey={({ agent }) => agent.agent_id}
        error={agents.error}
        empty={
          <EmptyState title="No agent has been seen yet">
            <p className="quiet">
              Agents register themselves with the first telemetry that they send.
            </p>
            <Link to="/connect" className="button">
              Connect an agent
            </Link>
          </EmptyState>
        }
      />
    </section>
  );
}
