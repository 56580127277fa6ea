import { useQuery } from '@tanstack/react-query';
import { Link, getRouteApi } from '@tanstack/react-router';
import { costGroupsQuery, costSummaryQuery } from '../client/costs.ts';
import type { CostGroup, CostSummary } from '../client/costs.ts';
import { COST_GROUPS } from '../cost-groups.ts';
import type { CostGroupBy } from '../cost-groups.ts';
import { formatCompact, formatCount, formatDollars, formatShare } from '../format.ts';
import { DataTable } from '../parts/DataTable.tsx';
import type { Column } from '../parts/DataTable.tsx';
import { Figure, Figures } from '../parts/Figures.tsx';
import { Foreign } from '../parts/Foreign.tsx';
import { Page } from '../parts/Page.tsx';
import { EmptyState, ErrorState } from '../parts/States.tsx';
import { Tabs } from '../parts/Tabs.tsx';
import { TimeChart } from '../parts/TimeChart.tsx';
import { COST_DAYS } from '../url-search.ts';
import type { CostsSearch } from '../url-search.ts';
import { Budgets } from './Budgets.tsx';
import { PriceBook, UnpricedModels } from './PriceBook.tsx';
import '../parts/filters.css';

const route = getRouteApi('/shell/costs');

/** What the agents cost, who of them, and what is not in the figures. */
export function CostsPage() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const days = search.days ?? 30;
  const change = (next: Partial<CostsSearch>) =>
    void navigate({ search: (before) => ({ ...before, ...next }), replace: true });
  const summary = useQuery(costSummaryQuery(days));
  return (
    <Page
      title="Costs"
      actions={
        <select
          className="input range"
          aria-label="Period"
          value={days}
          onChange={(event) => {
            const wanted = COST_DAYS.find((each) => each === Number(event.target.value));
            change({ days: wanted === 30 ? undefined : wanted });
          }}
        >
          {COST_DAYS.map((each) => (
            <option key={each} value={each}>
              {each === 1 ? 'Today' : `Last ${each} days`}
            </option>
          ))}
        </select>
      }
    >
      {summary.isError && (
        <section className="panel">
          <ErrorState
            error={summary.error}
            what="The costs cannot be read"
            onRetry={() => void summary.refetch()}
          />
        </section>
      )}
      {summary.data !== undefined && <Summary summary={summary.data} />}
      <UnpricedModels />
      <Groups days={days} by={search.by ?? 'agent'} onBy={(by) => change({ by })} />
      <Budgets />
      <PriceBook />
    </Page>
  );
}

function Summary({ summary }: { readonly summary: CostSummary }) {
  const { all } = summary;
  const cached =
    all.input_tokens === null || all.input_tokens === 0 || all.cache_read_tokens === null
      ? undefined
      : all.cache_read_tokens / all.input_tokens;
  const trend = summary.daily_trend;
  return (
    <>
      <Figures label="Costs">
        <Figure label="Approved agents" value={formatDollars(summary.total_cost_usd)}>
          {summary.display_currency === 'USD'
            ? 'the total that counts'
            : `${formatCount(summary.total_cost_display)} ${summary.display_currency}`}
        </Figure>
        <Figure label="Waiting for review" value={formatDollars(summary.unreviewed_cost_usd)}>
          not in the total
        </Figure>
        <Figure label="Names no agent" value={formatDollars(summary.unattributed_cost_usd)}>
          not in the total
        </Figure>
        <Figure label="Input from cache" value={formatShare(cached)}>
          {formatCompact(all.input_tokens)} in, {formatCompact(all.output_tokens)} out
        </Figure>
        <Figure label="Calls" value={formatCompact(all.calls)}>
          {all.unpriced_calls === 0
            ? 'all of known price'
            : `${formatCount(all.unpriced_calls)} unpriced`}
        </Figure>
      </Figures>
      <TimeChart
        title="Cost by day"
        unit="USD"
        timesMs={trend.map(({ date }) => Date.parse(date))}
        series={[
          { label: 'Approved', color: '--agent', values: trend.map((day) => day.cost_usd) },
          {
            label: 'Others',
            color: '--other',
            values: trend.map((day) => day.all_cost_usd - day.cost_usd),
          },
        ]}
        format={formatDollars}
        stacked
        bars
      />
    </>
  );
}

