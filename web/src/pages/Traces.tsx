import { useInfiniteQuery } from '@tanstack/react-query';
import { Link, getRouteApi } from '@tanstack/react-router';
import { filterOf } from '../client/trace-filter.ts';
import { tracesQuery } from '../client/traces.ts';
import { LoadMore } from '../parts/LoadMore.tsx';
import { Page } from '../parts/Page.tsx';
import { Faceted, useFacetsOpen } from '../parts/FacetPanel.tsx';
import { SavedViews } from '../parts/SavedViews.tsx';
import { EmptyState, ErrorState } from '../parts/States.tsx';
import { useNow } from '../parts/use-now.ts';
import { useShortcuts } from '../parts/use-shortcuts.ts';
import { viewSearch } from './traces-search.ts';
import type { TracesSearch } from './traces-search.ts';
import { toggleFacet, TraceFilters, useTraceFacets } from './TraceFilters.tsx';
import { TraceHistogram } from './TraceHistogram.tsx';
import { TraceTable } from './TraceTable.tsx';

const route = getRouteApi('/shell/traces');
const PAGE_ROWS = 50;
/** A range that counts back from now moves on in steps, so that the same question is not asked anew each second. */
const RANGE_STEP_MS = 60_000;

export function TracesPage() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const live = search.live === true;
  const now = Math.floor(useNow() / RANGE_STEP_MS) * RANGE_STEP_MS;
  const traces = useInfiniteQuery(
    tracesQuery({ ...filterOf(search, now), limit: PAGE_ROWS }, { live }),
  );
  // Each filter is a step that one can go back from; how the page looks is none.
  const change = (next: Partial<TracesSearch>, how = { replace: false }) =>
    void navigate({ search: (before) => ({ ...before, ...next }), ...how });
  const facetsOpen = useFacetsOpen(search.facets);
  const facets = useTraceFacets(search, now, facetsOpen);
  useShortcuts([
    {
      keys: 'l',
      label: live ? 'Stop live updates' : 'Live updates',
      group: 'Traces',
      run: () => change({ live: live ? undefined : true }, { replace: true }),
    },
    { keys: 'r', label: 'Read again', group: 'Traces', run: () => void traces.refetch() },
  ]);
  const rows = traces.data?.pages.flatMap((page) => page.data);
  return (
    <Page
      title="Traces"
      actions={<SavedViews page="traces" all="All traces" search={viewSearch(search)} />}
    >
      <TraceFilters search={search} nowMs={now} facetsOpen={facetsOpen} onChange={change} />
      <Faceted
        open={facetsOpen}
        facets={facets}
        onToggle={(facet, value) => change(toggleFacet(search, facet, value))}
      >
        <TraceHistogram search={search} nowMs={now} onChange={change} />
        <section className="panel">
          {traces.isError ? (
            <ErrorState
              error={traces.error}
              what="The traces cannot be read"
              onRetry={() => void traces.refetch()}
            />
          ) : (
            <TraceTable
              traces={rows}
              stale={traces.isPlaceholderData}
              empty={<NoTraces search={search} />}
            />
          )}
          <LoadMore list={traces} />
        </section>
      </Faceted>
    </Page>
  );
}

function NoTraces({ search }: { readonly search: TracesSearch }) {
  const { range, live, view: _view, facets: _facets, ...filters } = search;
  if (Object.keys(filters).length === 0 && range !== 'all') {
    return (
      <EmptyState title="No trace in this time">
        <p className="quiet">
          Older ones may be stored; what an agent sends now is here within two seconds.
        </p>
        <div className="state-actions">
          <Link to="/traces" search={{ range: 'all', live, view: 'all' }} className="button">
            Show all traces
          </Link>
          <Link to="/connect" className="button">
            Show the lines to paste
          </Link>
        </div>
      </EmptyState>
    );
  }
  if (Object.keys(filters).length > 0) {
    return (
      <EmptyState title="No trace matches">
        <p className="quiet">
          Nothing within this time has all of what the filters ask for. Remove one, or look at a
          longer time.
        </p>
        <Link to="/traces" search={{ range: 'all', live, view: 'all' }} className="button">
          Show all traces
        </Link>
      </EmptyState>
    );
  }
  return (
    <EmptyState title="No trace has arrived yet">
      <p className="quiet">
        Point an OpenTelemetry SDK at this server; what it sends is here within two seconds.
      </p>
      <Link to="/connect" className="button">
        Show the lines to paste
      </Link>
    </EmptyState>
  );
}
