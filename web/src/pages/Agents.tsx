import { useQuery } from '@tanstack/react-query';
import { Link, getRouteApi } from '@tanstack/react-router';
import { useState } from 'react';
import { AGENT_STATUSES } from '../../../src/model/agent.ts';
import { agentsQuery } from '../client/agents.ts';
import type { Agent } from '../client/agents.ts';
import { registryStatsQuery } from '../client/connect.ts';
import { formatCount, formatPlural } from '../format.ts';
import { Page } from '../parts/Page.tsx';
import { ReviewDialog } from '../parts/ReviewDialog.tsx';
import type { Verdict } from '../parts/ReviewDialog.tsx';
import { SearchBox } from '../parts/SearchBox.tsx';
import { EmptyState, ErrorState, SkeletonRows } from '../parts/States.tsx';
import { STATUS_WORDS } from '../parts/StatusTag.tsx';
import { useMay } from '../parts/use-may.ts';
import { useRowCursor } from '../parts/use-row-cursor.ts';
import type { AgentSort, AgentsSearch } from '../url-search.ts';
import { AgentRow } from './AgentRow.tsx';

const route = getRouteApi('/shell/agents');
const PAGE_ROWS = 50;

/** Every agent that was ever seen, whatever was decided about it. */
export function AgentsPage() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const change = (next: Partial<AgentsSearch>) =>
    void navigate({ search: (before) => ({ ...before, page: undefined, ...next }), replace: true });
  const agents = useQuery(
    agentsQuery({
      status: search.status,
      search: search.q,
      sort_by: search.sort ?? 'last_seen',
      sort_dir: search.dir ?? (search.sort === undefined ? 'desc' : 'asc'),
      page: search.page ?? 1,
      limit: PAGE_ROWS,
    }),
  );
  return (
    <Page
      title="Agents"
      actions={
        <SearchBox
          value={search.q ?? ''}
          label="Search agents"
          placeholder="Search by name"
          onChange={(q) => change({ q: q === '' ? undefined : q })}
        />
      }
    >
      <StatusFilter />
      <NotRegistered />
      <section className="panel">
        {agents.isError ? (
          <ErrorState
            error={agents.error}
            what="The agents cannot be read"
            onRetry={() => void agents.refetch()}
          />
        ) : (
          <AgentTable
            agents={agents.data?.data}
            search={search}
            onSort={(sort, dir) => change({ sort, dir })}
          />
        )}
        <Pager
          page={search.page ?? 1}
          total={agents.data?.meta.total}
          onPage={(page) => change({ page: page === 1 ? undefined : page })}
        />
      </section>
    </Page>
  );
}

/** Names that telemetry brought and that are not in the list, so that nothing is missing silently. */
function NotRegistered() {
  const missing = useQuery(registryStatsQuery).data?.unregistered;
  if (missing === undefined || missing.over_limit + missing.unusable_name === 0) return null;
  return (
    <p className="notice caution">
      Since the server started, {formatPlural(missing.over_limit, 'sighting')} of new names came
      after the registry was full and {formatPlural(missing.unusable_name, 'sighting')} had a name
      that cannot be registered. Their telemetry is stored; they are not listed here.
    </p>
  );
}

function StatusFilter() {
  const stats = useQuery(registryStatsQuery);
  const { status, ...rest } = route.useSearch();
  const counts = stats.data?.by_status;
  return (
    <nav className="segments" aria-label="Status">
      {[undefined, ...AGENT_STATUSES].map((each) => (
        <Link
          key={each ?? 'all'}
          to="/agents"
          search={{ ...rest, page: undefined, status: each }}
          replace
          activeOptions={{ exact: true, includeSearch: true }}
          {...(each === status ? { 'aria-current': 'true' as const } : {})}
        >
          {each === undefined ? 'All' : STATUS_WORDS[each]}
          {stats.data !== undefined && (
            <span className="count">
              {formatCount(each === undefined ? stats.data.total : (counts?.[each] ?? 0))}
            </span>
          )}
        </Link>
      ))}
    </nav>
  );
}

interface AgentTableProps {
  readonly agents: readonly Agent[] | undefined;
  readonly search: AgentsSearch;
  readonly onSort: (sort: AgentSort, dir: 'asc' | 'desc') => void;
}

