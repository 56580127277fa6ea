import { useInfiniteQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useMemo } from 'react';
import type { LogRecord } from '../client/logs.ts';
import { PAGE_RECORDS, logsQuery } from '../client/logs.ts';
import { downloadCsv } from '../csv.ts';
import { formatCount, formatPlural } from '../format.ts';
import { logLine } from '../log-line.ts';
import { FacetPanel, useFacetsOpen } from '../parts/FacetPanel.tsx';
import { Page } from '../parts/Page.tsx';
import { SearchBox } from '../parts/SearchBox.tsx';
import { ErrorState } from '../parts/States.tsx';
import { useNow } from '../parts/use-now.ts';
import { useShortcuts } from '../parts/use-shortcuts.ts';
import { saveFile } from '../save-file.ts';
import { formatAnyValue } from '../span.ts';
import { toggleLogFacet, useLogFacets } from './LogFacets.tsx';
import { LogFilters } from './LogFilters.tsx';
import { LogHistogram } from './LogHistogram.tsx';
import { LogList } from './LogList.tsx';
import { NoLogs } from './NoLogs.tsx';
import type { LogsSearch } from './logs-search.ts';
import './Logs.css';

const route = getRouteApi('/shell/logs');
/** A range that counts back from now moves on in steps, so that the same question is not asked anew each second. */
const RANGE_STEP_MS = 60_000;

/** What was logged: by whom, when, how grave, in which trace. */
export function LogsPage() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const now = Math.floor(useNow() / RANGE_STEP_MS) * RANGE_STEP_MS;
  const change: Change = (next) =>
    void navigate({ search: (before) => ({ ...before, ...next }), replace: true });
  useSwitches(search, change);
  const overview = search.around === undefined;
  const facetsOpen = useFacetsOpen(search.facets) && overview;
  const facets = useLogFacets(search, now, facetsOpen);
  return (
    <Page
      title="Logs"
      className="logs-page"
      actions={
        <SearchBox
          value={search.q ?? ''}
          label="Search logs"
          placeholder='Search words, or "a phrase"'
          onChange={(q) => change({ q: q === '' ? undefined : q })}
        />
      }
    >
      <LogFilters search={search} nowMs={now} facetsOpen={facetsOpen} onChange={change} />
      {overview && <LogHistogram search={search} nowMs={now} onChange={change} />}
      <div className="logs-split" data-open={facetsOpen}>
        {facetsOpen && (
          <FacetPanel
            facets={facets}
            onToggle={(facet, value) => change(toggleLogFacet(search, facet, value))}
          />
        )}
        <Records search={search} nowMs={now} onChange={change} />
      </div>
    </Page>
  );
}

type Change = (next: Partial<LogsSearch>) => void;

function useSwitches(search: LogsSearch, change: Change): void {
  const { live, wrap } = search;
  useShortcuts([
    {
      keys: 'l',
      label: live === true ? 'Stop live updates' : 'Live updates',
      group: 'Logs',
      run: () => change({ live: live === true ? undefined : true }),
    },
    {
      keys: 'w',
      label: wrap === true ? 'Do not wrap lines' : 'Wrap lines',
      group: 'Logs',
      run: () => change({ wrap: wrap === true ? undefined : true }),
    },
  ]);
}

function Records(props: {
  readonly search: LogsSearch;
  readonly nowMs: number;
  readonly onChange: Change;
}) {
  const { search } = props;
  const logs = useInfiniteQuery(logsQuery(search, props.nowMs));
  useShortcuts([{ keys: 'r', label: 'Read again', group: 'Logs', run: () => void logs.refetch() }]);
  const records = useMemo(() => logs.data?.pages.flatMap((page) => page.data), [logs.data]);
  return (
    <section className="panel logs-panel" aria-label="Records">
      {logs.isError ? (
        <ErrorState
          error={logs.error}
          what="The logs cannot be read"
          onRetry={() => void logs.refetch()}
        />
      ) : (
        <LogList
          records={records}
          search={search}
          empty={<NoLogs search={search} />}
          loadMore={logs.hasNextPage ? () => void logs.fetchNextPage() : undefined}
          loading={logs.isFetchingNextPage}
          onOpen={(open) => props.onChange({ open })}
        />
      )}
      {records !== undefined && records.length > 0 && (
        <Foot
          records={records}
          more={logs.hasNextPage}
          live={search.live === true && records.length >= PAGE_RECORDS}
          wrap={search.wrap === true}
          onWrap={(wrap) => props.onChange({ wrap: wrap ? true : undefined })}
        />
      )}
    </section>
  );
}

function Foot(props: {
  readonly records: readonly LogRecord[];
  readonly more: boolean;
  readonly live: boolean;
  readonly wrap: boolean;
  readonly onWrap: (wrap: boolean) => void;
}) {
  const { records } = props;
  return (
    <footer className="table-foot">
      <span className="faint" role="status">
        {props.more
          ? `The newest ${formatCount(records.length)}; scroll for older ones`
          : formatPlural(records.length, 'record')}
        {props.live && ' · live shows no older ones'}
      </span>
      <span className="toolbar">
        <button
          type="button"
          className="button small plain wrap-switch"
          aria-pressed={props.wrap}
          onClick={() => props.onWrap(!props.wrap)}
        >
          Wrap
        </button>
        <button type="button" className="button small plain" onClick={() => saveCsv(records)}>
          CSV
        </button>
        <button
          type="button"
          className="button small plain"
          onClick={() =>
            saveFile('logs', 'ndjson', records.map((each) => `${JSON.stringify(each)}\n`).join(''))
          }
        >
          NDJSON
        </button>
      </span>
    </footer>
  );
}

function saveCsv(records: readonly LogRecord[]): void {
  const header = [
    'time',
    'level',
    'service',
    'agent',
    'event',
    'line',
    'trace',
    'span',
    'attributes',
  ];
  const rows = records.map((record) => [
    isoNano(record.timeUnixNano),
    record.level,
    record.service,
    record.agent,
    record.eventName,
    logLine(record).text,
    record.traceId,
    record.spanId,
    JSON.stringify(
      Object.fromEntries(record.attributes.map(({ key, value }) => [key, formatAnyValue(value)])),
    ),
  ]);
  downloadCsv('logs', [header, ...rows]);
}

/** An ISO time with all nine digits behind the second. */
function isoNano(nano: string): string {
  const seconds = new Date(Number(nano.slice(0, -9)) * 1000).toISOString().slice(0, 19);
  return `${seconds}.${nano.slice(-9)}Z`;
}
