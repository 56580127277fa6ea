import { Link } from '@tanstack/react-router';
import { useMemo } from 'react';
import { EmptyState, ErrorState } from '../parts/States.tsx';
import { formatPlural } from '../format.ts';
import { useTraceLogs } from '../parts/use-trace-logs.ts';
import { textOf } from '../span-tree.ts';
import { LogList } from './LogList.tsx';
import type { TraceSearch } from './trace-search.ts';
import type { TraceViewProps } from './TraceViews.tsx';
import './Logs.css';

/** The log records of a trace, earliest first, each with the span it belongs to. */
export function TraceLogsView({
  traceId,
  tree,
  onSelect,
  search,
  onSearch,
}: TraceViewProps & {
  readonly search: TraceSearch;
  readonly onSearch: (next: Partial<TraceSearch>) => void;
}) {
  const { placed, more, error } = useTraceLogs(traceId, tree);
  const records = useMemo(() => placed?.all.map(({ record }) => record), [placed]);
  const indexById = useMemo(
    () => new Map(placed?.all.map(({ record, index }) => [record.id, index])),
    [placed],
  );
  if (error !== null && error !== undefined) {
    return (
      <section className="panel">
        <ErrorState error={error} what="The logs of the trace cannot be read" />
      </section>
    );
  }
  return (
    <section className="panel logs-panel in-trace" aria-label="Logs">
      <LogList
        records={records}
        label="Log records, earliest first"
        search={{ open: search.log }}
        empty={<NoTraceLogs />}
        loadMore={undefined}
        loading={false}
        onOpen={(log) => onSearch({ log })}
        placeOf={({ id }) => {
          const index = indexById.get(id) ?? -1;
          return index < 0
            ? { name: 'the trace', onOpen: undefined }
            : { name: textOf(tree, 'name', index), onOpen: () => onSelect(index) };
        }}
      />
      {records !== undefined && records.length > 0 && (
        <footer className="table-foot">
          <span className="faint">
            {more ? 'The first ' : ''}
            {formatPlural(records.length, 'record')}
          </span>
          <Link to="/logs" search={{ trace: traceId, range: 'all' }} className="button small plain">
            Open in the logs
          </Link>
        </footer>
      )}
    </section>
  );
}

function NoTraceLogs() {
  return (
    <EmptyState title="No log record was sent with this trace">
      <p className="quiet">
        Records that an SDK emits within a span carry its ids and are shown here at their time.
      </p>
      <Link to="/logs" className="button">
        Show all logs
      </Link>
    </EmptyState>
  );
}
