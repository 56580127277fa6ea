import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { Link, getRouteApi } from '@tanstack/react-router';
import { conversationsQuery } from '../client/conversations.ts';
import type { Conversation } from '../client/conversations.ts';
import { traceFacetsQuery } from '../client/traces.ts';
import { formatCount, formatPlural } from '../format.ts';
import { LoadMore } from '../parts/LoadMore.tsx';
import { DataTable } from '../parts/DataTable.tsx';
import type { Column } from '../parts/DataTable.tsx';
import { RangeChoice, TextFilter } from '../parts/filters.tsx';
import { Foreign } from '../parts/Foreign.tsx';
import { Money } from '../parts/Money.tsx';
import { Page } from '../parts/Page.tsx';
import { SearchBox } from '../parts/SearchBox.tsx';
import { SavedViews } from '../parts/SavedViews.tsx';
import { EmptyState } from '../parts/States.tsx';
import { Time } from '../parts/Time.tsx';
import { Words } from '../parts/Words.tsx';
import { useNow } from '../parts/use-now.ts';
import { timeSpanOf } from '../search-values.ts';
import { CONVERSATION_SORTS } from './conversations-search.ts';
import type { ConversationsSearch } from './conversations-search.ts';
import { viewSearch } from './traces-search.ts';
import { tokensText } from './RunTable.tsx';
import './Conversation.css';

const route = getRouteApi('/shell/conversations');
const RANGE_STEP_MS = 60_000;

type Said = ReadonlyMap<string, Conversation['last_message']>;

/** What was talked about: the runs that name one conversation, across traces, one row a conversation. */
export function ConversationsPage() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const now = Math.floor(useNow() / RANGE_STEP_MS) * RANGE_STEP_MS;
  const found = useInfiniteQuery(conversationsQuery(search, now));
  const said = useSaid(search, now, found.data?.pages.length ?? 0);
  const change = (next: Partial<ConversationsSearch>, how = { replace: false }) =>
    void navigate({ search: (before) => ({ ...before, ...next }), ...how });
  return (
    <Page
      title="Conversations"
      actions={
        <>
          <SearchBox
            value={search.q ?? ''}
            label="Search conversations"
            placeholder="Search what was said, ids and names"
            onChange={(q) => change({ q: q === '' ? undefined : q }, { replace: true })}
          />
          <SavedViews page="conversations" all="All conversations" search={viewSearch(search)} />
        </>
      }
    >
      <Filters search={search} nowMs={now} onChange={change} />
      <section className="panel">
        <DataTable
          what="The conversations"
          columns={columnsOf(said)}
          rows={found.data?.pages.flatMap((page) => page.data)}
          stale={found.isPlaceholderData}
          rowKey={(row) => row.conversation_id}
          error={found.error}
          onRetry={() => void found.refetch()}
          empty={<NoConversations search={search} />}
          sorted={search.sort ?? 'last'}
          onSort={(by) => {
            const sort = CONVERSATION_SORTS.find((each) => each === by);
            change({ sort: sort === 'last' ? undefined : sort });
          }}
        />
        <LoadMore list={found} />
      </section>
    </Page>
  );
}

/** What was last said comes after the rows: it takes reading the spans. */
function useSaid(search: ConversationsSearch, nowMs: number, pages: number): Said {
  const query = useInfiniteQuery({
    ...conversationsQuery(search, nowMs, true),
    enabled: pages > 0,
  });
  const { data, hasNextPage, isFetching, fetchNextPage } = query;
  if (hasNextPage && !isFetching && (data?.pages.length ?? 0) < pages) void fetchNextPage();
  return new Map(
    (data?.pages ?? []).flatMap((page) =>
      page.data.map((row) => [row.conversation_id, row.last_message] as const),
    ),
  );
}

const FIGURES: readonly Column<Conversation>[] = [
  {
    id: 'runs',
    head: 'Runs',
    className: 'num wide',
    sort: 'runs',
    cell: ({ runs }) => formatCount(runs),
  },
  {
    id: 'errors',
    head: 'Errors',
    className: 'num wide',
    sort: 'errors',
    cell: ({ errors }) => (
      <span className={errors > 0 ? 'stop-text' : 'faint'}>{formatCount(errors)}</span>
    ),
  },
  {
    id: 'tokens',
    head: 'Tokens',
    className: 'num wide middle',
    sort: 'tokens',
    cell: ({ tokens }) => tokensText(tokens.input, tokens.output),
  },
  {
    id: 'cost',
    head: 'Cost',
    className: 'num',
    sort: 'cost',
    cell: (row) => <Money usd={row.cost_usd} unpriced={row.calls_unpriced} />,
  },
  {
    id: 'last',
    head: 'Last run',
    className: 'num wide quiet',
    sort: 'last',
    cell: ({ last }) => <Time ms={Date.parse(last)} ago />,
  },
];