function AgentTable({ agents, search, onSort }: AgentTableProps) {
  const cursor = useRowCursor<HTMLTableSectionElement>(agents?.length ?? 0);
  const mayReview = useMay('registry:write');
  const [asked, setAsked] = useState<{ readonly agent: Agent; readonly verdict: Verdict }>();
  const sort = search.sort ?? 'last_seen';
  const dir = search.dir ?? (search.sort === undefined ? 'desc' : 'asc');
  const head = (column: AgentSort, label: string, className = '') => (
    <SortHead
      label={label}
      className={className}
      sorted={sort === column ? dir : undefined}
      onSort={() => onSort(column, sort === column && dir === 'asc' ? 'desc' : 'asc')}
    />
  );
  if (agents?.length === 0) return <NoAgents search={search} />;
  return (
    <>
      <table className="table" aria-busy={agents === undefined}>
        <thead>
          <tr>
            {head('name', 'Agent')}
            {head('status', 'Review')}
            <th className="wide">Framework</th>
            <th className="wide middle">Models</th>
            <th className="wide extra">Owner</th>
            <th className="num wide middle">Runs 24 h</th>
            {head('first_seen', 'First seen', 'num wide extra')}
            {head('last_seen', 'Last seen', 'num wide')}
            <th className="wide">
              <span className="visually-hidden">Decide</span>
            </th>
          </tr>
        </thead>
        <tbody ref={cursor.ref} onFocus={cursor.onFocus}>
          {agents === undefined && <SkeletonRows rows={8} columns={9} />}
          {agents?.map((agent, row) => (
            <AgentRow
              key={agent.agent_id}
              agent={agent}
              row={row}
              current={row === cursor.current}
              mayReview={mayReview}
              onAsk={(verdict) => setAsked({ agent, verdict })}
            />
          ))}
        </tbody>
      </table>
      {asked !== undefined && (
        <ReviewDialog
          agents={[asked.agent]}
          verdict={asked.verdict}
          onClose={() => setAsked(undefined)}
        />
      )}
    </>
  );
}

function SortHead(props: {
  readonly label: string;
  readonly className: string;
  readonly sorted: 'asc' | 'desc' | undefined;
  readonly onSort: () => void;
}) {
  const { sorted } = props;
  return (
    <th
      className={props.className}
      {...(sorted === undefined
        ? {}
        : { 'aria-sort': sorted === 'asc' ? ('ascending' as const) : ('descending' as const) })}
    >
      <button type="button" onClick={props.onSort}>
        {props.label}
        <span aria-hidden="true">{sorted === undefined ? '' : sorted === 'asc' ? ' ↑' : ' ↓'}</span>
      </button>
    </th>
  );
}

function NoAgents({ search }: { readonly search: AgentsSearch }) {
  if (search.q !== undefined || search.status !== undefined) {
    return (
      <EmptyState title="No agent matches">
        <Link to="/agents" className="button">
          Show all
        </Link>
      </EmptyState>
    );
  }
  return (
    <EmptyState title="No agent has been seen yet">
      <p className="quiet">Agents register themselves with the first telemetry that they send.</p>
      <Link to="/connect" className="button">
        Connect an agent
      </Link>
    </EmptyState>
  );
}

function Pager(props: {
  readonly page: number;
  readonly total: number | undefined;
  readonly onPage: (page: number) => void;
}) {
  const { page, total } = props;
  if (total === undefined || total <= PAGE_ROWS) return null;
  const last = Math.ceil(total / PAGE_ROWS);
  const from = (page - 1) * PAGE_ROWS + 1;
  return (
    <footer className="table-foot">
      <span className="num">
        {formatCount(from)}–{formatCount(Math.min(total, page * PAGE_ROWS))} of {formatCount(total)}
      </span>
      <div className="toolbar">
        <button
          type="button"
          className="button small"
          disabled={page <= 1}
          onClick={() => props.onPage(page - 1)}
        >
          Previous
        </button>
        <button
          type="button"
          className="button small"
          disabled={page >= last}
          onClick={() => props.onPage(page + 1)}
        >
          Next
        </button>
      </div>
    </footer>
  );
}
