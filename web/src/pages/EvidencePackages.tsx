import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { FormEvent } from 'react';
import { makePackage, packagesQuery } from '../client/evidence.ts';
import type { EvidencePackageMade } from '../client/evidence.ts';
import { formatBytes, formatCount, formatShortId, parseTimeMs } from '../format.ts';
import { CopyButton } from '../parts/CopyButton.tsx';
import { DataTable } from '../parts/DataTable.tsx';
import type { Column } from '../parts/DataTable.tsx';
import { SelectField } from '../parts/fields.tsx';
import { TextField } from '../parts/FormDialog.tsx';
import { Foreign } from '../parts/Foreign.tsx';
import { EmptyState } from '../parts/States.tsx';
import { Time } from '../parts/Time.tsx';
import { say } from '../parts/Toasts.tsx';
import { saveFile } from '../save-file.ts';

/** Makes packages, and lists those that were made. */
export function EvidencePackages() {
  const made = useQuery(packagesQuery);
  return (
    <>
      <MakeForm />
      <section className="panel" aria-label="Packages">
        <header>
          <h2>Made before</h2>
          <span className="faint">by the audit log; the files are with whoever saved them</span>
        </header>
        <DataTable
          what="The packages"
          columns={COLUMNS}
          rows={made.data}
          rowKey={({ id, made_at: at }) => `${id} ${at}`}
          error={made.error}
          onRetry={() => void made.refetch()}
          empty={<EmptyState title="No package was made yet" />}
        />
      </section>
    </>
  );
}

const DAY_MS = 86_400_000;

/** A day of the calendar as UTC has it. */
const dayOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10);

function MakeForm() {
  const [from, setFrom] = useState(() => dayOf(Date.now() - 30 * DAY_MS));
  const [to, setTo] = useState(() => dayOf(Date.now()));
  const [agent, setAgent] = useState('');
  const [content, setContent] = useState<(typeof CONTENTS)[number][0]>('included');
  const [days, setDays] = useState('');
  const queries = useQueryClient();
  const retention = days.trim() === '' ? undefined : Number(days);
  const fine = retention === undefined || (Number.isSafeInteger(retention) && retention > 0);
  const ready = from !== '' && to !== '' && from <= to && fine;
  const make = useMutation({
    mutationFn: () =>
      makePackage({
        from: `${from}T00:00:00Z`,
        // The last day is part of it.
        to: new Date(Date.parse(`${to}T00:00:00Z`) + DAY_MS).toISOString(),
        content,
        ...(agent.trim() === '' ? {} : { agent: agent.trim() }),
        ...(retention === undefined ? {} : { retention_days: retention }),
      }),
    onSuccess: (text) => {
      saveFile(`evidence ${from} to ${to}`, 'json', text);
      say(`Made and saved: ${formatBytes(text.length)}.`);
    },
    onSettled: () => queries.invalidateQueries(packagesQuery),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (ready && !make.isPending) make.mutate();
  };
  return (
    <section className="panel" aria-label="Make a package">
      <header>
        <h2>Make a package</h2>
        <span className="faint">signed; up to 500 traces and all decisions of the time</span>
      </header>
      <form className="package-form" onSubmit={submit}>
        <TextField label="From (UTC)" type="date" value={from} onChange={setFrom} />
        <TextField label="Up to and with (UTC)" type="date" value={to} onChange={setTo} />
        <TextField label="Agent (all when empty)" value={agent} onChange={setAgent} />
        <SelectField label="Content" value={content} options={CONTENTS} onChange={setContent} />
        <TextField
          label="Stated retention, in days (may be empty)"
          value={days}
          onChange={setDays}
        />
        <div className="form-foot">
          <button type="submit" className="button primary" disabled={!ready || make.isPending}>
            {make.isPending ? 'Making it…' : 'Make and save'}
          </button>
          {from > to && <span className="stop-text">It ends before it begins.</span>}
        </div>
        {make.isError && (
          <p className="notice stop" role="alert">
            {make.error.message}
          </p>
        )}
      </form>
    </section>
  );
}

const CONTENTS = [
  ['included', 'Included, without secrets'],
  ['digests', 'Digests in its place'],
] as const;

const COLUMNS: readonly Column<EvidencePackageMade>[] = [
  {
    id: 'period',
    head: 'Of',
    cell: ({ from, to }) => (
      <span className="num">
        {from.slice(0, 10)} to {dayOf(Date.parse(to) - 1)}
      </span>
    ),
  },
  {
    id: 'agent',
    head: 'Agent',
    className: 'clip cut wide',
    cell: ({ agent }) =>
      agent === null ? (
        <span className="quiet">all</span>
      ) : (
        <Foreign text={agent} charactersMax={60} />
      ),
  },
  {
    id: 'content',
    head: 'Content',
    className: 'wide middle quiet',
    cell: ({ content }) => content,
  },
  {
    id: 'traces',
    head: 'Traces',
    className: 'num wide',
    cell: ({ traces }) => formatCount(traces),
  },
  {
    id: 'size',
    head: 'Size',
    className: 'num wide middle quiet',
    cell: ({ characters }) => (characters === 0 ? '—' : formatBytes(characters)),
  },
  {
    id: 'digest',
    head: 'SHA-256 of the file',
    className: 'mono',
    cell: ({ sha256 }) =>
      sha256 === '' ? (
        <span className="faint">—</span>
      ) : (
        <span className="digest-cell" title={sha256}>
          {formatShortId(sha256)}
          <CopyButton text={sha256} className="small wide" />
        </span>
      ),
  },
  {
    id: 'by',
    head: 'By',
    className: 'wide quiet clip cut',
    cell: ({ made_by: by }) => <Foreign text={by} charactersMax={60} />,
  },
  {
    id: 'at',
    head: 'When',
    className: 'num wide quiet',
    cell: ({ made_at: at }) => <Time ms={parseTimeMs(at)} />,
  },
];
