import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { ALERT_KINDS, MAIL_SECURITIES, SEVERITIES } from '../../../../src/model/alert.ts';
import { read } from '../../client/call.ts';
import type { AlertChannel } from '../../client/settings.ts';
import { FormDialog, TextField } from '../../parts/FormDialog.tsx';
import { CheckField, LinesField, NumberField, SelectField } from '../../parts/fields.tsx';
import { say } from '../../parts/Toasts.tsx';
import { NEW_CHANNEL, channelFormOf, editOf, isChannelReady } from './channel-form.ts';
import type { ChannelForm } from './channel-form.ts';

interface FormProps {
  readonly form: ChannelForm;
  readonly onChange: (change: Partial<ChannelForm>) => void;
  readonly isNew: boolean;
}

/** Makes a channel, or changes one. Tells of the signing key of a new webhook, which is shown this once. */
export function ChannelDialog(props: {
  readonly channel: AlertChannel | undefined;
  readonly onClose: () => void;
  readonly onSecret: (made: { readonly name: string; readonly secret: string }) => void;
}) {
  const { channel, onClose } = props;
  const [form, setForm] = useState(channel === undefined ? NEW_CHANNEL : channelFormOf(channel));
  const isNew = channel === undefined;
  const queries = useQueryClient();
  const save = useMutation({
    mutationFn: async () => {
      const body = editOf(form);
      if (isNew) return (await read('POST /api/v1/alerts/channels', { body })).secret;
      await read('PUT /api/v1/alerts/channels/{id}', { params: { id: channel.id }, body });
      return null;
    },
    onSuccess: (secret) => {
      say(isNew ? 'The channel is made. Send it a test.' : 'Saved.');
      if (secret !== null) props.onSecret({ name: form.name, secret });
      onClose();
    },
    onSettled: () => queries.invalidateQueries({ queryKey: ['alerts', 'channels'] }),
  });
  const fields = {
    form,
    isNew,
    onChange: (change: Partial<ChannelForm>) => setForm({ ...form, ...change }),
  };
  return (
    <FormDialog
      title={isNew ? 'New channel' : `Change ${channel.name}`}
      verb={isNew ? 'Make the channel' : 'Save'}
      ready={isChannelReady(form, isNew)}
      sending={save}
      onSend={() => save.mutate()}
      onClose={onClose}
    >
      <TextField
        label="Name"
        value={form.name}
        first
        onChange={(name) => fields.onChange({ name })}
      />
      <SelectField
        label="Kind"
        value={form.kind}
        options={[
          ['webhook', 'Webhook: JSON, signed as Standard Webhooks do'],
          ['slack', 'Slack, or what takes the same: Mattermost, Rocket.Chat, Discord’s /slack'],
          ['email', 'E-mail'],
        ]}
        onChange={(kind) => fields.onChange({ kind })}
      />
      {form.kind === 'email' ? <MailFields {...fields} /> : <UrlField {...fields} />}
      <WhichAlerts {...fields} />
      <CheckField
        label="On"
        checked={form.enabled}
        onChange={(enabled) => fields.onChange({ enabled })}
      />
    </FormDialog>
  );
}

function UrlField({ form, onChange, isNew }: FormProps) {
  return (
    <TextField
      label="Address"
      value={form.url}
      placeholder={isNew ? 'https://hooks.example.com/…' : 'stays as it is'}
      onChange={(url) => onChange({ url })}
    />
  );
}

const SECURITY_NAMES = {
  tls: 'TLS from the first byte',
  starttls: 'STARTTLS',
  none: 'none: only within this machine',
} as const;

function MailFields({ form, onChange, isNew }: FormProps) {
  return (
    <>
      <div className="field-row">
        <TextField
          label="Mail server"
          value={form.host}
          placeholder="smtp.example.com"
          onChange={(host) => onChange({ host })}
        />
        <NumberField
          label="Port"
          value={form.port}
          least={1}
          most={65_535}
          onChange={(port) => onChange({ port })}
        />
      </div>
      <SelectField
        label="Encryption"
        value={form.security}
        options={MAIL_SECURITIES.map((one) => [one, SECURITY_NAMES[one]] as const)}
        onChange={(security) => onChange({ security })}
      />
      <div className="field-row">
        <TextField
          label="Username (optional)"
          value={form.username}
          onChange={(username) => onChange({ username })}
        />
        <TextField
          label="Password"
          type="password"
          value={form.password}
          placeholder={isNew ? '' : 'stays as it is'}
          onChange={(password) => onChange({ password })}
        />
      </div>
      <TextField
        label="From"
        value={form.from}
        placeholder="Signalbox <signalbox@example.com>"
        onChange={(from) => onChange({ from })}
      />
      <LinesField
        label="To, one address a line"
        lines={form.to}
        rows={2}
        onChange={(to) => onChange({ to })}
      />
    </>
  );
}

const KIND_NAMES = { budget: 'budgets', anomaly: 'anomalies', risk: 'risk' } as const;

function WhichAlerts({ form, onChange }: FormProps) {
  const kinds = ALERT_KINDS.filter((kind) => kind !== 'test');
  const chosen = form.kinds.length === 0 ? kinds : form.kinds;
  return (
    <div className="field-row">
      <fieldset className="channel-kinds">
        <legend>Alerts about</legend>
        {kinds.map((kind) => (
          <CheckField
            key={kind}
            label={KIND_NAMES[kind]}
            checked={chosen.includes(kind)}
            onChange={(checked) => {
              const next = kinds.filter((one) => (one === kind ? checked : chosen.includes(one)));
              if (next.length > 0) onChange({ kinds: next.length === kinds.length ? [] : next });
            }}
          />
        ))}
      </fieldset>
      <SelectField
        label="From severity"
        value={form.severityMin}
        options={SEVERITIES.map((one) => [one, one] as const)}
        onChange={(severityMin) => onChange({ severityMin })}
      />
    </div>
  );
}
