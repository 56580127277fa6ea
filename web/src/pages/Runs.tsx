import { useInfiniteQuery } from '@tanstack/react-query';
import { Link, getRouteApi } from '@tanstack/react-router';
import { runsQuery } from '../client/runs.ts';
import { Faceted, useFacetsOpen } from '../parts/FacetPanel.tsx';
import { LoadMore } from '../parts/LoadMore.tsx';
import { Page } from '../parts/Page.tsx';
import { SavedViews } from '../parts/SavedViews.tsx';
import { EmptyState } from '../parts/States.tsx';
import { useNow } from '../parts/use-now.ts';
import { RunFilters, sortOf, toggleRunFacet, useRunFacets } from './RunFilters.tsx';
import type { RunsSearch } from './runs-search.ts';
import { RunTable } from './RunTable.tsx';
import { viewSearch } from './traces-search.ts';

const route = getRouteApi('/shell/runs');
const RANGE_STEP_MS = 60_000;

/** What the agents did, one row an execution. */
export function RunsPage() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const now = Math.floor(useNow() / RANGE_STEP_MS) * RANGE_STEP_MS;
  const runs = useInfiniteQuery(runsQuery(search, now));
  // Each filter is a step that one can go back from; how the page looks is none.
  const change = (next: Partial<RunsSearch>, how = { replace: false }) =>
    void navigate({ search: (before) => ({ ...before, ...next }), ...how });
  const facetsOpen = useFacetsOpen(search.facets);
  const facets = useRunFacets(search, now, facetsOpen);
  return (
    <Page
      title="Runs"
      actions={<SavedViews page="runs" all="All runs" search={viewSearch(search)} />}
    >
      <RunFilters search={search} nowMs={now} facetsOpen={facetsOpen} onChange={change} />
      <Faceted
        open={facetsOpen}
        facets={facets}
        onToggle={(facet, value) => change(toggleRunFacet(search, facet, value))}
      >
        <section className="panel">
          <RunTable
            runs={runs.data?.pages.flatMap((page) => page.data)}
            stale={runs.isPlaceholderData}
            error={runs.error}
            onRetry={() => void runs.refetch()}
            empty={<NoRuns search={search} />}
            sorted={search.sort ?? 'start'}
            onSort={(by) => change({ sort: sortOf(by) })}
          />
          <LoadMore list={runs} />
        </section>
      </Faceted>
    </Page>
  );
}

function NoRuns({ search }: { readonly search: RunsSearch }) {
  const { range: _range, sort: _sort, view: _view, facets: _facets, ...filters } = search;
  const filtered = Object.keys(filters).length > 0;
  return (
    <EmptyState title={filtered ? 'No run matches' : 'No run in this time'}>
      <p className="quiet">
        A run is one execution of an agent, found in the telemetry that it sends.
      </p>
      <div className="state-actions">
        <Link to="/runs" search={{ range: 'all', view: 'all' }} className="button">
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
