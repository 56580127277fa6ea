import { queryOptions, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { SCOPE_NAMES } from '../../client/scopes.ts';
import type { ScopeName } from '../../client/scopes.ts';
import { read } from '../../client/call.ts';
import type { DataOf } from '../../client/call.ts';
import { meQuery } from '../../client/session.ts';
import { parseTimeMs } from '../../format.ts';
import { ConfirmButton } from '../../parts/ConfirmButton.tsx';
import { DataTable } from '../../parts/DataTable.tsx';
import type { Column } from '../../parts/DataTable.tsx';
import { Foreign } from '../../parts/Foreign.tsx';
import { EmptyState } from '../../parts/States.tsx';
import { Time } from '../../parts/Time.tsx';
import { say } from '../../parts/Toasts.tsx';
import { useMay } from '../../parts/use-may.ts';
import { CreateForm } from './CreateForm.tsx';
import { usersQuery } from './People.tsx';

type Key = DataOf<'GET /auth/api-keys'>[number];

const keysQuery = queryOptions({
  queryKey: ['keys'],
  queryFn: ({ signal }) => read('GET /auth/api-keys', { signal }),
});

/** What a scope lets do; one that this page does not know yet stands as it is. */
const nameOf = (scope: string): string =>
  (SCOPE_NAMES as Readonly<Record<string, string>>)[scope] ?? scope;

const columnsOf = (
  nameOfMaker: (id: string) => string,
  onRevoke: (key: Key) => void,
): readonly Column<Key>[] => [
  {
    id: 'label',
    head: 'Key',
    className: 'clip',
    cell: ({ label, prefix }) => (
      <>
        <Foreign text={label} charactersMax={60} /> <span className="faint mono">{prefix}…</span>
      </>
    ),
  },
  {
    id: 'scopes',
    head: 'May',
    className: 'wide quiet key-scopes',
    cell: ({ scopes }) => scopes.map(nameOf).join(', '),
  },
  {
    id: 'by',
    head: 'Made by',
    className: 'wide middle quiet',
    cell: (key) => <Foreign text={nameOfMaker(key.created_by)} charactersMax={40} />,
  },
  {
    id: 'created',
    head: 'Made',
    className: 'num wide middle quiet',
    cell: (key) => <Time ms={parseTimeMs(key.created_at)} />,
  },
  {
    id: 'used',
    head: 'Last used',
    className: 'num quiet',
    cell: (key) => <Time ms={parseTimeMs(key.last_used_at)} ago />,
  },
  {
    id: 'revoke',
    head: <span className="visually-hidden">Revoke</span>,
    className: 'num',
    cell: (key) => (
      <ConfirmButton label="Revoke" sure="Revoke for good" onSure={() => onRevoke(key)} />
    ),
  },
];

/** Keys that live until they are revoked, each with what it may do. */
export function Keys() {
  const keys = useQuery(keysQuery);
  const nameOfMaker = useNameOfMaker(keys.data);
  const queries = useQueryClient();
  const revoke = useMutation({
    mutationFn: (key: Key) => read('DELETE /auth/api-keys/{id}', { params: { id: key.id } }),
    onSuccess: (_, key) => say(`The key “${key.label}” no longer works.`),
    onError: (error) => say(`Not revoked: ${error.message}`),
    onSettled: () => queries.invalidateQueries(keysQuery),
  });
  return (
    <section className="panel">
      <NewKey />
      <DataTable
        what="The keys"
        columns={columnsOf(nameOfMaker, (key) => revoke.mutate(key))}
        rows={keys.data}
        rowKey={({ id }) => id}
        error={keys.error}
        empty={
          <EmptyState title="There is no key yet">
            <p className="quiet">
              An exporter on another machine needs one that may send telemetry.
            </p>
          </EmptyState>
        }
      />
    </section>
  );
}

/** Who made a key: oneself, a person, another key by its label; one that is gone stays an id. */
function useNameOfMaker(keys: readonly Key[] | undefined): (id: string) => string {
  const me = useQuery(meQuery).data?.id;
  const isAdmin = useMay('admin');
  const people = useQuery({ ...usersQuery, enabled: me !== undefined && isAdmin }).data;
  return (id) => {
    if (id === 'system') return 'Signalbox';
    if (id === me) return 'you';
    const person = people?.find((user) => user.id === id);
    return person?.username ?? keys?.find((key) => key.id === id)?.label ?? id;
  };
}

function NewKey() {
  const [label, setLabel] = useState('');
  const [scopes, setScopes] = useState<readonly ScopeName[]>(['telemetry:write']);
  const queries = useQueryClient();
  const create = useMutation({
    mutationFn: () => read('POST /auth/api-keys', { body: { label: label.trim(), scopes } }),
    onSuccess: () => setLabel(''),
    onSettled: () => queries.invalidateQueries(keysQuery),
  });
  return (
    <CreateForm
      label="What the key is for"
      field={{
        id: 'key-label',
        value: label,
        charactersMax: 100,
        placeholder: 'exporter of the billing service',
        onChange: setLabel,
      }}
      verb="Make a key"
      ready={scopes.length > 0}
      making={create}
      secret={
        create.data && {
          title: 'Keep it now: it is stored hashed and not shown again.',
          text: create.data.secret,
        }
      }
      below={
        <fieldset>
          <legend>It may</legend>
          {Object.entries(SCOPE_NAMES).map(([scope, name]) => (
            <label key={scope} title={scope}>
              <input
                type="checkbox"
                checked={scopes.includes(scope as ScopeName)}
                onChange={(event) =>
                  setScopes(
                    event.target.checked
                      ? [...scopes, scope as ScopeName]
                      : scopes.filter((each) => each !== scope),
                  )
                }
              />
              {name}
            </label>
          ))}
        </fieldset>
      }
    />
  );
}