function columnsOf(said: Said): readonly Column<Conversation>[] {
  return [
    {
      id: 'conversation',
      head: 'Conversation',
      className: 'two-line clip',
      cell: (row) => (
        <>
          <div className="name">
            <span className={row.failed_runs > 0 ? 'dot stop' : 'dot'} aria-hidden="true" />
            <Link
              to="/conversations/$conversationId"
              params={{ conversationId: row.conversation_id }}
              className="cut mono"
              data-row-focus
            >
              <Foreign text={row.conversation_id} charactersMax={80} />
              {row.failed_runs > 0 && <span className="visually-hidden"> (a run failed)</span>}
            </Link>
          </div>
          <span className="second-line">
            <Time ms={Date.parse(row.last)} ago /> · {formatPlural(row.runs, 'run')} ·{' '}
            <Foreign text={row.agents.join(', ') || 'unattributed'} charactersMax={60} />
          </span>
        </>
      ),
    },
    {
      id: 'said',
      head: 'Last said',
      className: 'wide quiet last-said cut',
      cell: (row) => <LastSaid said={said.get(row.conversation_id)} />,
    },
    {
      id: 'agents',
      head: 'Agents',
      className: 'wide quiet clip cut',
      cell: ({ agents }) => <Words values={agents} shownMax={1} />,
    },
    {
      id: 'user',
      head: 'User',
      className: 'wide middle quiet clip cut',
      cell: ({ users }) => <Words values={users} shownMax={1} />,
    },
    ...FIGURES,
  ];
}

function LastSaid({ said }: { readonly said: Conversation['last_message'] | undefined }) {
  if (said === undefined) return <span className="bone w0" aria-hidden="true" />;
  if (said === null) return <span className="faint">not captured</span>;
  return (
    <>
      {said.role === 'user' && <span className="faint">asked: </span>}
      <Foreign text={said.text} charactersMax={160} />
    </>
  );
}

function Filters(props: {
  readonly search: ConversationsSearch;
  readonly nowMs: number;
  readonly onChange: (next: Partial<ConversationsSearch>) => void;
}) {
  const { search, nowMs, onChange } = props;
  const facets = useQuery(traceFacetsQuery(timeSpanOf(search, nowMs))).data;
  return (
    <div className="toolbar filters">
      <RangeChoice search={search} onChange={onChange} />
      <TextFilter
        label="Agent"
        value={search.agent}
        offers={facets?.agents.map(({ value }) => value) ?? []}
        onChange={(agent) => onChange({ agent })}
      />
      <TextFilter label="User" value={search.user} onChange={(user) => onChange({ user })} />
    </div>
  );
}

function NoConversations({ search }: { readonly search: ConversationsSearch }) {
  const { range: _range, sort: _sort, view: _view, facets: _facets, ...filters } = search;
  if (Object.keys(filters).length > 0) {
    return (
      <EmptyState title="No conversation matches">
        <p className="quiet">Nothing within this time has all of what the filters ask for.</p>
        <Link to="/conversations" search={{ range: 'all', view: 'all' }} className="button">
          Show all conversations
        </Link>
      </EmptyState>
    );
  }
  return (
    <EmptyState title="No run names a conversation in this time">
      <p className="quiet">
        Runs are put together by the attribute <code className="mono">gen_ai.conversation.id</code>,
        or by what other instrumentations call it: a session, a thread. Set it on the span of the
        agent; all that is below belongs to it.
      </p>
      <pre className="code mono">{`span.set_attribute("gen_ai.conversation.id", thread_id)`}</pre>
      <div className="state-actions">
        <Link to="/conversations" search={{ range: 'all', view: 'all' }} className="button">
          Show all of time
        </Link>
        <Link to="/connect" className="button">
          Show the lines to paste
        </Link>
      </div>
    </EmptyState>
  );
}
