import { useInfiniteQuery } from '@tanstack/react-query';
import { Link, getRouteApi } from '@tanstack/react-router';
import { runsQuery } from '../client/runs.ts';
import { RangeChoice, TextFilter } from '../parts/filters.tsx';
import { Page } from '../parts/Page.tsx';
import { EmptyState } from '../parts/States.tsx';
import { useNow } from '../parts/use-now.ts';
import { RUN_SORTS } from '../url-search.ts';
import type { RunSort, RunsSearch } from '../url-search.ts';
import { RunTable } from './RunTable.tsx';

const route = getRouteApi('/shell/runs');
const RANGE_STEP_MS = 60_000;

/** What the agents did, one row an execution. */
export function RunsPage() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const now = Math.floor(useNow() / RANGE_STEP_MS) * RANGE_STEP_MS;
  const runs = useInfiniteQuery(runsQuery(search, now));
  const change = (next: Partial<RunsSearch>) =>
    void navigate({ search: (before) => ({ ...before, ...next }), replace: true });
  return (
    <Page title="Runs">
      <RunFilters search={search} onChange={change} />
      <section className="panel">
        <RunTable
          runs={runs.data?.pages.flatMap((page) => page.data)}
          error={runs.error}
          onRetry={() => void runs.refetch()}
          empty={<NoRuns search={search} />}
        />
        {runs.hasNextPage && (
          <footer className="table-foot">
            <button
              type="button"
              className="button small"
              disabled={runs.isFetchingNextPage}
              onClick={() => void runs.fetchNextPage()}
            >
              {runs.isFetchingNextPage ? 'Loading…' : 'Load more'}
            </button>
          </footer>
        )}
      </section>
    </Page>
  );
}

const SORT_WORDS: Readonly<Record<RunSort, string>> = {
  start: 'Newest first',
  cost: 'Most expensive first',
  duration: 'Longest first',
  tokens: 'Most tokens first',
};

const STATUSES = [
  [undefined, 'All'],
  ['error', 'Failed'],
  ['running', 'Running'],
  ['ok', 'Done'],
  ['abandoned', 'Abandoned'],
] as const;

const TEXTS = [
  ['agent', 'Agent'],
  ['model', 'Model'],
  ['tool', 'Tool'],
  ['user', 'User'],
  ['conversation', 'Conversation'],
  ['version', 'Version'],
] as const;

function RunFilters(props: {
  readonly search: RunsSearch;
  readonly onChange: (next: Partial<RunsSearch>) => void;
}) {
  const { search, onChange } = props;
  return (
    <div className="toolbar filters">
      <RangeChoice search={search} onChange={onChange} />
      <select
        className="input range"
        aria-label="Order"
        value={search.sort ?? 'start'}
        onChange={(event) => {
          const sort = RUN_SORTS.find((each) => each === event.target.value);
          onChange({ sort: sort === 'start' ? undefined : sort });
        }}
      >
        {RUN_SORTS.map((sort) => (
          <option key={sort} value={sort}>
            {SORT_WORDS[sort]}
          </option>
        ))}
      </select>
      <div className="segments" role="group" aria-label="Status">
        {STATUSES.map(([status, label]) => (
          <button
            key={label}
            type="button"
            aria-pressed={search.status === status}
            onClick={() => onChange({ status })}
          >
            {label}
          </button>
        ))}
      </div>
      {TEXTS.map(([key, label]) => (
        <TextFilter
          key={key}
          label={label}
          value={search[key]}
          onChange={(value) => onChange({ [key]: value })}
        />
      ))}
    </div>
  );
}

function NoRuns({ search }: { readonly search: RunsSearch }) {
  const { range: _range, sort: _sort, ...filters } = search;
  const filtered = Object.keys(filters).length > 0;
  return (
    <EmptyState title={filtered ? 'No run matches' : 'No run in this time'}>
      <p className="quiet">
        A run is one execution of an agent, found in the telemetry that it sends.
      </p>
      <div className="state-actions">
        <Link to="/runs" search={{ range: 'all' }} className="button">
          Show all runs
        </Link>
        {!filtered && (
          <Link to="/connect" className="button">
            Connect an agent
          </Link>
        )}
      </div>
    </EmptyState>
  );
}
