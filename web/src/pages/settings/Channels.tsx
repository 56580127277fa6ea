import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { read } from '../../client/call.ts';
import { channelsQuery, raisedAlertsQuery } from '../../client/settings.ts';
import type { AlertChannel, RaisedAlert } from '../../client/settings.ts';
import { formatCount, parseTimeMs } from '../../format.ts';
import { ChangeHistory } from '../../parts/ChangeHistory.tsx';
import { CodeBlock } from '../../parts/CodeBlock.tsx';
import { ConfirmButton } from '../../parts/ConfirmButton.tsx';
import { DataTable } from '../../parts/DataTable.tsx';
import type { Column } from '../../parts/DataTable.tsx';
import { Foreign } from '../../parts/Foreign.tsx';
import { EmptyState } from '../../parts/States.tsx';
import { Time } from '../../parts/Time.tsx';
import { say } from '../../parts/Toasts.tsx';
import { ChannelDialog } from './ChannelDialog.tsx';

/** Where alerts go, and what became of those that were sent. */
export function Channels() {
  const channels = useQuery(channelsQuery);
  const [editing, setEditing] = useState<AlertChannel | 'new'>();
  const [made, setMade] = useState<{ readonly name: string; readonly secret: string }>();
  const { remove, test } = useChannelActions();
  const tried = test.variables;
  return (
    <>
      <section className="panel" aria-label="Alert channels">
        <header>
          <h2>Alert channels</h2>
          <button type="button" className="button small" onClick={() => setEditing('new')}>
            New channel
          </button>
        </header>
        {made !== undefined && (
          <div className="secret" role="status">
            <b>The key of {made.name}’s signatures. Keep it now: it is not shown again.</b>
            <CodeBlock label="Secret" code={made.secret} />
          </div>
        )}
        {tried !== undefined && (
          <TestOutcome
            name={tried.name}
            outcome={test.data}
            failure={test.error?.message ?? null}
          />
        )}
        <DataTable
          what="The channels"
          columns={columnsOf({
            onEdit: setEditing,
            onTest: test.mutate,
            onRemove: remove.mutate,
            isTesting: test.isPending,
          })}
          rows={channels.data}
          rowKey={({ id }) => id}
          error={channels.error}
          empty={
            <EmptyState title="Nobody is told of alerts yet">
              <p className="quiet">
                A channel takes alerts about budgets, anomalies and risk to a webhook, to Slack or
                to a mailbox.
              </p>
              <button type="button" className="button primary" onClick={() => setEditing('new')}>
                Make the first
              </button>
            </EmptyState>
          }
        />
      </section>
      <Deliveries channels={channels.data ?? []} />
      <ChangeHistory of={{ target_kind: 'alert_channel' }} naming />
      {editing !== undefined && (
        <ChannelDialog
          channel={editing === 'new' ? undefined : editing}
          onClose={() => setEditing(undefined)}
          onSecret={setMade}
        />
      )}
    </>
  );
}

function useChannelActions() {
  const queries = useQueryClient();
  const onSettled = () => queries.invalidateQueries({ queryKey: ['alerts'] });
  const remove = useMutation({
    mutationFn: ({ id }: AlertChannel) =>
      read('DELETE /api/v1/alerts/channels/{id}', { params: { id } }),
    onSuccess: (_, { name }) => say(`${name} takes no alerts any more.`),
    onError: (error) => say(`Not removed: ${error.message}`),
    onSettled,
  });
  const test = useMutation({
    mutationFn: ({ id }: AlertChannel) =>
      read('POST /api/v1/alerts/channels/{id}/test', { params: { id } }),
    onSettled,
  });
  return { remove, test };
}

/** What the other side really said. */
function TestOutcome(props: {
  readonly name: string;
  readonly outcome:
    | { readonly delivered: boolean; readonly answer: string | null; readonly error: string | null }
    | undefined;
  readonly failure: string | null;
}) {
  const { name, outcome, failure } = props;
  const error = failure ?? outcome?.error ?? null;
  if (outcome === undefined && error === null) {
    return (
      <p className="settings-lead" role="status">
        Sending a test to {name} …
      </p>
    );
  }
  return (
    <p className="settings-lead" role="status">
      <span className={`tag ${error === null ? 'clear' : 'stop'}`}>
        {error === null ? 'taken' : 'not taken'}
      </span>{' '}
      {name}: <Foreign text={error ?? outcome?.answer ?? ''} charactersMax={300} className="mono" />
    </p>
  );
}

