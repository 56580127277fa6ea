import { randomBytes } from 'node:crypto';

import type { Clock } from '../../base/clock.ts';
import { randomId, type NewId } from '../../base/random-id.ts';
import { AppError } from '../../errors.ts';
import { isAtLeast, type ChannelTarget } from '../../model/alert.ts';
import type { Alert, AlertChannel, AlertStore } from '../../storage/alert-store.ts';
import type { Actor, AuditEntry } from '../../storage/audit-log.ts';
import { sendAlert } from './send-alert.ts';
import type { SendOutcome } from './send-outcome.ts';

export type NewAlert = Omit<Alert, 'id' | 'raisedAtMs'>;

/** What a person says of a channel; secrets that are left out stay as they are, or are made up. */
export interface ChannelEdit extends Pick<
  AlertChannel,
  'name' | 'enabled' | 'kinds' | 'severityMin'
> {
  readonly target: TargetEdit;
}

export type TargetEdit =
  | {
      readonly kind: 'webhook';
      readonly url?: string | undefined;
      readonly secret?: string | undefined;
    }
  | { readonly kind: 'slack'; readonly url?: string | undefined }
  | (Omit<Extract<ChannelTarget, { kind: 'email' }>, 'password'> & {
      readonly password?: string | undefined;
    });

/** Raises alerts, and keeps the channels that they go to. */
export interface AlertDesk {
  /**
   * Writes the alert and puts it into the outbox of every channel that takes it, once for its key: resolves to false
   * when it was raised before. Throws `OVERLOADED` while the outbox is full; whoever raises tries again.
   */
  raise(alert: NewAlert): Promise<boolean>;

  listChannels(project: string): Promise<readonly AlertChannel[]>;
  /** Throws `NOT_FOUND`. */
  getChannel(project: string, id: string): Promise<AlertChannel>;
  /** Throws `CONFLICT` when the name is taken, `VALIDATION_ERROR` when there are too many or a secret is missing. */
  createChannel(project: string, edit: ChannelEdit, actor: Actor): Promise<AlertChannel>;
  replaceChannel(
    project: string,
    id: string,
    edit: ChannelEdit,
    actor: Actor,
  ): Promise<AlertChannel>;
  removeChannel(project: string, id: string, actor: Actor): Promise<void>;

  /** Sends a test alert at once, past the outbox. */
  test(project: string, id: string, actor: Actor): Promise<SendOutcome>;
}

export interface AlertDeskOptions {
  readonly alerts: AlertStore;
  readonly clock: Clock;
  readonly newId?: NewId;
  readonly timeoutMs: number;
  /** Called when something was put into the outbox. */
  readonly onRaised: () => void;
}

const CHANNELS_MAX = 50;
const PENDING_MAX = 10_000;

export function createAlertDesk(options: AlertDeskOptions): AlertDesk {
  const { alerts, clock, onRaised, newId = randomId } = options;
  return {
    async raise(alert) {
      if ((await alerts.countPending()) >= PENDING_MAX) {
        throw new AppError(
          'OVERLOADED',
          `${PENDING_MAX} alerts wait to be delivered; mend or disable the channels that fail`,
        );
      }
      const channels = (await alerts.listChannels(alert.project)).filter((channel) =>
        takes(channel, alert),
      );
      const raised = await alerts.raise(
        { ...alert, id: newId('alr'), raisedAtMs: clock.now() },
        channels.map(({ id }) => ({ id: newId('dlv'), channelId: id })),
      );
      if (raised && channels.length > 0) onRaised();
      return raised;
    },
    ...channelDesk(options),
  };
}

export function takes(
  channel: AlertChannel,
  { kind, severity }: Pick<Alert, 'kind' | 'severity'>,
): boolean {
  return (
    channel.enabled &&
    isAtLeast(severity, channel.severityMin) &&
    (channel.kinds.length === 0 || channel.kinds.includes(kind))
  );
}

