import type { CHANNEL_KINDS, MAIL_SECURITIES } from '../../../../src/model/alert.ts';
import type { AlertKind, Severity } from '../../../../src/model/alert.ts';
import type { AlertChannel, ChannelEdit } from '../../client/settings.ts';

/** A channel while it is written. Secrets of one that exists are empty, and stay as they are when left so. */
export interface ChannelForm {
  readonly name: string;
  readonly enabled: boolean;
  readonly kind: (typeof CHANNEL_KINDS)[number];
  /** Empty: all. */
  readonly kinds: readonly AlertKind[];
  readonly severityMin: Severity;
  readonly url: string;
  readonly host: string;
  readonly port: number | null;
  readonly security: (typeof MAIL_SECURITIES)[number];
  readonly username: string;
  readonly password: string;
  readonly from: string;
  readonly to: readonly string[];
}

export const NEW_CHANNEL: ChannelForm = {
  name: '',
  enabled: true,
  kind: 'webhook',
  kinds: [],
  severityMin: 'medium',
  url: '',
  host: '',
  port: 587,
  security: 'starttls',
  username: '',
  password: '',
  from: '',
  to: [],
};

export function channelFormOf(channel: AlertChannel): ChannelForm {
  const { name, enabled, kind, kinds, severity_min: severityMin, email } = channel;
  return { ...NEW_CHANNEL, name, enabled, kind, kinds, severityMin, ...email };
}

export function editOf(form: ChannelForm): ChannelEdit {
  const { name, enabled, kinds, severityMin } = form;
  return { name: name.trim(), enabled, kinds, severity_min: severityMin, target: targetOf(form) };
}

function targetOf(form: ChannelForm): ChannelEdit['target'] {
  const { kind, url, password, port, host, security, username, from } = form;
  if (kind !== 'email') return { kind, ...(url.trim() === '' ? {} : { url: url.trim() }) };
  return {
    kind,
    host: host.trim(),
    ...(port === null ? {} : { port }),
    security,
    username: username.trim(),
    ...(password === '' ? {} : { password }),
    from: from.trim(),
    to: form.to.map((line) => line.trim()).filter((line) => line !== ''),
  };
}

/** Whether enough is filled in to send it; `isNew` ones need their address. */
export function isChannelReady(form: ChannelForm, isNew: boolean): boolean {
  if (form.name.trim() === '') return false;
  if (form.kind !== 'email') return !isNew || form.url.trim() !== '';
  const isAddressed = form.to.some((line) => line.trim() !== '');
  return form.host.trim() !== '' && form.from.trim() !== '' && isAddressed;
}
