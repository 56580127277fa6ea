import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, getRouteApi } from '@tanstack/react-router';
import { useState } from 'react';
import { read } from '../client/call.ts';
import { grantsQuery } from '../client/policies.ts';
import type { Grant } from '../client/policies.ts';
import { formatCount, parseTimeMs } from '../format.ts';
import { ConfirmButton } from '../parts/ConfirmButton.tsx';
import { DataTable } from '../parts/DataTable.tsx';
import type { Column } from '../parts/DataTable.tsx';
import { Foreign } from '../parts/Foreign.tsx';
import { FormDialog, TextField } from '../parts/FormDialog.tsx';
import { EmptyState } from '../parts/States.tsx';
import { Time } from '../parts/Time.tsx';
import { TimeLeft } from '../parts/TimeLeft.tsx';
import { say } from '../parts/Toasts.tsx';
import { useMay } from '../parts/use-may.ts';

const route = getRouteApi('/shell/policies');

/** Standing approvals: who need not be asked about what, and until when. */
export function Grants() {
  const { which = 'active' } = route.useSearch();
  const grants = useQuery(grantsQuery(which));
  const mayGovern = useMay('governance:write');
  const [making, setMaking] = useState(false);
  const queries = useQueryClient();
  const revoke = useMutation({
    mutationFn: ({ id }: Grant) => read('DELETE /api/v1/grants/{id}', { params: { id } }),
    onSuccess: () => say('Revoked: people are asked again.'),
    onError: (error) => say(`Not revoked: ${error.message}`),
    onSettled: () => queries.invalidateQueries({ queryKey: ['grants'] }),
  });
  const act: Column<Grant> = {
    id: 'act',
    head: <span className="visually-hidden">Revoke</span>,
    className: 'num',
    cell: (grant) =>
      stateOf(grant, Date.now()) === 'active' && (
        <ConfirmButton label="Revoke" sure="Revoke now" onSure={() => revoke.mutate(grant)} />
      ),
  };
  return (
    <section className="panel" aria-label="Grants">
      <header>
        <h2>Grants</h2>
        <span className="toolbar">
          <Link
            className="button small plain"
            to="/policies"
            search={which === 'all' ? { tab: 'grants' } : { tab: 'grants', which: 'all' }}
            replace
          >
            {which === 'all' ? 'Active ones alone' : 'Ended ones too'}
          </Link>
          {mayGovern && (
            <button type="button" className="button small" onClick={() => setMaking(true)}>
              Make a grant
            </button>
          )}
        </span>
      </header>
      <DataTable
        what="The grants"
        columns={mayGovern ? [...COLUMNS, act] : COLUMNS}
        rows={grants.data}
        rowKey={({ id }) => id}
        error={grants.error}
        onRetry={() => void grants.refetch()}
        empty={
          <EmptyState title={which === 'all' ? 'No grant was made' : 'No grant is active'}>
            <p className="quiet">
              A grant lets calls through for a while that a rule would ask you about. It allows
              nothing that a rule denies.
            </p>
          </EmptyState>
        }
      />
      {making && <GrantDialog onClose={() => setMaking(false)} />}
    </section>
  );
}

function stateOf(grant: Grant, nowMs: number): 'active' | 'revoked' | 'used up' | 'over' {
  if (grant.revoked_at !== null) return 'revoked';
  if (grant.uses_max !== null && grant.uses >= grant.uses_max) return 'used up';
  return (parseTimeMs(grant.expires_at) ?? 0) <= nowMs ? 'over' : 'active';
}

const COLUMNS: readonly Column<Grant>[] = [
  {
    id: 'agent',
    head: 'Agent',
    className: 'clip cut',
    cell: ({ agent }) => <Foreign text={agent} charactersMax={60} />,
  },
  {
    id: 'tools',
    head: 'Tools',
    className: 'mono clip cut',
    cell: ({ tools }) => <Foreign text={tools.join(', ')} charactersMax={200} />,
  },
  {
    id: 'left',
    head: 'Until',
    className: 'quiet',
    cell: (grant) => {
      const state = stateOf(grant, Date.now());
      return state === 'active' ? <TimeLeft until={parseTimeMs(grant.expires_at)} /> : state;
    },
  },
  {
    id: 'uses',
    head: 'Used',
    className: 'num wide',
    cell: ({ id, uses, uses_max: max }) =>
      max === null ? (
        <Link className="link" to="/calls" search={{ rule: `grant:${id}` }}>
          see calls
        </Link>
      ) : (
        `${formatCount(uses)} of ${formatCount(max)}`
      ),
  },
  {
    id: 'by',
    head: 'By',
    className: 'wide quiet clip cut',
    cell: ({ created_by: by }) => <Foreign text={by} charactersMax={60} />,
  },
  {
    id: 'why',
    head: 'Why',
    className: 'wide middle quiet clip cut',
    cell: ({ reason }) => <Foreign text={reason ?? ''} charactersMax={200} />,
  },
  {
    id: 'made',
    head: 'Made',
    className: 'num wide quiet',
    cell: (grant) => <Time ms={parseTimeMs(grant.created_at)} />,
  },
];

const DURATIONS: readonly (readonly [minutes: number, words: string])[] = [
  [15, '15 minutes'],
  [60, 'an hour'],
  [480, '8 hours'],
  [1_440, 'a day'],
  [10_080, 'a week'],
];

function GrantDialog({ onClose }: { readonly onClose: () => void }) {
  const [agent, setAgent] = useState('');
  const [tools, setTools] = useState('');
  const [minutes, setMinutes] = useState(60);
  const [uses, setUses] = useState('');
  const [reason, setReason] = useState('');
  const queries = useQueryClient();
  const patterns = tools.split(/[\s,]+/).filter((pattern) => pattern !== '');
  const usesMax = uses.trim() === '' ? undefined : Number(uses);
  const make = useMutation({
    mutationFn: () =>
      read('POST /api/v1/grants', {
        body: {
          agent: agent.trim(),
          tools: patterns,
          minutes,
          ...(usesMax === undefined ? {} : { uses_max: usesMax }),
          reason: reason.trim(),
        },
      }),
    onSuccess: () => {
      say('The grant holds from now on.');
      onClose();
    },
    onSettled: () => queries.invalidateQueries({ queryKey: ['grants'] }),
  });
  const fine = usesMax === undefined || (Number.isSafeInteger(usesMax) && usesMax > 0);
  return (
    <FormDialog
      title="Make a grant"
      verb="Make it"
      ready={agent.trim() !== '' && patterns.length > 0 && reason.trim() !== '' && fine}
      sending={make}
      onSend={() => make.mutate()}
      onClose={onClose}
    >
      <p className="quiet">Nobody is asked about these calls while it lasts.</p>
      <TextField label="Agent, or a pattern with *" value={agent} first onChange={setAgent} />
      <TextField
        label="Tools, as server.tool or patterns, with spaces between them"
        value={tools}
        onChange={setTools}
      />
      <div className="field">
        <label htmlFor="grant-minutes">For</label>
        <select
          id="grant-minutes"
          className="input"
          value={minutes}
          onChange={(event) => setMinutes(Number(event.target.value))}
        >
          {DURATIONS.map(([value, words]) => (
            <option key={value} value={value}>
              {words}
            </option>
          ))}
        </select>
      </div>
      <TextField label="Calls at most (may be empty)" value={uses} decimal onChange={setUses} />
      <TextField label="Why" value={reason} onChange={setReason} />
    </FormDialog>
  );
}
