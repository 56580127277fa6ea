import { infiniteQueryOptions, useInfiniteQuery } from '@tanstack/react-query';
import { call } from '../../client/call.ts';
import type { DataOf } from '../../client/call.ts';
import { parseTimeMs } from '../../format.ts';
import { DataTable } from '../../parts/DataTable.tsx';
import type { Column } from '../../parts/DataTable.tsx';
import { Foreign } from '../../parts/Foreign.tsx';
import { EmptyState } from '../../parts/States.tsx';
import { Time } from '../../parts/Time.tsx';

type Entry = DataOf<'GET /api/v1/governance/audit-trail'>[number];

const auditQuery = infiniteQueryOptions({
  queryKey: ['audit-log'],
  queryFn: ({ pageParam, signal }) =>
    call('GET /api/v1/governance/audit-trail', {
      query: { limit: 50, ...(pageParam === undefined ? {} : { cursor: pageParam }) },
      signal,
    }),
  initialPageParam: undefined as string | undefined,
  getNextPageParam: (last) => last.meta.next_cursor ?? undefined,
});

const COLUMNS: readonly Column<Entry>[] = [
  {
    id: 'at',
    head: 'When',
    className: 'quiet',
    cell: (entry) => <Time ms={parseTimeMs(entry.at)} />,
  },
  {
    id: 'who',
    head: 'Who',
    cell: ({ actor }) => <Foreign text={actor.name} charactersMax={40} />,
  },
  { id: 'what', head: 'What', cell: ({ action }) => <span className="mono">{action}</span> },
  {
    id: 'target',
    head: 'About',
    className: 'wide quiet clip cut',
    cell: ({ target, detail }) => (
      <>
        {target.kind}{' '}
        <Foreign
          text={typeof detail['name'] === 'string' ? detail['name'] : target.id}
          charactersMax={60}
        />
      </>
    ),
  },
  {
    id: 'why',
    head: 'Why',
    className: 'wide quiet clip cut',
    cell: ({ reason }) => (reason === null ? '' : <Foreign text={reason} charactersMax={200} />),
  },
];

/** Who decided what, when and why; nothing in it can be changed. */
export function AuditLog() {
  const log = useInfiniteQuery(auditQuery);
  return (
    <section className="panel">
      <DataTable
        what="The audit log"
        columns={COLUMNS}
        rows={log.data?.pages.flatMap((page) => page.data)}
        rowKey={({ sequence }) => String(sequence)}
        error={log.error}
        empty={<EmptyState title="Nothing was decided yet" />}
      />
      {log.hasNextPage && (
        <footer className="table-foot">
          <button
            type="button"
            className="button small"
            disabled={log.isFetchingNextPage}
            onClick={() => void log.fetchNextPage()}
          >
            Load more
          </button>
        </footer>
      )}
    </section>
  );
}