const GROUP_NAMES: Readonly<Record<CostGroupBy, string>> = {
  agent: 'Agent',
  team: 'Team',
  model: 'Model',
  user: 'User',
  conversation: 'Conversation',
  day: 'Day',
};

const UNNAMED: Readonly<Record<CostGroupBy, string>> = {
  agent: 'names no agent',
  team: 'no team',
  model: 'names no model',
  user: 'names no user',
  conversation: 'no conversation',
  day: '—',
};

function Groups(props: {
  readonly days: number;
  readonly by: CostGroupBy;
  readonly onBy: (by: CostGroupBy) => void;
}) {
  const { by, days } = props;
  const groups = useQuery(costGroupsQuery(by, days));
  return (
    <section className="panel">
      <Tabs
        label="Costs by"
        panelId="cost-groups"
        tabs={COST_GROUPS.map((id) => ({ id, name: `By ${GROUP_NAMES[id].toLowerCase()}` }))}
        selected={by}
        onSelect={props.onBy}
      />
      <div id="cost-groups" role="tabpanel" aria-label={GROUP_NAMES[by]}>
        <DataTable
          what="The costs"
          columns={columnsOf(by)}
          rows={groups.data?.data}
          stale={groups.isPlaceholderData}
          rowKey={({ name }) => name ?? ''}
          error={groups.error}
          onRetry={() => void groups.refetch()}
          empty={
            <EmptyState title="No model call in this period">
              <p className="quiet">Costs come from the tokens that model calls report.</p>
            </EmptyState>
          }
        />
      </div>
    </section>
  );
}

function columnsOf(by: CostGroupBy): readonly Column<CostGroup>[] {
  return [
    {
      id: 'name',
      head: GROUP_NAMES[by],
      className: 'clip cut',
      cell: (group) => <GroupName group={group} by={by} />,
    },
    {
      id: 'calls',
      head: 'Calls',
      className: 'num wide',
      cell: ({ calls }) => formatCount(calls),
    },
    {
      id: 'failed',
      head: 'Failed',
      className: 'num wide middle',
      cell: ({ failed_calls: failed }) =>
        failed === 0 ? (
          <span className="faint">0</span>
        ) : (
          <span className="stop-text">{formatCount(failed)}</span>
        ),
    },
    {
      id: 'input',
      head: 'Input',
      className: 'num wide',
      cell: ({ input_tokens: tokens }) => formatCompact(tokens),
    },
    {
      id: 'cached',
      head: 'Cached',
      className: 'num wide middle quiet',
      cell: ({ cache_read_tokens: tokens }) => formatCompact(tokens),
    },
    {
      id: 'output',
      head: 'Output',
      className: 'num wide',
      cell: ({ output_tokens: tokens }) => formatCompact(tokens),
    },
    {
      id: 'unpriced',
      head: 'Unpriced',
      className: 'num wide middle quiet',
      cell: ({ unpriced_calls: calls }) => (calls === 0 ? '' : formatCount(calls)),
    },
    {
      id: 'share',
      head: 'Share',
      className: 'num wide quiet',
      cell: ({ share }) => formatShare(share),
    },
    { id: 'cost', head: 'Cost', className: 'num', cell: (group) => formatDollars(group.cost_usd) },
  ];
}

/** Opens what the figure is made of. */
function GroupName({ group, by }: { readonly group: CostGroup; readonly by: CostGroupBy }) {
  const { name } = group;
  if (name === null) return <span className="faint">{UNNAMED[by]}</span>;
  const text = <Foreign text={name} charactersMax={100} />;
  if (by === 'day' || by === 'team') return text;
  if (by === 'conversation') {
    return (
      <Link
        to="/conversations/$conversationId"
        params={{ conversationId: name }}
        className="mono"
        data-row-focus
      >
        {text}
      </Link>
    );
  }
  return (
    <Link to="/runs" search={{ range: '30d', sort: 'cost', [by]: name }} data-row-focus>
      {text}
    </Link>
  );
}
