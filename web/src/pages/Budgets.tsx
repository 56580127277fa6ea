import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { read } from '../client/call.ts';
import { budgetsQuery } from '../client/costs.ts';
import type { Budget } from '../client/costs.ts';
import { formatDollars, formatShare } from '../format.ts';
import { ConfirmButton } from '../parts/ConfirmButton.tsx';
import { DataTable } from '../parts/DataTable.tsx';
import type { Column } from '../parts/DataTable.tsx';
import { Foreign } from '../parts/Foreign.tsx';
import { FormDialog, TextField } from '../parts/FormDialog.tsx';
import { Meter } from '../parts/Meter.tsx';
import { EmptyState } from '../parts/States.tsx';
import { say } from '../parts/Toasts.tsx';
import { useMay } from '../parts/use-may.ts';

/** What may be spent in a month, and what is. */
export function Budgets() {
  const budgets = useQuery(budgetsQuery);
  const mayGovern = useMay('governance:write');
  const [adding, setAdding] = useState(false);
  const queries = useQueryClient();
  const remove = useMutation({
    mutationFn: ({ id }: Budget) => read('DELETE /api/v1/budgets/{id}', { params: { id } }),
    onError: (error) => say(`Not removed: ${error.message}`),
    onSettled: () => queries.invalidateQueries(budgetsQuery),
  });
  const act: Column<Budget> = {
    id: 'act',
    head: <span className="visually-hidden">Remove</span>,
    className: 'num wide',
    cell: (budget) => (
      <ConfirmButton label="Remove" sure="Remove for good" onSure={() => remove.mutate(budget)} />
    ),
  };
  return (
    <section className="panel" aria-label="Budgets">
      <header>
        <h2>Budgets of this month</h2>
        {mayGovern && (
          <button type="button" className="button small" onClick={() => setAdding(true)}>
            Set a budget
          </button>
        )}
      </header>
      <DataTable
        what="The budgets"
        columns={mayGovern ? [...COLUMNS, act] : COLUMNS}
        rows={budgets.data}
        rowKey={({ id }) => id}
        error={budgets.error}
        empty={
          <EmptyState title="No budget is set">
            <p className="quiet">
              A budget of an agent, a team or everything tells you at half, four fifths and all of
              it.
            </p>
          </EmptyState>
        }
      />
      {adding && <BudgetDialog onClose={() => setAdding(false)} />}
    </section>
  );
}

const COLUMNS: readonly Column<Budget>[] = [
  {
    id: 'for',
    head: 'For',
    cell: ({ scope, subject, month }) => (
      <>
        {scope === 'project' ? (
          'Everything'
        ) : (
          <>
            {scope} <Foreign text={subject} charactersMax={60} />
          </>
        )}
        {month !== null && <span className="faint"> in {month} alone</span>}
      </>
    ),
  },
  {
    id: 'meter',
    head: 'Spent',
    className: 'wide',
    cell: ({ spent_percent: percent, subject }) => (
      <Meter share={percent === null ? null : percent / 100} label={`Spent of ${subject}`} />
    ),
  },
  {
    id: 'spent',
    head: '',
    className: 'num',
    cell: (budget) => `${formatDollars(budget.spent_usd)} of ${formatDollars(budget.amount_usd)}`,
  },
  {
    id: 'percent',
    head: '',
    className: 'num wide quiet',
    cell: ({ spent_percent: percent }) => formatShare(percent === null ? null : percent / 100),
  },
  {
    id: 'forecast',
    head: 'Forecast',
    className: 'num wide quiet',
    cell: ({ forecast_usd: usd, amount_usd: amount }) => (
      <span className={usd > amount ? 'caution-text' : ''}>{formatDollars(usd)}</span>
    ),
  },
  {
    id: 'enforced',
    head: 'When spent',
    className: 'wide middle quiet',
    cell: ({ enforced }) => (enforced ? 'calls are refused' : 'you are told'),
  },
];

function BudgetDialog({ onClose }: { readonly onClose: () => void }) {
  const [scope, setScope] = useState<Budget['scope']>('agent');
  const [subject, setSubject] = useState('');
  const [amount, setAmount] = useState('');
  const [enforced, setEnforced] = useState(false);
  const queries = useQueryClient();
  const named = scope === 'project' ? {} : { subject: subject.trim() };
  const set = useMutation({
    mutationFn: () =>
      read('POST /api/v1/budgets', {
        body: { scope, ...named, amount_usd: Number(amount), enforced },
      }),
    onSuccess: () => {
      say('The budget holds from now on.');
      onClose();
    },
    onSettled: () => queries.invalidateQueries(budgetsQuery),
  });
  return (
    <FormDialog
      title="Set a budget"
      verb="Set"
      ready={Number(amount) > 0 && (scope === 'project' || subject.trim() !== '')}
      sending={set}
      onSend={() => set.mutate()}
      onClose={onClose}
    >
      <div className="field">
        <label htmlFor="budget-scope">For</label>
        <select
          id="budget-scope"
          className="input"
          value={scope}
          data-first-focus
          onChange={(event) => setScope(event.target.value as Budget['scope'])}
        >
          <option value="agent">an agent</option>
          <option value="team">a team</option>
          <option value="project">everything</option>
        </select>
      </div>
      {scope !== 'project' && (
        <TextField label={`Name of the ${scope}`} value={subject} onChange={setSubject} />
      )}
      <TextField label="US dollars a month" value={amount} decimal onChange={setAmount} />
      <label className="check">
        <input
          type="checkbox"
          checked={enforced}
          onChange={(event) => setEnforced(event.target.checked)}
        />
        Refuse tool calls once it is spent
      </label>
    </FormDialog>
  );
}
