import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { read } from '../../client/call.ts';
import { retentionQuery } from '../../client/settings.ts';
import type { Retention } from '../../client/settings.ts';
import { formatBytes, formatCount, parseTimeMs } from '../../format.ts';
import { ChangeHistory } from '../../parts/ChangeHistory.tsx';
import { DataTable } from '../../parts/DataTable.tsx';
import type { Column } from '../../parts/DataTable.tsx';
import { TextField } from '../../parts/FormDialog.tsx';
import { NumberField } from '../../parts/fields.tsx';
import { ErrorState } from '../../parts/States.tsx';
import { Time } from '../../parts/Time.tsx';
import { say } from '../../parts/Toasts.tsx';
import { useMay } from '../../parts/use-may.ts';
import { KINDS, sumKind, wouldGo } from './retention-sums.ts';
import type { KindSum } from './retention-sums.ts';

type Terms = Retention['terms'];
type Hold = Terms['holds'][number];

/** How long what came is kept, what is stored, and what was removed. */
export function RetentionPanel() {
  const retention = useQuery(retentionQuery);
  if (retention.isError) {
    return (
      <section className="panel">
        <ErrorState error={retention.error} what="The terms cannot be read" />
      </section>
    );
  }
  if (retention.data === undefined) return null;
  return (
    <>
      <TermsForm key={JSON.stringify(retention.data.terms)} retention={retention.data} />
      <ChangeHistory of={{ target_kind: 'retention' }} title="Changed and removed" naming />
    </>
  );
}

function TermsForm({ retention }: { readonly retention: Retention }) {
  const [terms, setTerms] = useState(retention.terms);
  const isAdmin = useMay('admin');
  const queries = useQueryClient();
  const save = useMutation({
    mutationFn: () => read('PUT /api/v1/settings/retention', { body: terms }),
    onSuccess: () => say('Saved. Nothing is removed by it within the first hour.'),
    onSettled: () =>
      Promise.all(
        ['retention', 'audit-log'].map((first) => queries.invalidateQueries({ queryKey: [first] })),
      ),
  });
  const changed = JSON.stringify(terms) !== JSON.stringify(retention.terms);
  const goes = wouldGo(retention.stored, terms, Date.now());
  const set = (change: Partial<Terms>) => setTerms({ ...terms, ...change });
  return (
    <form
      className="panel"
      aria-label="Retention"
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate();
      }}
    >
      <p className="settings-lead">
        Everything is kept for good unless you say for how many days. What is older goes by whole
        days of when it came, runs by whole months. The registry, decisions, prices and the audit
        log always stay.
      </p>
      <DataTable
        what="What is kept"
        columns={columnsOf({ terms, onChange: set, mayWrite: isAdmin })}
        rows={KINDS.map(({ kind }) => sumKind(retention.stored, kind))}
        rowKey={({ kind }) => kind}
        empty={null}
      />
      <Holds holds={terms.holds} mayWrite={isAdmin} onChange={(holds) => set({ holds })} />
      <div className="settings-form">
        {goes.rows > 0 && (
          <p className="notice caution">
            By these terms {formatCount(goes.rows)} rows ({formatBytes(goes.bytes)}) are removed for
            good{changed ? '' : ' with the next pass'}.
          </p>
        )}
        {save.isError && (
          <p className="notice stop" role="alert">
            {save.error.message}
          </p>
        )}
        {isAdmin && (
          <button
            type="submit"
            className="button primary"
            disabled={!changed || save.isPending || terms.holds.some(isUnfinished)}
          >
            Save
          </button>
        )}
        {!changed && goes.rows > 0 && Date.parse(retention.in_force_from) > Date.now() && (
          <span className="faint">
            Nothing is removed before <Time ms={parseTimeMs(retention.in_force_from)} />.
          </span>
        )}
      </div>
    </form>
  );
}

const isUnfinished = ({ from, reason }: Hold): boolean => from === '' || reason.trim() === '';

function columnsOf(given: {
  readonly terms: Terms;
  readonly onChange: (change: Partial<Terms>) => void;
  readonly mayWrite: boolean;
}): readonly Column<KindSum>[] {
  return [
    {
      id: 'kind',
      head: 'What',
      cell: ({ name, note }) => (
        <>
          {name} <span className="faint wide">{note}</span>
        </>
      ),
    },
    {
      id: 'days',
      head: 'Days',
      className: 'retention-days',
      cell: ({ kind, name, least }) => (
        <NumberField
          label={<span className="visually-hidden">Days for which {name} are kept</span>}
          value={given.terms[`${kind}_days`]}
          least={least}
          placeholder="for good"
          disabled={!given.mayWrite}
          onChange={(days) => given.onChange({ [`${kind}_days`]: days })}
        />
      ),
    },
    {
      id: 'oldest',
      head: 'Oldest',
      className: 'num wide quiet',
      cell: ({ oldest }) => (oldest === undefined ? '—' : oldest.slice(0, 10)),
    },
    { id: 'rows', head: 'Rows', className: 'num', cell: ({ rows }) => formatCount(rows) },
    {
      id: 'bytes',
      head: 'On disk',
      className: 'num wide quiet',
      cell: ({ bytes }) => formatBytes(bytes),
    },
  ];
}

function Holds(props: {
  readonly holds: readonly Hold[];
  readonly mayWrite: boolean;
  readonly onChange: (holds: readonly Hold[]) => void;
}) {
  const { holds, onChange } = props;
  const setHold = (at: number, change: Partial<Hold>) =>
    onChange(holds.map((hold, index) => (index === at ? { ...hold, ...change } : hold)));
  return (
    <fieldset className="holds" disabled={!props.mayWrite}>
      <legend className="visually-hidden">Days on hold</legend>
      <p className="quiet">On hold: what was received in these days stays, whatever the terms.</p>
      {holds.map((hold, at) => (
        // Holds have no name and do not move.
        <div key={at} className="hold">
          <DayField label="From" value={hold.from} onChange={(from) => setHold(at, { from })} />
          <DayField
            label="To; empty: without an end"
            value={hold.to ?? ''}
            onChange={(to) => setHold(at, { to: to === '' ? null : to })}
          />
          <TextField
            label="Why"
            value={hold.reason}
            onChange={(reason) => setHold(at, { reason })}
          />
          <button
            type="button"
            className="button small plain"
            onClick={() => onChange(holds.filter((_, index) => index !== at))}
          >
            End the hold
          </button>
        </div>
      ))}
      <button
        type="button"
        className="button small"
        onClick={() => onChange([...holds, { from: '', to: null, reason: '' }])}
      >
        Put days on hold
      </button>
    </fieldset>
  );
}

function DayField(props: {
  readonly label: string;
  readonly value: string;
  readonly onChange: (day: string) => void;
}) {
  return (
    <label className="field">
      <span className="quiet">{props.label}</span>
      <input
        className="input"
        type="date"
        value={props.value}
        onChange={(event) => props.onChange(event.target.value)}
      />
    </label>
  );
}
