import { queryOptions, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
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
import { SelectField } from '../../parts/fields.tsx';
import { say } from '../../parts/Toasts.tsx';
import { CreateForm } from './CreateForm.tsx';

type User = DataOf<'GET /auth/users'>[number];

export const usersQuery = queryOptions({
  queryKey: ['users'],
  queryFn: ({ signal }) => read('GET /auth/users', { signal }),
});

/** Who may sign in. */
export function People() {
  const users = useQuery(usersQuery);
  const me = useQuery(meQuery).data?.username;
  const queries = useQueryClient();
  const remove = useMutation({
    mutationFn: (user: User) => read('DELETE /auth/users/{id}', { params: { id: user.id } }),
    onSuccess: (_, user) => say(`${user.username} can no longer sign in.`),
    onError: (error) => say(`Not removed: ${error.message}`),
    onSettled: () => queries.invalidateQueries(usersQuery),
  });
  const columns: readonly Column<User>[] = [
    {
      id: 'name',
      head: 'Name',
      cell: (user) => <Foreign text={user.username} charactersMax={60} />,
    },
    {
      id: 'role',
      head: 'Role',
      className: 'quiet',
      cell: ({ role }) => (role === 'admin' ? 'administrator' : 'member: sees, does not decide'),
    },
    {
      id: 'since',
      head: 'Since',
      className: 'num wide quiet',
      cell: (user) => <Time ms={parseTimeMs(user.created_at)} />,
    },
    {
      id: 'remove',
      head: <span className="visually-hidden">Remove</span>,
      className: 'num',
      cell: (user) =>
        user.username === me ? (
          <span className="faint">you</span>
        ) : (
          <ConfirmButton label="Remove" sure="Remove for good" onSure={() => remove.mutate(user)} />
        ),
    },
  ];
  return (
    <section className="panel">
      <NewUser />
      <DataTable
        what="The people"
        columns={columns}
        rows={users.data}
        rowKey={({ id }) => id}
        error={users.error}
        empty={<EmptyState title="Nobody may sign in" />}
      />
    </section>
  );
}

function NewUser() {
  const [username, setUsername] = useState('');
  const [role, setRole] = useState<'admin' | 'member'>('member');
  const queries = useQueryClient();
  const create = useMutation({
    mutationFn: () => read('POST /auth/users', { body: { username: username.trim(), role } }),
    onSuccess: () => setUsername(''),
    onSettled: () => queries.invalidateQueries(usersQuery),
  });
  return (
    <CreateForm
      label="Name to sign in with"
      field={{ id: 'new-user', value: username, charactersMax: 64, onChange: setUsername }}
      verb="Add"
      making={create}
      secret={
        create.data?.password === undefined
          ? undefined
          : {
              title: `The first password of ${create.data.username}; it is not shown again.`,
              text: create.data.password,
            }
      }
      beside={
        <SelectField
          label="Role"
          value={role}
          options={[
            ['member', 'Member'],
            ['admin', 'Administrator'],
          ]}
          onChange={setRole}
        />
      }
    />
  );
}
