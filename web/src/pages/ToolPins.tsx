import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useId, useState } from 'react';
import type { FormEvent } from 'react';
import { read } from '../client/call.ts';
import { toolPinsQuery } from '../client/policies.ts';
import type { ToolPin } from '../client/policies.ts';
import { formatShortId, parseTimeMs } from '../format.ts';
import { diffLines } from '../line-diff.ts';
import { DataTable } from '../parts/DataTable.tsx';
import type { Column } from '../parts/DataTable.tsx';
import { Foreign } from '../parts/Foreign.tsx';
import { EmptyState } from '../parts/States.tsx';
import { Time } from '../parts/Time.tsx';
import { say } from '../parts/Toasts.tsx';
import { useMay } from '../parts/use-may.ts';

/** What agents read of tools: what was accepted, and what has changed behind the gateway's back. */
export function ToolPins() {
  const pins = useQuery(toolPinsQuery);
  const held = pins.data?.filter((pin) => pin.held !== null) ?? [];
  return (
    <>
      {held.map((pin) => (
        <HeldTool key={`${pin.server}.${pin.tool}`} pin={pin} />
      ))}
      <section className="panel" aria-label="Tools">
        <header>
          <h2>Tools</h2>
          <span className="faint">
            One whose description or schema changes is held until somebody accepts it
          </span>
        </header>
        <DataTable
          what="The tools"
          columns={COLUMNS}
          rows={pins.data}
          rowKey={({ server, tool }) => `${server}.${tool}`}
          error={pins.error}
          onRetry={() => void pins.refetch()}
          empty={
            <EmptyState title="No tool has been seen">
              <p className="quiet">
                Name MCP servers, APIs or programs in the gateway’s file; their tools stand here
                once they answer.
              </p>
            </EmptyState>
          }
        />
      </section>
    </>
  );
}

const COLUMNS: readonly Column<ToolPin>[] = [
  {
    id: 'tool',
    head: 'Tool',
    className: 'mono clip cut',
    cell: ({ server, tool }) => <Foreign text={`${server}.${tool}`} charactersMax={120} />,
  },
  {
    id: 'what',
    head: 'What it says it does',
    className: 'wide quiet clip cut',
    cell: ({ definition }) => (
      <Foreign text={partsOf(definition).description} charactersMax={160} />
    ),
  },
  {
    id: 'state',
    head: 'State',
    cell: ({ held }) =>
      held === null ? (
        <span className="tag clear">Accepted</span>
      ) : (
        <span className="tag caution">Held</span>
      ),
  },
  {
    id: 'digest',
    head: 'Digest',
    className: 'mono wide middle quiet',
    cell: ({ digest }) => <span title={digest}>{formatShortId(digest)}</span>,
  },
  {
    id: 'since',
    head: 'Since',
    className: 'num wide quiet',
    cell: (pin) => <Time ms={parseTimeMs(pin.pinned_at)} />,
  },
];

function partsOf(definition: unknown): { readonly description: string; readonly rest: object } {
  if (typeof definition !== 'object' || definition === null) return { description: '', rest: {} };
  const { description, ...rest } = definition as Readonly<Record<string, unknown>>;
  return { description: typeof description === 'string' ? description : '', rest };
}

/** A definition as lines: what an agent is told first, then the schemas. */
function textOf(definition: unknown): string {
  const { description, rest } = partsOf(definition);
  return `${description}\n\n${JSON.stringify(rest, null, 2)}`;
}

function HeldTool({ pin }: { readonly pin: ToolPin }) {
  const id = useId();
  const [reason, setReason] = useState('');
  const mayGovern = useMay('governance:write');
  const queries = useQueryClient();
  const held = pin.held!;
  const accept = useMutation({
    mutationFn: () =>
      read('POST /api/v1/tool-pins/accept', {
        body: { server: pin.server, tool: pin.tool, digest: held.digest, reason: reason.trim() },
      }),
    onSuccess: () => say('Accepted: agents may call it again.'),
    onSettled: () => queries.invalidateQueries({ queryKey: ['tool-pins'] }),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (reason.trim() !== '' && !accept.isPending) accept.mutate();
  };
  return (
    <section className="panel" aria-label={`Held: ${pin.server}.${pin.tool}`}>
      <header>
        <h2>
          <Foreign className="mono" text={`${pin.server}.${pin.tool}`} charactersMax={100} />
        </h2>
        <span className="faint">
          changed <Time ms={parseTimeMs(held.since)} ago />; refused until it is accepted
        </span>
      </header>
      <Diff before={textOf(pin.definition)} after={textOf(held.definition)} />
      {mayGovern && (
        <form className="accept-form" onSubmit={submit}>
          <label htmlFor={id} className="quiet">
            Why it may be used, for the audit log
          </label>
          <input
            id={id}
            className="input"
            value={reason}
            maxLength={2_000}
            autoComplete="off"
            onChange={(event) => setReason(event.target.value)}
          />
          <button
            type="submit"
            className="button primary"
            disabled={reason.trim() === '' || accept.isPending}
          >
            Accept the new definition
          </button>
          {accept.isError && (
            <p className="notice stop" role="alert">
              {accept.error.message}
            </p>
          )}
        </form>
      )}
    </section>
  );
}

const SIGNS = { same: ' ', gone: '−', new: '+' } as const;
const MEANINGS = { same: '', gone: 'gone: ', new: 'new: ' } as const;

function Diff({ before, after }: { readonly before: string; readonly after: string }) {
  return (
    <ol className="diff mono" aria-label="What has changed" tabIndex={0}>
      {diffLines(before, after).map(({ kind, text }, at) => (
        <li key={at} className={kind}>
          <span aria-hidden="true" className="sign">
            {SIGNS[kind]}
          </span>
          <span>
            <span className="visually-hidden">{MEANINGS[kind]}</span>
            <Foreign text={text} charactersMax={20_000} />
          </span>
        </li>
      ))}
    </ol>
  );
}