function columnsOf(given: {
  readonly onEdit: (channel: AlertChannel) => void;
  readonly onTest: (channel: AlertChannel) => void;
  readonly onRemove: (channel: AlertChannel) => void;
  readonly isTesting: boolean;
}): readonly Column<AlertChannel>[] {
  return [
    {
      id: 'name',
      head: 'Channel',
      className: 'clip',
      cell: ({ name, enabled }) => (
        <>
          <Foreign text={name} charactersMax={60} />
          {!enabled && <span className="faint"> off</span>}
        </>
      ),
    },
    {
      id: 'to',
      head: 'Leads to',
      className: 'wide quiet clip cut',
      cell: ({ kind, destination }) => (
        <>
          {kind} <Foreign text={destination} charactersMax={80} className="mono" />
        </>
      ),
    },
    {
      id: 'takes',
      head: 'Takes',
      className: 'wide middle quiet',
      cell: ({ kinds, severity_min: least }) =>
        `${kinds.length === 0 ? 'everything' : kinds.join(', ')} from ${least}`,
    },
    {
      id: 'act',
      head: <span className="visually-hidden">Act</span>,
      className: 'num',
      cell: (channel) => (
        <>
          <button
            type="button"
            className="button small"
            disabled={given.isTesting}
            onClick={() => given.onTest(channel)}
          >
            Send a test
          </button>{' '}
          <button
            type="button"
            className="button small plain"
            onClick={() => given.onEdit(channel)}
          >
            Change
          </button>
          <ConfirmButton
            label="Remove"
            sure="Remove for good"
            onSure={() => given.onRemove(channel)}
          />
        </>
      ),
    },
  ];
}

interface Delivery {
  readonly alert: RaisedAlert;
  readonly delivery: RaisedAlert['deliveries'][number];
}

const DELIVERY_ASPECTS: Readonly<Record<string, string>> = {
  delivered: 'clear',
  pending: 'caution',
  failed: 'stop',
};

function Deliveries({ channels }: { readonly channels: readonly AlertChannel[] }) {
  const alerts = useQuery(raisedAlertsQuery);
  const nameOf = (id: string) => channels.find((channel) => channel.id === id)?.name ?? 'removed';
  const columns: readonly Column<Delivery>[] = [
    {
      id: 'state',
      head: 'State',
      cell: ({ delivery: { state } }) => (
        <span className={`tag ${DELIVERY_ASPECTS[state] ?? ''}`}>{state}</span>
      ),
    },
    {
      id: 'alert',
      head: 'Alert',
      className: 'clip cut',
      cell: ({ alert }) => <Foreign text={alert.title} charactersMax={120} />,
    },
    {
      id: 'channel',
      head: 'Channel',
      className: 'wide quiet clip',
      cell: ({ delivery }) => <Foreign text={nameOf(delivery.channel_id)} charactersMax={40} />,
    },
    {
      id: 'said',
      head: 'What hindered it',
      className: 'wide quiet quality-message',
      cell: ({ delivery: { error } }) =>
        error === null ? '' : <Foreign text={error} charactersMax={160} />,
    },
    {
      id: 'attempts',
      head: 'Attempts',
      className: 'num wide middle quiet',
      cell: ({ delivery: { attempts } }) => formatCount(attempts),
    },
    {
      id: 'at',
      head: 'Raised',
      className: 'num quiet',
      cell: ({ alert }) => <Time ms={parseTimeMs(alert.raised_at)} ago />,
    },
  ];
  return (
    <section className="panel" aria-label="Recent deliveries">
      <header>
        <h2>Recent deliveries</h2>
      </header>
      <DataTable
        what="The deliveries"
        columns={columns}
        rows={alerts.data?.flatMap((alert) =>
          alert.deliveries.map((delivery) => ({ alert, delivery })),
        )}
        rowKey={({ delivery }) => delivery.id}
        error={alerts.error}
        empty={<EmptyState title="No alert was sent yet" />}
      />
    </section>
  );
}