function channelDesk({
  alerts,
  clock,
  newId = randomId,
  timeoutMs,
}: AlertDeskOptions): Omit<AlertDesk, 'raise'> {
  const getChannel: AlertDesk['getChannel'] = async (project, id) => {
    const channel = await alerts.getChannel(project, id);
    if (channel === undefined) throw new AppError('NOT_FOUND', `there is no channel ${id}`);
    return channel;
  };
  return {
    listChannels: (project) => alerts.listChannels(project),
    getChannel,

    async createChannel(project, edit, actor) {
      if ((await alerts.listChannels(project)).length >= CHANNELS_MAX) {
        throw new AppError('VALIDATION_ERROR', `a project has at most ${CHANNELS_MAX} channels`);
      }
      const nowMs = clock.now();
      const channel: AlertChannel = {
        ...edit,
        id: newId('chn'),
        project,
        target: targetOf(edit.target, undefined),
        createdAtMs: nowMs,
        updatedAtMs: nowMs,
      };
      const entry = entryOf('alert_channel.created', channel, actor, nowMs);
      if (!(await alerts.createChannel(channel, entry))) throw nameTaken(edit.name);
      return channel;
    },

    async replaceChannel(project, id, edit, actor) {
      const before = await getChannel(project, id);
      const nowMs = clock.now();
      const target = targetOf(edit.target, before.target);
      const channel: AlertChannel = { ...before, ...edit, target, updatedAtMs: nowMs };
      const entry = entryOf('alert_channel.changed', channel, actor, nowMs);
      if (!(await alerts.replaceChannel(channel, entry))) throw nameTaken(edit.name);
      return channel;
    },

    async removeChannel(project, id, actor) {
      const channel = await getChannel(project, id);
      const entry = entryOf('alert_channel.removed', channel, actor, clock.now());
      await alerts.removeChannel(project, id, entry);
    },

    async test(project, id, actor) {
      const channel = await getChannel(project, id);
      const nowMs = clock.now();
      const alert = testAlert(channel, actor, { id: newId('alr'), nowMs });
      return sendAlert(alert, channel.target, { deliveryId: newId('dlv'), nowMs, timeoutMs });
    },
  };
}

/** Also another's name: the channel itself was there a moment ago. */
function nameTaken(name: string): AppError {
  return new AppError(
    'CONFLICT',
    `there is a channel named "${name}" already; choose another name`,
  );
}

function targetOf(edit: TargetEdit, before: ChannelTarget | undefined): ChannelTarget {
  switch (edit.kind) {
    case 'webhook': {
      const kept = before?.kind === 'webhook' ? before : undefined;
      const secret = edit.secret ?? kept?.secret ?? `whsec_${randomBytes(32).toString('base64')}`;
      return { kind: 'webhook', url: required('url', edit.url ?? kept?.url), secret };
    }
    case 'slack': {
      const kept = before?.kind === 'slack' ? before.url : undefined;
      return { kind: 'slack', url: required('url', edit.url ?? kept) };
    }
    case 'email': {
      const kept = before?.kind === 'email' ? before : undefined;
      // A password is for one server and one name; sent elsewhere it would be given away.
      const same = kept?.host === edit.host && kept.username === edit.username;
      const password =
        edit.username === '' ? '' : (edit.password ?? (same ? kept.password : undefined));
      return { ...edit, password: required('password', password) };
    }
  }
}

function required(name: string, value: string | undefined): string {
  if (value !== undefined) return value;
  throw new AppError('VALIDATION_ERROR', `the target needs its ${name}`);
}

/** Secrets stay out of the audit log, too. */
function entryOf(action: string, channel: AlertChannel, actor: Actor, atMs: number): AuditEntry {
  const { name, enabled, kinds, severityMin, target } = channel;
  return {
    project: channel.project,
    atMs,
    actor,
    action,
    target: { kind: 'alert_channel', id: channel.id },
    reason: null,
    detail: { name, enabled, kinds: [...kinds], severity_min: severityMin, kind: target.kind },
  };
}

function testAlert(
  channel: AlertChannel,
  actor: Actor,
  { id, nowMs }: { id: string; nowMs: number },
): Alert {
  return {
    id,
    project: channel.project,
    key: `test:${id}`,
    kind: 'test',
    severity: channel.severityMin,
    subject: { kind: 'alert_channel', id: channel.id, name: channel.name },
    title: 'A test of this channel',
    text: `${actor.name} tries whether alerts of Signalbox arrive at "${channel.name}". They do.`,
    detail: {},
    raisedAtMs: nowMs,
  };
}
