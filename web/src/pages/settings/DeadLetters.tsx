import { queryOptions, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { read } from '../../client/call.ts';
import type { DataOf } from '../../client/call.ts';
import { formatBytes, parseTimeMs } from '../../format.ts';
import { ConfirmButton } from '../../parts/ConfirmButton.tsx';
import { DataTable } from '../../parts/DataTable.tsx';
import type { Column } from '../../parts/DataTable.tsx';
import { Foreign } from '../../parts/Foreign.tsx';
import { EmptyState } from '../../parts/States.tsx';
import { Time } from '../../parts/Time.tsx';
import { say } from '../../parts/Toasts.tsx';
import { useMay } from '../../parts/use-may.ts';

type Letter = DataOf<'GET /api/v1/dead-letters'>[number];

const lettersQuery = queryOptions({
  queryKey: ['dead-letters'],
  queryFn: ({ signal }) => read('GET /api/v1/dead-letters', { signal }),
});

function useLetterActions() {
  const queries = useQueryClient();
  const after = {
    onError: (error: Error) => say(`Nothing was changed: ${error.message}`),
    onSettled: () => queries.invalidateQueries(lettersQuery),
  };
  const retry = useMutation({
    mutationFn: ({ id }: Letter) =>
      read('POST /api/v1/dead-letters/{id}/retry', { params: { id } }),
    onSuccess: () => say('Taken in again.'),
    ...after,
  });
  const remove = useMutation({
    mutationFn: ({ id }: Letter) => read('DELETE /api/v1/dead-letters/{id}', { params: { id } }),
    onSuccess: () => say('Removed.'),
    ...after,
  });
  return { retry: retry.mutate, remove: remove.mutate };
}

const COLUMNS: readonly Column<Letter>[] = [
  { id: 'signal', head: 'Signal', cell: ({ signal }) => signal },
  {
    id: 'reason',
    head: 'Why it could not be stored',
    className: 'clip cut',
    cell: ({ reason }) => <Foreign text={reason} charactersMax={300} />,
  },
  { id: 'size', head: 'Size', className: 'num wide', cell: ({ bytes }) => formatBytes(bytes) },
  {
    id: 'received',
    head: 'Received',
    className: 'num wide quiet',
    cell: (letter) => <Time ms={parseTimeMs(letter.received_at)} />,
  },
];

/** Requests that were acknowledged and could not be stored; none is dropped by itself. */
export function DeadLetters() {
  const letters = useQuery(lettersQuery);
  const isAdmin = useMay('admin');
  const { retry, remove } = useLetterActions();
  const act: Column<Letter> = {
    id: 'act',
    head: <span className="visually-hidden">Act</span>,
    className: 'num',
    cell: (letter) => (
      <>
        <button type="button" className="button small" onClick={() => retry(letter)}>
          Try again
        </button>{' '}
        <ConfirmButton label="Remove" sure="Remove for good" onSure={() => remove(letter)} />
      </>
    ),
  };
  return (
    <section className="panel">
      <DataTable
        what="The dead letters"
        columns={isAdmin ? [...COLUMNS, act] : COLUMNS}
        rows={letters.data}
        rowKey={({ id }) => id}
        error={letters.error}
        empty={
          <EmptyState title="Everything was stored">
            <p className="quiet">
              What is acknowledged and then cannot be stored stands here until someone decides.
            </p>
          </EmptyState>
        }
      />
    </section>
  );
}
